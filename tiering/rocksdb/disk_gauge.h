// How much the engine's files and buffers take, and whether there is room for more. Read by the main thread (atomics
// only), refreshed by the cleaner, asked for admission by the writer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace rocksdb {
class Cache;
class DB;
}  // namespace rocksdb

namespace tidemark::tiering {

class DiskGauge {
 public:
  // 0 for no limit.
  explicit DiskGauge(uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // Asks RocksDB, which takes its mutex: not for the main thread. `cache` may be null.
  void Refresh(::rocksdb::DB& db, const ::rocksdb::Cache* cache);

  // Writer: whether a record of this size may be written; counts it until the next Refresh if so.
  bool Admit(uint64_t bytes);

  // Full by tier-max-size until it has fallen a twentieth below, or by the device until set_device_full(false).
  bool full() const {
    return over_limit_.load(std::memory_order_relaxed) || device_full_.load(std::memory_order_relaxed);
  }
  bool device_full() const { return device_full_.load(std::memory_order_relaxed); }
  void set_device_full(bool full) { device_full_.store(full, std::memory_order_relaxed); }

  uint64_t max_bytes() const { return max_bytes_.load(std::memory_order_relaxed); }
  // 0 for no limit.
  void set_max_bytes(uint64_t max_bytes);
  uint64_t file_bytes() const { return file_bytes_.load(std::memory_order_relaxed); }
  uint64_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }
  uint64_t host_bytes_written() const { return host_bytes_written_.load(std::memory_order_relaxed); }
  uint64_t host_bytes_read() const { return host_bytes_read_.load(std::memory_order_relaxed); }
  void AddHostBytesRead(uint64_t bytes) { host_bytes_read_.fetch_add(bytes, std::memory_order_relaxed); }
  void AddHostBytesWritten(uint64_t bytes) { host_bytes_written_.fetch_add(bytes, std::memory_order_relaxed); }

 private:
  void JudgeLimit(uint64_t incoming_bytes);

  std::atomic<uint64_t> max_bytes_;
  std::mutex mutex_;             // between Refresh (cleaner, RocksDB's compaction thread) and Admit
  uint64_t known_bytes_ = 0;     // files and memtables at the last Refresh
  uint64_t admitted_bytes_ = 0;  // since then
  std::atomic<bool> over_limit_ = false;
  std::atomic<bool> device_full_ = false;
  std::atomic<uint64_t> file_bytes_ = 0;
  std::atomic<uint64_t> memory_bytes_ = 0;
  std::atomic<uint64_t> host_bytes_read_ = 0;
  std::atomic<uint64_t> host_bytes_written_ = 0;
};

}  // namespace tidemark::tiering
