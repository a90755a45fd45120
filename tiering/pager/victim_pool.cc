#include "tiering/pager/victim_pool.h"

#include <algorithm>
#include <utility>

#include "tiering/flash_store.h"
#include "values/object.h"

namespace tidemark::tiering {

using keyspace::Database;
using keyspace::Entry;
using keyspace::EntryDict;
using keyspace::EntryRef;
using keyspace::Residency;

namespace {

// A value that expires this soon is not worth a write.
constexpr int64_t kExpiresSoonMs = 10'000;
// A clean victim costs no write: it goes before others up to this many times as cold. More would save few writes, as
// what is dirty has to be written some time, and cost more reads than that.
constexpr uint64_t kCleanBonus = 2;

}  // namespace

VictimPool::VictimPool(keyspace::Keyspace& keyspace, const TierOptions& options, std::function<bool(const Entry*)> busy)
    : keyspace_(keyspace), options_(options), busy_(std::move(busy)) {}

bool VictimPool::Eligible(const Entry& entry) const {
  const Residency residency = entry.residency();
  if (residency != Residency::kResident && residency != Residency::kClean) return false;
  if (entry.storage() != Entry::Storage::kInline && entry.storage() != Entry::Storage::kPointer) return false;
  if (residency == Residency::kClean) return true;
  const size_t bytes =
      entry.type() == values::Type::kString ? entry.StringBytes() : values::ObjectBytes(entry.object());
  if (bytes < options_.min_value_bytes || bytes > options_.max_record_bytes) return false;
  return !entry.has_expiry() || entry.expiry_ms() > keyspace_.clock().unix_ms() + kExpiresSoonMs;
}

uint64_t VictimPool::Coldness(uint32_t access) const {
  return uint64_t{1} + keyspace::AccessClock::Coldness(keyspace_.options().access, access, keyspace_.clock().unix_us());
}

bool VictimPool::BestIsColderThan(const Entry& cold, uint64_t times) {
  const uint64_t least = Coldness(cold.access()) * Locator(cold.locator()).max_payload_bytes() * times;
  // While few are taken, what was found long ago must not stand for what is there now.
  if (comparisons_++ % kComparisonsPerRefill == 0) Refill();
  for (; count_ > 0; --count_) {
    const Candidate& best = pool_[count_ - 1];
    // It has not grown colder than this.
    if (Coldness(best.access) * best.bytes <= least) return false;
    if (Find(best)) return true;
  }
  return false;
}

int VictimPool::PickDatabase() {
  uint64_t resident = 0;
  for (int i = 0; i < keyspace_.database_count(); ++i) {
    resident += keyspace_.database(i).size() - keyspace_.database(i).cold_count();
  }
  if (resident == 0) return -1;
  uint64_t draw = keyspace_.random().Below(resident);
  for (int i = 0;; ++i) {
    const uint64_t here = keyspace_.database(i).size() - keyspace_.database(i).cold_count();
    if (draw < here) return i;
    draw -= here;
  }
}

void VictimPool::Offer(int database, Entry* entry) {
  const bool clean = entry->residency() == Residency::kClean;
  Candidate candidate{.database = database, .access = entry->access(), .entry = entry};
  // The locator tells the size of a clean value without a look at the value, which may not be in the CPU's caches.
  candidate.bytes = clean ? Locator(entry->locator()).max_payload_bytes() : entry->ReclaimableBytes();
  candidate.score = Coldness(candidate.access) * candidate.bytes * (clean ? kCleanBonus : 1);
  if (candidate.score == 0 || (count_ == kCapacity && candidate.score <= pool_[0].score)) return;
  const auto end = pool_.begin() + static_cast<ptrdiff_t>(count_);
  for (auto it = pool_.begin(); it != end; ++it) {
    if (it->entry == entry) return;
  }
  candidate.hash = keyspace_.Hash(entry->key()).hash;
  auto place = std::lower_bound(pool_.begin(), end, candidate.score,
                                [](const Candidate& c, uint64_t score) { return c.score < score; });
  if (count_ < kCapacity) {
    std::move_backward(place, end, end + 1);
    *place = candidate;
    ++count_;
  } else {
    std::move(pool_.begin() + 1, place, pool_.begin());
    *(place - 1) = candidate;
  }
}

void VictimPool::Refill() {
  const int index = PickDatabase();
  if (index < 0) return;
  const Database& database = keyspace_.database(index);
  const EntryDict& dict = database.dict();
  const size_t buckets = dict.bucket_count();
  size_t bucket = keyspace_.random().Below(buckets);
  std::array<Entry*, kSamples> found;
  size_t found_count = 0;
  size_t walked = 0;
  for (; walked < std::min(kMaxChainsWalked, buckets) && found_count < kSamples; ++walked) {
    dict.VisitChain(bucket, [&](EntryDict::Slot slot) {
      if (found_count == kSamples || (dict.Flags(slot) & Database::kColdFlag) != 0) return;
      found[found_count] = dict.Get(slot);
      __builtin_prefetch(found[found_count++]);
    });
    bucket = bucket + 1 == buckets ? 0 : bucket + 1;
  }
  for (size_t i = 0; i < found_count; ++i) {
    if (Eligible(*found[i]) && !busy_(found[i])) Offer(index, found[i]);
  }
  samples_owed_ -= std::min(samples_owed_, std::max(found_count, walked / kChainsForASample));
}

EntryRef VictimPool::Find(const Candidate& candidate) {
  const EntryRef ref = keyspace_.database(candidate.database).RefOf(candidate.hash, candidate.entry);
  if (!ref || ref->access() != candidate.access || !Eligible(*ref) || busy_(ref.entry)) return {};
  // The address may have been used again for a neighbour of the same chain, which another hash leads to.
  if (keyspace_.Hash(ref->key()).hash != candidate.hash) return {};
  return ref;
}

Victim VictimPool::Take(Kind kind) {
  // A few rounds, as a round may meet only what is not eligible.
  constexpr int kMaxRounds = 8;
  for (int round = 0; round < kMaxRounds; ++round) {
    if (count_ == 0 || samples_owed_ >= kSamples) Refill();
    while (count_ > 0) {
      const Candidate& best = pool_[--count_];
      const EntryRef ref = Find(best);
      if (!ref || (kind == Kind::kClean && ref->residency() != Residency::kClean)) continue;
      samples_owed_ = std::min(samples_owed_ + kSamplesPerVictim, kMostOwed);
      return {&keyspace_.database(best.database), ref};
    }
  }
  return {};
}

}  // namespace tidemark::tiering
