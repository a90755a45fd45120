#include "engine/memory_gate.h"

namespace tidemark::engine {

using keyspace::EvictionPolicy;

namespace {

constexpr int64_t kEvictionSliceUs = 1000;

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

MemoryVerdict MemoryGate::CheckNearLimit() {
  if (pager_.CanRelieve()) return MemoryVerdict::kDelay;
  if (limit_.used() <= limit_.max_bytes()) return MemoryVerdict::kPass;
  // The figure may be behind what other threads have freed.
  limit_.account().Sample();
  const EvictionPolicy policy = Policy();
  const int64_t deadline_us = Clock::MonotonicUs() + kEvictionSliceUs;
  while (limit_.used() > limit_.max_bytes()) {
    if (!evictor_.EvictOne(policy)) return MemoryVerdict::kRefuse;
    // Far above the limit (it was lowered): go on at the next command and the next turn rather than stop the server.
    if (Clock::MonotonicUs() > deadline_us) break;
  }
  return MemoryVerdict::kPass;
}

}  // namespace tidemark::engine
