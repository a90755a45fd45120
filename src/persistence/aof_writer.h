// The increment that is being written: what gathers, what has been handed to the system, and what is on stable storage.
// Main thread; the thread it is given does the syncing of everysec.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/background_worker.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "persistence/latency_sink.h"
#include "persistence/persistence_options.h"

namespace tidemark::persistence {

class AofWriter {
 public:
  AofWriter(const PersistenceOptions& options, BackgroundWorker& worker, const Clock& clock, LatencySink& latency,
            Logger& log)
      : options_(options), worker_(worker), clock_(clock), latency_(latency), log_(log) {}
  ~AofWriter() { Close(); }
  AofWriter(const AofWriter&) = delete;
  AofWriter& operator=(const AofWriter&) = delete;

  // Goes on behind what is in the file, which is made if it is missing. What was open before is synced and closed in
  // the background. The messages of all errors are the system's words for them.
  Status Open(const std::string& path);
  // Syncs what has been written, closes the file in the background, and forgets what could not be written.
  void Close();
  bool is_open() const { return fd_ >= 0; }

  // Takes a row of commands; where that costs nothing it leaves a string in its place, whose memory may serve again.
  void Append(std::string&& stream);
  // Writes what has gathered, and syncs it as appendfsync says. Under everysec, while the thread still syncs, the
  // writing waits for it for up to two seconds and 8 MB, unless `force` is set. Under always an error ends the process:
  // what clients are about to be told would not be true. Otherwise what could not be written is kept, and tried again.
  enum class Force : uint8_t { kNo, kYes };
  void Write(Force force = Force::kNo);
  // Writes and syncs everything, waiting for it.
  Status Sync();
  // Now and then: what waits for its time.
  void Cron();
  // A child writes a file: no-appendfsync-on-rewrite looks at this.
  void set_child_writes(bool writes) { child_writes_ = writes; }

  // Why the last write or sync failed, in the system's words; ok if it did not.
  Status status() const;
  uint64_t file_bytes() const { return file_bytes_; }
  uint64_t buffered_bytes() const { return buffer_.size(); }
  uint64_t buffer_memory_bytes() const { return buffer_.capacity(); }
  uint64_t pending_syncs() const { return shared_->syncing.load(std::memory_order_relaxed) ? 1 : 0; }
  // Times that a write waited for a sync in vain.
  uint64_t delayed_syncs() const { return delayed_syncs_; }
  void ResetStats() { delayed_syncs_ = 0; }

 private:
  static constexpr int64_t kSyncEveryUs = 1'000'000;
  static constexpr int64_t kMaxPostponedUs = 2'000'000;
  static constexpr size_t kMaxPostponedBytes = 8 << 20;
  static constexpr int64_t kComplainEveryUs = 30'000'000;
  static constexpr size_t kKeptCapacity = 64 * 1024;

  // What the thread and this one both know.
  struct Shared {
    std::atomic<bool> syncing = false;
    std::atomic<int> error = 0;  // of the last sync by the thread
  };

  bool Postponed();
  // The system's write: how many bytes of the buffer it took.
  size_t HandOver();
  void SyncAsConfigured();
  void SyncInBackground();
  void FailWrite(int error, uint64_t missing);

  const PersistenceOptions& options_;
  BackgroundWorker& worker_;
  const Clock& clock_;
  LatencySink& latency_;
  Logger& log_;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  int fd_ = -1;
  std::string path_;
  std::string buffer_;
  uint64_t file_bytes_ = 0;
  uint64_t synced_bytes_ = 0;  // of those, what a sync was asked for
  bool child_writes_ = false;
  int64_t last_sync_us_ = 0;
  int64_t postponed_since_us_ = 0;  // 0: is not
  int64_t next_complaint_us_ = 0;
  int64_t last_timestamp_ = 0;
  Status write_status_;
  uint64_t delayed_syncs_ = 0;
};

}  // namespace tidemark::persistence
