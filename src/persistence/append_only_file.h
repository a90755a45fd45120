// The append-only file of a living server: when it is on, what is appended where, and the turns of its files around a
// rewrite. Who forks the child that writes a base is not its business. Main thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/background_worker.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "persistence/aof_directory.h"
#include "persistence/aof_writer.h"
#include "persistence/persistence_figures.h"
#include "persistence/persistence_options.h"

namespace tidemark::persistence {

// Where the stream of effects comes from.
class EffectSource {
 public:
  virtual ~EffectSource() = default;
  // Whether the stream is to be gathered. What had gathered is dropped.
  virtual void WantEffects(bool wanted) = 0;
  // Hands over what has gathered.
  virtual void DeliverEffects() = 0;
  // What comes next is the beginning of a file.
  virtual void RestartEffects() = 0;
};

class AppendOnlyFile {
 public:
  // kWaitingForBase: turned on; what changes is appended to a file that counts once the first base is there.
  enum class State : uint8_t { kOff, kWaitingForBase, kOn };

  AppendOnlyFile(const PersistenceOptions& options, EffectSource& source, const Clock& clock, LatencySink& latency,
                 Logger& log);

  State state() const { return state_; }
  AofDirectory& directory() { return directory_; }
  const AofDirectory& directory() const { return directory_; }
  // The directory has been read, and loaded if there was something in it. With a base in place goes on with the last
  // increment; without one a base is wanted first: AdoptBase.
  Status GoOn();
  // A base file that holds the data set as it is: it replaces what was there, and a new increment follows.
  Status AdoptBase(const std::string& temporary, formats::AofBaseForm form);

  // CONFIG SET appendonly yes and no. After the first a rewrite is due.
  Status TurnOn();
  void TurnOff();

  // The next three for each rewrite. Before the fork: what was appended so far is in a file that is done with.
  Status BeginRewrite();
  // The child has written its base into `temporary`, a file in the directory.
  Status EndRewrite(const std::string& temporary, formats::AofBaseForm form);
  void FailRewrite();
  // A child writes a file: a rewrite's, or a snapshot.
  void set_child_writes(bool writes) { writer_.set_child_writes(writes); }
  // The growth since the last base asks for a rewrite; the answer is the growth in percent, 0 if not.
  int64_t GrowthThatAsksForRewrite() const;
  // So many rewrites have failed one after the other that the next has to wait.
  bool RewriteHasToWait();

  // What rewrites leave behind is deleted, unless aof-disable-auto-gc is on.
  void DeleteHistory() {
    if (state_ == State::kOn) directory_.DeleteHistory();
  }

  void OnEffects(std::string&& stream);
  void Cron();
  // Everything is on stable storage.
  Status Sync();
  // Why the server had better not be written to; ok if nothing is wrong.
  Status status() const { return state_ == State::kOff ? Status::Ok() : writer_.status(); }

  void AddFigures(AofFigures& figures) const;
  void ResetStats() { writer_.ResetStats(); }

 private:
  static constexpr int kFailuresBeforeWait = 3;
  static constexpr int64_t kLongestWaitMinutes = 60;

  std::string TemporaryIncrement() const;
  Status OpenNextIncrement();
  uint64_t CurrentBytes() const { return closed_bytes_ + writer_.file_bytes(); }

  const PersistenceOptions& options_;
  EffectSource& source_;
  const Clock& clock_;
  Logger& log_;
  BackgroundWorker worker_;
  AofDirectory directory_;
  AofWriter writer_;
  State state_ = State::kOff;
  uint64_t closed_bytes_ = 0;  // of the manifest's files but for the one that is written
  uint64_t base_bytes_ = 0;    // of everything when the last base was made, or at start
  uint64_t rewrites_ = 0;
  int failures_ = 0;  // since the last that went well
  int64_t wait_until_seconds_ = 0;
};

}  // namespace tidemark::persistence
