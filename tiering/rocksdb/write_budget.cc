#include "tiering/rocksdb/write_budget.h"

#include <algorithm>
#include <utility>

namespace tidemark::tiering {
namespace {

// More would overflow where RocksDB counts in bytes per microsecond.
constexpr int64_t kMaxRate = INT64_MAX / 1'000'000;

}  // namespace

void WriteBudget::Set(uint64_t bytes_per_second) {
  std::shared_ptr<::rocksdb::RateLimiter> limiter;
  if (bytes_per_second != 0) {
    limiter.reset(::rocksdb::NewGenericRateLimiter(
        static_cast<int64_t>(std::min(bytes_per_second, static_cast<uint64_t>(kMaxRate)))));
  }
  {
    std::lock_guard lock(mutex_);
    limiter_.swap(limiter);
  }
  if (limiter != nullptr) limiter->SetBytesPerSecond(kMaxRate);
}

void WriteBudget::Request(int64_t bytes, ::rocksdb::Env::IOPriority priority, ::rocksdb::Statistics* statistics) {
  while (bytes > 0) {
    const std::shared_ptr<::rocksdb::RateLimiter> limiter = Current();
    if (limiter == nullptr) return;
    const int64_t part = std::min(bytes, limiter->GetSingleBurstBytes());
    waiting_.fetch_add(1, std::memory_order_relaxed);
    limiter->Request(part, priority, statistics);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    bytes -= part;
  }
}

int64_t WriteBudget::GetSingleBurstBytes() const {
  const auto limiter = Current();
  return limiter == nullptr ? kMaxRate : limiter->GetSingleBurstBytes();
}

int64_t WriteBudget::GetTotalBytesThrough(::rocksdb::Env::IOPriority priority) const {
  const auto limiter = Current();
  return limiter == nullptr ? 0 : limiter->GetTotalBytesThrough(priority);
}

int64_t WriteBudget::GetTotalRequests(::rocksdb::Env::IOPriority priority) const {
  const auto limiter = Current();
  return limiter == nullptr ? 0 : limiter->GetTotalRequests(priority);
}

int64_t WriteBudget::GetBytesPerSecond() const {
  const auto limiter = Current();
  return limiter == nullptr ? kMaxRate : limiter->GetBytesPerSecond();
}

}  // namespace tidemark::tiering
