#include "engine/memory_gate.h"

#include <algorithm>
#include <optional>

namespace tidemark::engine {

using keyspace::EvictionPolicy;

namespace {

constexpr int64_t kEvictionSliceUs = 1000;
// How long writers wait for the flash engine to give back what evicted keys took there.
constexpr int64_t kCleaningPatienceUs = 2'000'000;
// How long for values that have been read for others, and how long nobody does after that.
constexpr int64_t kPassingPatienceUs = 2'000'000;
constexpr int kEvictionsPerSample = 16;

}  // namespace

EvictionPolicy MemoryGate::Policy() const {
  using Scope = EvictionPolicy::Scope;
  using Order = EvictionPolicy::Order;
  const int samples = options_.maxmemory_samples;
  switch (options_.maxmemory_policy) {
    case MaxmemoryPolicy::kVolatileLru:
    case MaxmemoryPolicy::kVolatileLfu:
      return {Scope::kVolatileKeys, Order::kColdest, samples};
    case MaxmemoryPolicy::kVolatileRandom:
      return {Scope::kVolatileKeys, Order::kRandom, samples};
    case MaxmemoryPolicy::kVolatileTtl:
      return {Scope::kVolatileKeys, Order::kSoonestExpiry, samples};
    case MaxmemoryPolicy::kAllkeysLru:
    case MaxmemoryPolicy::kAllkeysLfu:
      return {Scope::kAllKeys, Order::kColdest, samples};
    case MaxmemoryPolicy::kAllkeysRandom:
      return {Scope::kAllKeys, Order::kRandom, samples};
    case MaxmemoryPolicy::kNoEviction:
      break;
  }
  return {};
}

uint64_t MemoryGate::CleaningGoalBytes() const {
  constexpr uint64_t kLeast = 1 << 20;
  constexpr uint64_t kMost = 8 << 20;
  return tier_options_.max_bytes == 0 ? kMost : std::clamp(tier_options_.max_bytes / 8, kLeast, kMost);
}

bool MemoryGate::AwaitingCleaning() {
  if (freed_on_flash_bytes_ < CleaningGoalBytes()) return false;
  if (Clock::MonotonicUs() < cleaning_deadline_us_) return true;
  freed_on_flash_bytes_ = 0;
  return false;
}

bool MemoryGate::AwaitingPassing(uint64_t passing_bytes) {
  if (limit_.allocated() > limit_.max_bytes() + passing_bytes) return false;
  const int64_t now_us = keyspace_.clock().mono_us();
  if (now_us > passing_deadline_us_ + kPassingPatienceUs) passing_deadline_us_ = now_us + kPassingPatienceUs;
  return now_us < passing_deadline_us_;
}

MemoryVerdict MemoryGate::CheckNearLimit(uint64_t passing_bytes) {
  if (pager_.CanRelieve()) {
    freed_on_flash_bytes_ = 0;
    return MemoryVerdict::kDelay;
  }
  if (limit_.allocated() <= limit_.max_bytes()) return MemoryVerdict::kPass;
  // The figure may be behind what other threads have freed.
  limit_.account().Sample();
  if (limit_.allocated() <= limit_.max_bytes()) return MemoryVerdict::kPass;
  if (AwaitingPassing(passing_bytes) || pager_.LookAgain() || AwaitingCleaning()) return MemoryVerdict::kDelay;
  const LatencyScope scope(latency_, LatencyEvent::kEvictionCycle, keyspace_.clock().unix_seconds());
  return Evict();
}

MemoryVerdict MemoryGate::Evict() {
  const EvictionPolicy policy = Policy();
  const int64_t start_us = Clock::MonotonicUs();
  for (int count = 1; limit_.allocated() > limit_.max_bytes(); ++count) {
    const std::optional<uint64_t> evicted = evictor_.EvictOne(policy);
    if (!evicted) return MemoryVerdict::kRefuse;
    // What the lazy-free thread gives back shows only in a sample.
    if (count % kEvictionsPerSample == 0) limit_.account().Sample();
    // A cold key gives back little RAM but makes room on flash. With enough of that, wait until the engine has cleaned
    // up and values can be spilled again, rather than evict a great many keys for the little RAM each of them takes.
    if (*evicted != 0 && pager_.enabled()) {
      freed_on_flash_bytes_ += tiering::Locator(*evicted).max_payload_bytes();
      if (freed_on_flash_bytes_ >= CleaningGoalBytes()) {
        cleaning_deadline_us_ = start_us + kCleaningPatienceUs;
        return MemoryVerdict::kDelay;
      }
    }
    // Far above the limit (it was lowered): go on at the next command and the next turn rather than stop the server.
    if (Clock::MonotonicUs() > start_us + kEvictionSliceUs) break;
  }
  return MemoryVerdict::kPass;
}

}  // namespace tidemark::engine
