// Goal: a device that stops answering for seconds. What is in RAM is served, what is begun is bounded, writers wait
// rather than be refused, the log says what is wrong; and when the device answers, everything is as it ought to be.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "../keyspace/test_keyspace.h"
#include "../tiering/pager_rig.h"
#include "engine/latency_monitor.h"
#include "engine/memory_gate.h"
#include "tiering/device/simulated_device.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::engine {
namespace {

using keyspace::Residency;
using tiering::PagerRig;

constexpr int kKeys = 20'000;

struct SilentDevice : testing::Test, tiering::FetchListener {
  SilentDevice() {
    auto simulated = std::make_unique<tiering::SimulatedDevice>();
    device = simulated.get();
    store = std::make_unique<tiering::ValueLogStore>(
        std::move(simulated),
        tiering::ValueLogOptions{.segment_bytes = 16 << 20, .compression = tiering::Compression::kNone});
    pager = std::make_unique<tiering::Pager>(base.keyspace, *store, limit, tier_options, *this);
    gate = std::make_unique<MemoryGate>(limit, base.keyspace, *pager, latency, options, tier_options);
    for (int i = 0; i < kKeys; ++i) base.Set(Key(i), Value(i));
  }
  void OnFetched(uint64_t, uint64_t, uint64_t locator,
                 const std::shared_ptr<const tiering::FetchedValue>& value) override {
    fetched[locator] = value;
  }
  static std::string Key(int i) { return "key:" + std::to_string(i); }
  static std::string Value(int i) { return std::string(1000, static_cast<char>('a' + i % 26)) + std::to_string(i); }
  Residency Where(int i) { return pager->ResidencyOf(base.db().Find(base.Key(Key(i)))); }

  // Turns of the event loop, ten milliseconds apart; the device does at most so many operations in each.
  void Turns(int count, size_t operations) {
    for (int i = 0; i < count; ++i) {
      base.clock.AdvanceMs(10);
      pager->Reap(1000);
      pager->Tick();
      pager->Kick();
      device->Step(operations);
    }
  }

  keyspace::TestKeyspace base;
  MemoryLimit limit{PagerRig::Account()};
  EngineOptions options;
  tiering::TierOptions tier_options{.enabled = true};
  LatencyMonitor latency{options.latency_monitor_threshold_ms};
  tiering::SimulatedDevice* device = nullptr;
  std::unique_ptr<tiering::ValueLogStore> store;
  std::unique_ptr<tiering::Pager> pager;
  std::unique_ptr<MemoryGate> gate;
  std::map<uint64_t, std::shared_ptr<const tiering::FetchedValue>> fetched;
};

TEST_F(SilentDevice, HoldsUpNothingButWhatNeedsIt) {
  limit.set_max_bytes(PagerRig::kShort);
  Turns(20, SIZE_MAX);
  ASSERT_GT(base.db().cold_count(), 100u);

  // It falls silent, and a client wants a value that is there.
  int cold = 0;
  while (Where(cold) != Residency::kCold) ++cold;
  const tiering::Locator wanted(base.db().Find(base.Key(Key(cold)))->locator());
  pager->Fetch({&wanted, 1}, PagerRig::kWaiter);
  Turns(100, 0);
  const tiering::FlashStats after_one_second = store->Stats();
  Turns(300, 0);
  const tiering::FlashStats after_four = store->Stats();

  EXPECT_EQ(after_four.write_bytes_in_flight, after_one_second.write_bytes_in_flight) << "the spill has stopped";
  EXPECT_LE(after_four.write_bytes_in_flight, uint64_t{9} << 20);
  EXPECT_EQ(after_four.memory_bytes, after_one_second.memory_bytes);
  EXPECT_LE(after_four.memory_bytes, uint64_t{16} << 20);
  EXPECT_EQ(gate->Check(), MemoryVerdict::kDelay) << "what is under way will give relief";
  EXPECT_EQ(base.keyspace.total_keys(), static_cast<size_t>(kKeys));
  EXPECT_EQ(Where(cold), Residency::kFetching);
  const tiering::PagerHealth health = pager->Health();
  EXPECT_GE(health.oldest_read_us, 3'500'000);
  EXPECT_GE(health.oldest_write_us, 3'500'000);
  EXPECT_EQ(health.device_errors, 0u);
  size_t spilling = 0;
  for (int i = 0; i < kKeys; ++i) {
    if (Where(i) == Residency::kCold || Where(i) == Residency::kFetching) continue;
    spilling += Where(i) == Residency::kSpilling ? 1 : 0;
    ASSERT_EQ(base.Get(Key(i)), Value(i)) << "being written is no reason to wait";
  }
  EXPECT_GT(spilling, 0u);
  // One that is being written changes: what is on its way is stale by the time it arrives.
  int changed = 0;
  while (Where(changed) != Residency::kSpilling) ++changed;
  base.Set(Key(changed), "new");

  // It answers again.
  Turns(1000, 50);
  EXPECT_EQ(pager->Health().oldest_read_us, 0);
  EXPECT_TRUE(std::string_view(fetched.at(wanted.raw())->payload).ends_with(Value(cold)));
  EXPECT_GE(pager->stats().stale_writes, 1u);
  limit.set_max_bytes(PagerRig::kRoomy);
  // The writer gathers small records for a few milliseconds of real time.
  for (int i = 0; i < 5000 && store->Stats().writes_in_flight > 0; ++i) {
    Turns(1, SIZE_MAX);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(store->Stats().writes_in_flight, 0u);
  for (int i = 0; i < kKeys; ++i) {
    keyspace::EntryRef ref = base.db().Find(base.Key(Key(i)));
    if (ref->cold()) {
      ASSERT_TRUE(pager->Install(base.db(), ref, pager->ReadNow(ref->locator())).has_value());
    }
    ASSERT_EQ(base.Get(Key(i)), i == changed ? "new" : Value(i));
  }
}

}  // namespace
}  // namespace tidemark::engine
