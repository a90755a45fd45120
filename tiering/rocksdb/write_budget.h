// tier-write-budget as RocksDB asks for it: a rate limiter that can be changed and turned off while flushes and
// compactions wait for it. Any thread.
#pragma once

#include <rocksdb/rate_limiter.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace tidemark::tiering {

class WriteBudget final : public ::rocksdb::RateLimiter {
 public:
  // Bytes per second, 0 for no bound.
  explicit WriteBudget(uint64_t bytes_per_second) { Set(bytes_per_second); }

  // Who waits goes on at once. What an earlier budget had saved up is forgotten.
  void Set(uint64_t bytes_per_second);

  // Somebody waits for it.
  bool reached() const { return waiting_.load(std::memory_order_relaxed) > 0; }

  // ::rocksdb::RateLimiter
  void SetBytesPerSecond(int64_t bytes_per_second) override { Set(static_cast<uint64_t>(bytes_per_second)); }
  void Request(int64_t bytes, ::rocksdb::Env::IOPriority priority, ::rocksdb::Statistics* statistics) override;
  int64_t GetSingleBurstBytes() const override;
  int64_t GetTotalBytesThrough(::rocksdb::Env::IOPriority priority) const override;
  int64_t GetTotalRequests(::rocksdb::Env::IOPriority priority) const override;
  int64_t GetBytesPerSecond() const override;

 private:
  std::shared_ptr<::rocksdb::RateLimiter> Current() const {
    std::lock_guard lock(mutex_);
    return limiter_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<::rocksdb::RateLimiter> limiter_;  // null: no bound
  std::atomic<int> waiting_ = 0;
};

}  // namespace tidemark::tiering
