// Whom to spill: samples the keyspace and keeps the best candidates seen, ranked by coldness x RAM given back.
//
// A candidate is remembered by address and hash, without touching it again: it counts only if the dict still holds that
// address under that hash when it is taken, and if it was not used meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "keyspace/keyspace.h"
#include "tiering/tier_options.h"

namespace tidemark::tiering {

struct Victim {
  keyspace::Database* database = nullptr;
  keyspace::EntryRef ref;
  explicit operator bool() const { return static_cast<bool>(ref); }
};

class VictimPool {
 public:
  // `busy` tells of entries that must be left alone.
  VictimPool(keyspace::Keyspace& keyspace, const TierOptions& options,
             std::function<bool(const keyspace::Entry*)> busy);

  // kClean: only what can be demoted without a write.
  enum class Kind : uint8_t { kAny, kClean };
  // The best candidate, taken out of the pool; empty if sampling found none.
  Victim Take(Kind kind = Kind::kAny);

  // True if the best candidate is more than `times` as much worth spilling, by coldness x bytes, as this cold value
  // would be if it were in RAM; false if none is known. Where the answer is no, which is mostly so, no entry is looked
  // at.
  bool BestIsColderThan(const keyspace::Entry& cold, uint64_t times);

  // True if the value may be spilled or demoted at all.
  bool Eligible(const keyspace::Entry& entry) const;

 private:
  static constexpr size_t kCapacity = 32;
  // Entries looked at in one go, and for one that is taken; after how many comparisons with the best candidate others
  // are looked at; how many buckets may be passed over to find them, as most keys may be cold.
  static constexpr size_t kSamples = 8;
  static constexpr size_t kSamplesPerVictim = 4;
  static constexpr size_t kMostOwed = 2 * kSamples;
  static constexpr uint32_t kComparisonsPerRefill = 32;
  static constexpr size_t kMaxChainsWalked = 128;
  static constexpr size_t kChainsForASample = kMaxChainsWalked / kSamples;

  struct Candidate {
    int database = 0;
    uint32_t access = 0;  // Entry::access as it was then
    uint64_t hash = 0;
    keyspace::Entry* entry = nullptr;
    uint64_t bytes = 0;
    uint64_t score = 0;
  };

  // Looks at up to kSamples entries.
  void Refill();
  int PickDatabase();
  // What it names, empty if that is no candidate any more or has been used since.
  keyspace::EntryRef Find(const Candidate& candidate);
  uint64_t Coldness(uint32_t access) const;
  void Offer(int database, keyspace::Entry* entry);

  keyspace::Keyspace& keyspace_;
  const TierOptions& options_;
  std::function<bool(const keyspace::Entry*)> busy_;
  std::array<Candidate, kCapacity> pool_;  // best last
  size_t count_ = 0;
  size_t samples_owed_ = 0;  // for those taken
  uint32_t comparisons_ = 0;
};

}  // namespace tidemark::tiering
