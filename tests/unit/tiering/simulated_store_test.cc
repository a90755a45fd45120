// Goal: the simulated store does what a test above it commands: it holds completions, orders them, and fails on demand.
#include "tiering/simulated_store.h"

#include <gtest/gtest.h>

#include "store_harness.h"

namespace tidemark::tiering {
namespace {

TEST(SimulatedStore, HoldsCompletionsUntilStepped) {
  SimulatedStore store({.stepping = SimulatedStore::Stepping::kByHand});
  const auto locators = store.SubmitWrites({{1, "a"}, {2, "b"}});
  store.SubmitReads({&locators[0], 1}, ReadPriority::kBackground);
  store.SubmitReads({&locators[1], 1}, ReadPriority::kClient);
  std::vector<FlashCompletion> done;
  EXPECT_EQ(store.Reap(done, 10), 0u);
  EXPECT_EQ(store.waiting(), 4u);
  EXPECT_EQ(store.Step(1), 1u);
  ASSERT_EQ(store.Reap(done, 10), 1u);
  EXPECT_EQ(done[0].payload, "b") << "a client's read goes first";
  EXPECT_EQ(store.StepAll(), 3u);
  EXPECT_EQ(store.Reap(done, 10), 3u);
  EXPECT_EQ(done[3].payload, "a");
}

TEST(SimulatedStore, InjectsWriteErrors) {
  SimulatedStore store({});
  store.FailNextWrites(1, StatusCode::kIoError);
  const auto locators = store.SubmitWrites({{1, "a"}, {1, "b"}});
  const auto done = Await(store, 2);
  EXPECT_EQ(done[0].status.code(), StatusCode::kIoError);
  EXPECT_TRUE(done[1].status.ok());
  EXPECT_EQ(ReadCode(store, locators[0]), StatusCode::kNotFound);
  EXPECT_EQ(store.Stats().write_errors, 1u);
  EXPECT_EQ(store.Stats().records, 1u);
}

TEST(SimulatedStore, InjectsReadErrors) {
  SimulatedStore store({});
  const auto locators = WriteAll(store, {{1, "a"}});
  for (const StatusCode code : {StatusCode::kCorruption, StatusCode::kIoError, StatusCode::kNotFound}) {
    store.FailRead(locators[0], code);
    EXPECT_EQ(ReadCode(store, locators[0]), code);
    EXPECT_EQ(store.ReadNow(locators[0]).error().code(), code);
  }
  store.HealRead(locators[0]);
  EXPECT_EQ(store.ReadNow(locators[0])->payload, "a");
  EXPECT_EQ(store.Stats().corruptions, 2u);
}

TEST(SimulatedStore, CapacityLimits) {
  SimulatedStore store({.capacity_bytes = 100});
  const auto kept = WriteAll(store, {{1, std::string(100, 'x')}});
  EXPECT_TRUE(store.full());
  store.SubmitWrites({{1, "y"}});
  EXPECT_EQ(Await(store, 1)[0].status.code(), StatusCode::kNoSpace);
  store.Free(kept);
  EXPECT_FALSE(store.full());
}

}  // namespace
}  // namespace tidemark::tiering
