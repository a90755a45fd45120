// Goal: near the limit a writer waits exactly as long as the tier can give relief; where it cannot, the policy decides.
#include "engine/memory_gate.h"

#include <gtest/gtest.h>

#include <string>

#include "../tiering/pager_rig.h"
#include "tiering/null_store.h"

namespace tidemark::engine {
namespace {

using keyspace::Residency;
using tiering::PagerRig;

// A gate over a pager whose tier is on.
struct MemoryGateTest : testing::Test {
  PagerRig rig;
  EngineOptions options;
  LatencyMonitor latency{options.latency_monitor_threshold_ms};
  MemoryGate gate{rig.limit, rig.base.keyspace, rig.pager, latency, options, rig.options};
};

// The same with the tier off.
struct NoTier : tiering::FetchListener {
  NoTier() : pager(base.keyspace, store, limit, tier_options, *this) {}
  void OnFetched(uint64_t, uint64_t, uint64_t, const std::shared_ptr<const tiering::FetchedValue>&) override {}

  keyspace::TestKeyspace base;
  tiering::NullStore store;
  MemoryLimit limit{PagerRig::Account()};
  tiering::TierOptions tier_options;
  EngineOptions options;
  tiering::Pager pager;
  LatencyMonitor latency{options.latency_monitor_threshold_ms};
  MemoryGate gate{limit, base.keyspace, pager, latency, options, tier_options};
};

TEST_F(MemoryGateTest, PassesWithoutALimitAndFarBelowIt) {
  rig.limit.set_max_bytes(0);
  EXPECT_EQ(gate.Check(), MemoryVerdict::kPass);
  rig.limit.set_max_bytes(PagerRig::kRoomy);
  EXPECT_EQ(gate.Check(), MemoryVerdict::kPass);
}

TEST_F(MemoryGateTest, DelaysWhileTheTierGivesRelief) {
  options.maxmemory_policy = MaxmemoryPolicy::kAllkeysLru;
  rig.Set("key", std::string(300, 'v'));
  rig.limit.set_max_bytes(PagerRig::kShort);
  EXPECT_EQ(gate.Check(), MemoryVerdict::kDelay);
  rig.pager.Tick();
  EXPECT_EQ(gate.Check(), MemoryVerdict::kDelay) << "the write is under way";
  EXPECT_EQ(rig.base.keyspace.total_keys(), 1u) << "the tier comes before the policy";
  rig.Finish();
  EXPECT_EQ(rig.Where("key"), Residency::kCold);
  rig.base.clock.AdvanceMs(20);
  rig.pager.Tick();
  // Nothing is left to spill: the policy decides.
  EXPECT_NE(gate.Check(), MemoryVerdict::kDelay);
  EXPECT_EQ(rig.base.keyspace.total_keys(), 0u);
  rig.ExpectConsistent();
}

TEST_F(MemoryGateTest, AFullTierLeavesItToThePolicy) {
  rig.Set("other", std::string(300, 'v'));
  rig.MakeCold("other");
  rig.Set("key", std::string(300, 'v'));
  rig.simulated.set_capacity_bytes(1);
  rig.limit.set_max_bytes(PagerRig::kShort);
  EXPECT_EQ(gate.Check(), MemoryVerdict::kRefuse);
  EXPECT_EQ(rig.base.keyspace.total_keys(), 2u);
}

// A device that refuses every write must not keep writers waiting for ever, nor have keys evicted at its first error.
TEST_F(MemoryGateTest, AFailingTierLeavesItToThePolicy) {
  rig.Set("key", std::string(300, 'v'));
  rig.simulated.FailNextWrites(SIZE_MAX, StatusCode::kIoError);
  rig.limit.set_max_bytes(PagerRig::kShort);
  rig.pager.Tick();
  rig.Finish();
  EXPECT_EQ(gate.Check(), MemoryVerdict::kDelay);
  for (int i = 0; i < 300; ++i) {
    rig.base.clock.AdvanceMs(10);
    rig.pager.Tick();
    rig.Finish();
  }
  EXPECT_EQ(gate.Check(), MemoryVerdict::kRefuse);
  EXPECT_EQ(rig.simulated.waiting(), 0u);
}

TEST(MemoryGate, WithoutATierItIsThePolicyAtTheLimit) {
  NoTier server;
  server.base.Set("key", "value");
  // Between the watermark and the limit.
  server.limit.set_max_bytes(server.limit.used() / 95 * 100);
  EXPECT_EQ(server.gate.Check(), MemoryVerdict::kPass);
  server.limit.set_max_bytes(PagerRig::kShort);
  EXPECT_EQ(server.gate.Check(), MemoryVerdict::kRefuse);
  EXPECT_EQ(server.base.keyspace.total_keys(), 1u);
}

// What commands hold that are about to run goes with them: nobody is refused for it, unless there is always more.
TEST(MemoryGate, WaitsForWhatPassesButNotForEver) {
  constexpr uint64_t kHeld = 8 << 20;
  NoTier server;
  server.base.Set("key", std::string(4 * kHeld, 'v'));
  server.limit.account().Sample();
  server.limit.set_max_bytes(server.limit.allocated() - kHeld / 2);
  EXPECT_EQ(server.gate.Check(), MemoryVerdict::kRefuse);
  EXPECT_EQ(server.gate.Check(kHeld / 8), MemoryVerdict::kRefuse) << "that is not all of the excess";
  EXPECT_EQ(server.gate.Check(kHeld), MemoryVerdict::kDelay);
  server.base.clock.AdvanceMs(1000);
  EXPECT_EQ(server.gate.Check(kHeld), MemoryVerdict::kDelay);
  server.base.clock.AdvanceMs(2000);
  EXPECT_EQ(server.gate.Check(kHeld), MemoryVerdict::kRefuse);
  server.base.clock.AdvanceMs(10'000);
  EXPECT_EQ(server.gate.Check(kHeld), MemoryVerdict::kDelay) << "that was another time";
}

TEST(MemoryGate, EachPolicyHasItsScope) {
  struct Case {
    MaxmemoryPolicy policy;
    size_t keys_left;
  };
  for (const Case& test : {Case{MaxmemoryPolicy::kNoEviction, 2}, Case{MaxmemoryPolicy::kVolatileLru, 1},
                           Case{MaxmemoryPolicy::kVolatileLfu, 1}, Case{MaxmemoryPolicy::kVolatileRandom, 1},
                           Case{MaxmemoryPolicy::kVolatileTtl, 1}, Case{MaxmemoryPolicy::kAllkeysLru, 0},
                           Case{MaxmemoryPolicy::kAllkeysLfu, 0}, Case{MaxmemoryPolicy::kAllkeysRandom, 0}}) {
    NoTier server;
    server.options.maxmemory_policy = test.policy;
    server.base.Set("persistent", "value");
    keyspace::EntryRef ref = server.base.Set("volatile", "value");
    server.base.db().SetExpiry(ref, server.base.clock.unix_ms() + 60'000);
    server.limit.set_max_bytes(PagerRig::kShort);
    // A slice may end before the last key is gone.
    MemoryVerdict verdict = MemoryVerdict::kPass;
    for (int i = 0; i < 1000 && verdict == MemoryVerdict::kPass; ++i) verdict = server.gate.Check();
    EXPECT_EQ(verdict, MemoryVerdict::kRefuse);
    EXPECT_EQ(server.base.keyspace.total_keys(), test.keys_left) << static_cast<int>(test.policy);
  }
}

TEST(MemoryGate, EvictsNoMoreThanItMust) {
  NoTier server;
  server.options.maxmemory_policy = MaxmemoryPolicy::kAllkeysLru;
  constexpr size_t kKeys = 500;
  constexpr size_t kValueBytes = 40'000;
  for (size_t i = 0; i < kKeys; ++i) server.base.Set("key:" + std::to_string(i), std::string(kValueBytes, 'v'));
  server.limit.account().Sample();
  server.limit.set_max_bytes(server.limit.used() - 10 * kValueBytes);
  for (int i = 0; i < 1000 && server.limit.used() > server.limit.max_bytes(); ++i) {
    EXPECT_EQ(server.gate.Check(), MemoryVerdict::kPass);
  }
  EXPECT_LE(server.limit.used(), server.limit.max_bytes());
  EXPECT_GE(server.base.keyspace.stats().evicted_keys, 8u);
  EXPECT_LE(server.base.keyspace.stats().evicted_keys, 60u);
}

}  // namespace
}  // namespace tidemark::engine
