// Deletes keys to make room, by the policy of `maxmemory-policy`: samples, keeps the best candidates in a pool, deletes
// the first of them. Keys whose value is cold count like any other. Main thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "keyspace/keyspace.h"

namespace tidemark::keyspace {

struct EvictionPolicy {
  enum class Scope : uint8_t { kNone, kVolatileKeys, kAllKeys };
  enum class Order : uint8_t { kColdest, kRandom, kSoonestExpiry };
  Scope scope = Scope::kNone;
  Order order = Order::kColdest;
  int samples = 5;
};

class Evictor {
 public:
  explicit Evictor(Keyspace& keyspace) : keyspace_(keyspace) {}

  // Deletes one key. The flash locator of its value (0: none), or nothing if the policy finds no key.
  std::optional<uint64_t> EvictOne(const EvictionPolicy& policy);

 private:
  static constexpr size_t kPool = 16;

  struct Candidate {
    int database = 0;
    uint64_t hash = 0;
    Entry* entry = nullptr;
    uint32_t access = 0;  // Entry::access as it was then
    uint64_t score = 0;
  };

  uint64_t Score(const EvictionPolicy& policy, const Entry& entry);
  void Sample(const EvictionPolicy& policy);
  int PickDatabase(const EvictionPolicy& policy);
  void Offer(const Candidate& candidate);

  Keyspace& keyspace_;
  std::array<Candidate, kPool> pool_;  // best last
  size_t count_ = 0;
  EvictionPolicy last_policy_;
};

}  // namespace tidemark::keyspace
