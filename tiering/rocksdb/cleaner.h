// Gives dead space back to the file system. RocksDB would do it when it happens to compact; this thread sees to it that
// it happens: once enough is dead, it flushes, compacts the tree downwards so that deletes meet what they delete (which
// frees blob files that hold nothing live), and then has the survivors of the sparsest tables moved to new blob files.
// Compaction outside of a pass never touches values, so that ascending ids are written once.
//
// It also does the engine's housekeeping between passes: refreshing the gauge, resuming RocksDB after an error.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <thread>

#include "tiering/rocksdb/disk_gauge.h"
#include "tiering/rocksdb/record_writer.h"
#include "tiering/rocksdb/space_map.h"

namespace rocksdb {
class Cache;
class DB;
}  // namespace rocksdb

namespace tidemark::tiering {

class Cleaner {
 public:
  struct Options {
    int nice_increment = 0;
  };

  Cleaner(::rocksdb::DB& db, const ::rocksdb::Cache& cache, SpaceMap& space, DiskGauge& gauge,
          const RecordWriter& writer, Options options);
  ~Cleaner();

  // Main thread. A pass that leaves next to nothing dead, as soon as no pin is held.
  void RequestPass();
  // Main thread. What a pin holds cannot be cleaned, so passes wait for the last one to go.
  void AddPin() { pins_.fetch_add(1, std::memory_order_relaxed); }
  void RemovePin() { pins_.fetch_sub(1, std::memory_order_relaxed); }

  // Any thread. A pass is under way.
  bool working() const { return working_.load(std::memory_order_relaxed); }
  // Any thread. Tables whose surviving values were moved to new files, and about how many bytes those were; tables that
  // were found damaged then.
  uint64_t tables_cleaned() const { return tables_cleaned_.load(std::memory_order_relaxed); }
  uint64_t moved_bytes() const { return moved_bytes_.load(std::memory_order_relaxed); }
  uint64_t damaged_tables() const { return damaged_tables_.load(std::memory_order_relaxed); }

  // Abandons the pass under way and joins the thread.
  void Stop();

 private:
  struct Thoroughness {
    double start_fraction;  // of the files' bytes that must be dead for a pass to begin
    double table_fraction;  // of a table's values that must be dead for its survivors to be moved
    double stop_fraction;   // of the files' bytes that may stay dead
  };

  void Run();
  void Tick();
  Thoroughness ChooseThoroughness(int64_t now_us) const;
  double DeadBytes() const;
  void Pass(const Thoroughness& thoroughness);
  bool CompactDown();
  void MoveSurvivors(const Thoroughness& thoroughness);

  ::rocksdb::DB& db_;
  const ::rocksdb::Cache& cache_;
  SpaceMap& space_;
  DiskGauge& gauge_;
  const RecordWriter& writer_;
  const Options options_;

  std::atomic<int> pins_ = 0;
  std::atomic<bool> working_ = false;
  std::atomic<uint64_t> tables_cleaned_ = 0;
  std::atomic<uint64_t> moved_bytes_ = 0;
  std::atomic<uint64_t> damaged_tables_ = 0;
  std::atomic<bool> stopping_ = false;  // also RocksDB's sign to abandon a compaction
  std::mutex mutex_;
  std::condition_variable wake_;
  bool pass_requested_ = false;

  // Cleaner thread only.
  uint64_t seen_batches_ = 0;
  int64_t last_write_us_ = 0;
  int64_t next_pass_us_ = 0;
  std::set<uint64_t> unreadable_tables_;  // file numbers whose values could not be moved; not tried again
  std::thread thread_;
};

}  // namespace tidemark::tiering
