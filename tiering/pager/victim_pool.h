// Whom to spill: samples the keyspace and keeps the best candidates seen, ranked by coldness x RAM given back.
//
// A candidate is remembered by address and hash, without touching it again: it counts only if the dict still holds that
// address under that hash when it is taken.
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
  // Forgets all candidates.
  void Clear() { count_ = 0; }

  // True if the value may be spilled or demoted at all.
  bool Eligible(const keyspace::Entry& entry) const;

 private:
  static constexpr size_t kCapacity = 32;
  // Candidates looked at for so many taken, and how many buckets may be passed over to find them.
  static constexpr size_t kSamples = 8;
  static constexpr int kTakenPerRefill = 2;
  static constexpr size_t kMaxChainsWalked = 64;

  struct Candidate {
    int database = 0;
    uint64_t hash = 0;
    keyspace::Entry* entry = nullptr;
    uint64_t score = 0;
  };

  // Adds up to kSamples candidates.
  void Refill();
  int PickDatabase();
  uint64_t Score(const keyspace::Entry& entry) const;
  void Offer(const Candidate& candidate);

  keyspace::Keyspace& keyspace_;
  const TierOptions& options_;
  std::function<bool(const keyspace::Entry*)> busy_;
  std::array<Candidate, kCapacity> pool_;  // best last
  size_t count_ = 0;
  int taken_since_refill_ = 0;
};

}  // namespace tidemark::tiering
