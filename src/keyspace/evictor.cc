#include "keyspace/evictor.h"

#include <algorithm>

namespace tidemark::keyspace {

uint64_t Evictor::Score(const EvictionPolicy& policy, const Entry& entry) {
  switch (policy.order) {
    case EvictionPolicy::Order::kColdest:
      return AccessClock::Coldness(keyspace_.options().access, entry.access(), keyspace_.clock().unix_us());
    case EvictionPolicy::Order::kRandom:
      return keyspace_.random().Next();
    case EvictionPolicy::Order::kSoonestExpiry:
      return UINT64_MAX - static_cast<uint64_t>(entry.expiry_ms());
  }
  return 0;
}

int Evictor::PickDatabase(const EvictionPolicy& policy) {
  const bool all = policy.scope == EvictionPolicy::Scope::kAllKeys;
  const auto weight = [&](int i) {
    return all ? keyspace_.database(i).size() : keyspace_.database(i).volatile_count();
  };
  uint64_t total = 0;
  for (int i = 0; i < keyspace_.database_count(); ++i) total += weight(i);
  if (total == 0) return -1;
  uint64_t draw = keyspace_.random().Below(total);
  for (int i = 0;; ++i) {
    if (draw < weight(i)) return i;
    draw -= weight(i);
  }
}

void Evictor::Offer(const Candidate& candidate) {
  const auto end = pool_.begin() + static_cast<ptrdiff_t>(count_);
  if (std::any_of(pool_.begin(), end, [&](const Candidate& c) { return c.entry == candidate.entry; })) return;
  auto place = std::lower_bound(pool_.begin(), end, candidate.score,
                                [](const Candidate& c, uint64_t score) { return c.score < score; });
  if (count_ < kPool) {
    std::move_backward(place, end, end + 1);
    *place = candidate;
    ++count_;
  } else if (place != pool_.begin()) {
    std::move(pool_.begin() + 1, place, pool_.begin());
    *(place - 1) = candidate;
  }
}

void Evictor::Sample(const EvictionPolicy& policy) {
  const int index = PickDatabase(policy);
  if (index < 0) return;
  const Database& database = keyspace_.database(index);
  const EntryDict& dict = database.dict();
  const bool only_volatile = policy.scope == EvictionPolicy::Scope::kVolatileKeys;
  const size_t buckets = dict.bucket_count();
  size_t bucket = keyspace_.random().Below(buckets);
  int found = 0;
  // Walks on from a random bucket; where volatile keys are rare this may be far, but only lines of the table are read.
  for (size_t walked = 0; walked < buckets && found < policy.samples; ++walked) {
    dict.VisitChain(bucket, [&](EntryDict::Slot slot) {
      if (found >= policy.samples) return;
      if (only_volatile && (dict.Flags(slot) & Database::kVolatileFlag) == 0) return;
      Entry* entry = dict.Get(slot);
      Offer({index, keyspace_.Hash(entry->key()).hash, entry, entry->access(), Score(policy, *entry)});
      ++found;
    });
    bucket = bucket + 1 == buckets ? 0 : bucket + 1;
  }
}

std::optional<uint64_t> Evictor::EvictOne(const EvictionPolicy& policy) {
  if (policy.scope == EvictionPolicy::Scope::kNone) return std::nullopt;
  if (policy.scope != last_policy_.scope || policy.order != last_policy_.order) count_ = 0;
  last_policy_ = policy;
  constexpr int kMaxRounds = 4;
  for (int round = 0; round < kMaxRounds; ++round) {
    Sample(policy);
    while (count_ > 0) {
      const Candidate& best = pool_[--count_];
      Database& database = keyspace_.database(best.database);
      const EntryRef ref = database.RefOf(best.hash, best.entry);
      // The address may have been used again for another key.
      if (!ref || keyspace_.Hash(ref->key()).hash != best.hash) continue;
      if (policy.scope == EvictionPolicy::Scope::kVolatileKeys && !ref->has_expiry()) continue;
      // It was used since it was looked at.
      if (policy.order == EvictionPolicy::Order::kColdest && ref->access() != best.access) continue;
      const uint64_t locator = ref->locator();
      if (RemovalListener* const listener = keyspace_.context().removal_listener; listener != nullptr) {
        listener->OnKeyRemoved(best.database, ref->key(), RemovalCause::kEviction);
      }
      database.Delete(ref, DeleteCause::kEviction);
      ++keyspace_.stats().evicted_keys;
      return locator;
    }
  }
  return std::nullopt;
}

}  // namespace tidemark::keyspace
