// Snapshots of the data set, and their loading: SAVE, BGSAVE and the save points; what a start, a reload and the end of
// the server do with the RDB file; what INFO tells of all that. Main thread; BGSAVE's work is done by a forked child.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "commands/services.h"
#include "keyspace/keyspace.h"
#include "persistence/persistence_figures.h"
#include "persistence/persistence_options.h"
#include "persistence/rdb_load.h"
#include "persistence/rdb_save.h"
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
  Logger& log;
};

class Persistence final : public commands::PersistenceControl {
 public:
  explicit Persistence(const PersistenceParts& parts);
  // Ends a save in the background.
  ~Persistence() override;

  // commands::PersistenceControl
  Status Save() override;
  Result<commands::BackgroundSave> SaveInBackground(commands::SaveWhen when) override;
  int64_t last_save_unix_seconds() const override { return last_save_unix_seconds_; }
  Status Reload(const commands::ReloadRequest& request) override;
  void OnFlushAll() override;

  // Loads the file, if there is one. kUnavailable if the host has ended it; other errors say what is wrong with it.
  Status LoadAtStart();
  // Every turn: takes in a child that has ended, starts the saves that are due.
  void Cron();
  // The server ends. Saves as `request` says, or as the save points do; an error if that fails, unless it is forced.
  Status SaveAtEnd(const commands::ShutdownRequest& request);
  // Clients had better not write: the last save in the background failed, and save points rely on it.
  bool RefusesWrites() const {
    return options().stop_writes_on_error && !options().save_points.empty() && !last_save_ok_;
  }
  // Changes to the data set that no file has yet.
  uint64_t changes_since_save() const { return parts_.keyspace.stats().dirty - saved_through_; }

  PersistenceFigures Figures() const;
  // Counters of INFO that CONFIG RESETSTAT sets to zero.
  void ResetStats();

 private:
  static constexpr int64_t kCronUs = 100'000;
  static constexpr int64_t kRetrySeconds = 5;

  const PersistenceOptions& options() const { return parts_.options; }
  SaveRequest MakeRequest() const;
  // The message of an error is the whole error reply; the log has the reason.
  Status SaveInForeground();
  Status StartChild();
  void TakeInChild(const ChildEnd& end);
  void KillChild();
  void SaveIfDue();
  Status Load(SameKey same_key);
  void NoteSaved(uint64_t through);
  void LogCow(const ChildProgress& progress);

  const PersistenceParts parts_;
  std::vector<std::string> functions_;  // sources of libraries that a file brought; written again
  std::unique_ptr<SaveChild> child_;
  bool scheduled_ = false;
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
  uint64_t forks_ = 0;
  int64_t last_fork_us_ = 0;
  uint64_t last_load_keys_ = 0;
  uint64_t last_load_expired_keys_ = 0;
  LoadFigures load_;
};

}  // namespace tidemark::persistence
