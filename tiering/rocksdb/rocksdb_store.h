// The flash store on RocksDB: records in blob files under ascending ids, no write-ahead log, one writing thread, a few
// reading ones, one that cleans. What lies on disk: FORMAT.md.
//
// Owned and called by the main thread. Invariants:
//   - a record is in `pending_` from SubmitWrites until its completion has been reaped, and reads in that time are
//     answered from there;
//   - `account_` counts what has been submitted and neither freed, cleared nor refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/status.h"
#include "tiering/class_account.h"
#include "tiering/flash_store.h"
#include "tiering/rocksdb/record_codec.h"
#include "tiering/tier_directory.h"

namespace rocksdb {
class Cache;
class DB;
class Env;
class Snapshot;
}  // namespace rocksdb

namespace tidemark::tiering {

class Cleaner;
class CompletionQueue;
class DiskGauge;
class RecordReader;
class RecordWriter;
class SpaceMap;
class WriteBudget;
struct PendingWrite;

struct RocksDbStoreOptions {
  std::string dir;
  std::string manifest = {};  // its path, that of the one that names checkpoints, if any does: none of this engine's
  uint64_t max_bytes = 0;     // tier-max-size, 0 for no limit
  int io_threads = 2;         // that read
  // Sizes RocksDB: half for memtables, an eighth for the block cache, the rest for open files and buffers. The process
  // grows by this and 10 to 15 MiB more at most.
  size_t memory_budget_bytes = size_t{16} << 20;
  Compression compression = Compression::kSnappy;
  uint64_t write_budget_bytes_per_second = 0;  // tier-write-budget, 0 for no limit
  // The main thread goes before all of them: clients whose data is in RAM wait for it alone.
  int writer_nice = 5;
  int reader_nice = 10;
  int cleaner_nice = 10;
  ::rocksdb::Env* env = nullptr;  // for tests that inject faults; not owned
};

class RocksDbStore final : public FlashStore {
 public:
  // Empties the directory, if it is ours. `notices` are for the log.
  static Result<std::unique_ptr<RocksDbStore>> Open(const RocksDbStoreOptions& options,
                                                    std::vector<std::string>* notices = nullptr);
  ~RocksDbStore() override;

  const char* name() const override { return "rocksdb"; }
  bool enabled() const override { return true; }
  Room room() const override;
  void Tune(const StoreTuning& tuning) override;
  std::vector<Locator> SubmitWrites(std::vector<FlashRecord> records) override;
  void SubmitReads(std::span<const Locator> locators, ReadPriority priority) override;
  Result<FlashRecord> ReadNow(Locator locator) override;
  void Free(std::span<const Locator> locators) override;
  void Clear() override;
  PinToken Pin() override;
  void Unpin(PinToken token) override;
  std::unique_ptr<ForkedReader> PrepareFork(PinToken pin) override;
  Status Sync() override;
  void Compact() override;
  int completion_fd() const override;
  size_t Reap(std::vector<FlashCompletion>& out, size_t max) override;
  FlashStats Stats() const override;

 private:
  RocksDbStore();
  void FinishWrite(const FlashCompletion& completion);
  void CountRead(const Status& status);

  std::unique_ptr<TierDirectory> directory_;  // first: goes last
  std::shared_ptr<::rocksdb::Cache> cache_;
  std::shared_ptr<WriteBudget> write_budget_;
  std::unique_ptr<SpaceMap> space_;
  std::unique_ptr<DiskGauge> gauge_;
  std::unique_ptr<CompletionQueue> completions_;
  std::unique_ptr<::rocksdb::DB> db_;
  std::unique_ptr<RecordWriter> writer_;
  std::unique_ptr<RecordReader> reader_;
  std::unique_ptr<Cleaner> cleaner_;

  uint64_t last_id_ = 0;
  uint64_t cleared_through_ = 0;
  std::unordered_map<uint64_t, std::shared_ptr<PendingWrite>> pending_;  // by Locator::raw
  std::map<PinToken, const ::rocksdb::Snapshot*> pins_;                  // oldest first
  PinToken last_pin_ = 0;
  ClassAccount account_;
  FlashStats counters_;
};

}  // namespace tidemark::tiering
