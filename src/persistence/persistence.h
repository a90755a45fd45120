// What of the data set outlives the server, and how it comes back: SAVE, BGSAVE and the save points, the append-only
// file and its rewriting; what a start, a reload and the end of the server do with these files; what INFO tells of all
// that. Main thread; what takes long is done by a forked child, one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "commands/services.h"
#include "keyspace/keyspace.h"
#include "persistence/aof_load.h"
#include "persistence/append_only_file.h"
#include "persistence/dataset_walk.h"
#include "persistence/latency_sink.h"
#include "persistence/persistence_figures.h"
#include "persistence/persistence_options.h"
#include "persistence/rdb_load.h"
#include "persistence/save_child.h"
#include "tiering/flash_store.h"

namespace tidemark::persistence {

// What it works with; all outlive it.
struct PersistenceParts {
  keyspace::Keyspace& keyspace;
  tiering::FlashStore& store;
  const Clock& clock;
  MemoryAccount& memory;
  const PersistenceOptions& options;
  LoadHost& load_host;
  CommandRunner& runner;
  EffectSource& effects;
  LatencySink& latency;
  Logger& log;
};

class Persistence final : public commands::PersistenceControl {
 public:
  explicit Persistence(const PersistenceParts& parts);
  // Ends what a child does.
  ~Persistence() override;

  // commands::PersistenceControl
  Status Save() override;
  Result<commands::BackgroundSave> SaveInBackground(commands::SaveWhen when) override;
  int64_t last_save_unix_seconds() const override { return last_save_unix_seconds_; }
  Result<commands::BackgroundSave> RewriteInBackground(commands::SaveWhen when) override;
  Result<commands::BackgroundSave> CheckpointInBackground(commands::SaveWhen when) override;
  Status Reload(const commands::ReloadRequest& request) override;
  Status ReloadAppendOnly() override;
  void OnFlushAll() override;

  // Loads the append-only file if that is on and there is one, otherwise the RDB file, if there is one. kUnavailable if
  // the host has ended it; other errors say what is wrong with it. From then on what changes is appended.
  Status LoadAtStart();
  // The stream of effects, before any reply to it is sent.
  void OnEffects(std::string&& stream) { aof_.OnEffects(std::move(stream)); }
  // CONFIG SET appendonly. The message of an error is the whole error reply.
  Status SetAppendOnly(bool on);
  // CONFIG SET dir. An error while the append-only file is on, which would be torn apart.
  Status AcceptDirectory() const;
  // CONFIG SET aof-disable-auto-gc.
  void OnHistoryChoice() { aof_.DeleteHistory(); }
  // Every turn: takes in a child that has ended, starts the saves that are due.
  void Cron();
  // The server ends. Saves as `request` says, or as the save points do; an error if that fails, unless it is forced.
  Status SaveAtEnd(const commands::ShutdownRequest& request);
  // Clients had better not write: the last save in the background failed, and save points rely on it.
  bool SnapshotsFail() const {
    return options().stop_writes_on_error && !options().save_points.empty() && !last_save_ok_;
  }
  // Or because what they write cannot be appended; ok if it can.
  Status AppendStatus() const { return aof_.status(); }
  // Changes to the data set that no file has yet.
  uint64_t changes_since_save() const { return parts_.keyspace.stats().dirty - saved_through_; }

  PersistenceFigures Figures() const;
  // Counters of INFO that CONFIG RESETSTAT sets to zero.
  void ResetStats();

 private:
  static constexpr int64_t kCronUs = 100'000;
  static constexpr int64_t kRetrySeconds = 5;

  const PersistenceOptions& options() const { return parts_.options; }
  enum class ChildTask : uint8_t { kSnapshot, kAofBase };

  SaveRequest MakeRequest() const;
  // The message of an error is the whole error reply; the log has the reason.
  Status SaveInForeground();
  bool ChildIsAt(ChildTask task) const { return child_ != nullptr && child_task_ == task; }
  // `what` begins the log line about a failure.
  Status StartChild(ChildTask task, const char* what, const SaveChild::Work& work);
  void TakeInChild(const ChildEnd& end);
  void KillChild();
  // The file that a child of that pid writes.
  std::string TemporaryOf(ChildTask task, pid_t pid) const;
  void LogCow(const char* what, const ChildProgress& progress);

  // Whether the flash tier lets a child be forked off without holding up clients for long. If not, its next answer is a
  // second later.
  bool MayFork();
  // An error, and scheduled_ is set, if it is put off; the same of StartRewrite and rewrite_scheduled_.
  Status StartSnapshot();
  void TakeInSnapshot(pid_t pid, const ChildEnd& end);
  bool SaveIfDue();
  void NoteSaved(uint64_t through);

  // The append-only file: persistence_aof.cc.
  formats::AofBaseForm BaseForm() const;
  Status StartRewrite();
  void TakeInRewrite(pid_t pid, const ChildEnd& end);
  // A rewrite whose base is in `temporary` has ended well, or not: who makes room for what.
  void EndCheckpoint(bool landed);
  bool RewriteIfDue();
  // What only the last checkpoint keeps on flash has become too much.
  bool CheckpointIsDue() const;
  Status EndAppending(const commands::ShutdownRequest& request);
  Status LoadAof();
  Status WriteBaseInForeground();
  std::string TemporaryBase(pid_t pid) const;

  Status LoadRdb(SameKey same_key);
  void BeginLoad(uint64_t total_bytes);
  void EndLoad(LoadResult result, int64_t start_us, const char* from);

  const PersistenceParts parts_;
  std::vector<std::string> functions_;  // sources of libraries that a file brought; written again
  AppendOnlyFile aof_;
  std::unique_ptr<SaveChild> child_;
  ChildTask child_task_ = ChildTask::kSnapshot;
  bool scheduled_ = false;
  bool rewrite_scheduled_ = false;
  bool fork_waits_ = false;  // for the flash tier
  int64_t next_fork_us_ = 0;
  int64_t next_cron_us_ = 0;

  uint64_t saved_through_ = 0;  // of KeyspaceStats::dirty
  uint64_t child_through_ = 0;
  uint64_t child_keys_total_ = 0;
  int64_t child_started_seconds_ = 0;
  int64_t last_try_seconds_ = 0;
  int64_t last_save_unix_seconds_ = 0;
  bool last_save_ok_ = true;
  int64_t last_duration_seconds_ = -1;
  uint64_t saves_ = 0;
  uint64_t last_cow_bytes_ = 0;
  formats::AofBaseForm rewrite_form_ = formats::AofBaseForm::kRdb;
  std::optional<tiering::StoreCheckpoint> checkpoint_;  // that is being made
  bool last_rewrite_ok_ = true;
  int64_t last_rewrite_seconds_ = -1;
  int64_t rewrite_retry_seconds_ = 0;  // not before
  uint64_t last_rewrite_cow_bytes_ = 0;
  uint64_t forks_ = 0;
  int64_t last_fork_us_ = 0;
  uint64_t last_load_keys_ = 0;
  uint64_t last_load_expired_keys_ = 0;
  LoadFigures load_;
};

}  // namespace tidemark::persistence
