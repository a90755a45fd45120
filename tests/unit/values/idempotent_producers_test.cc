// Goal: an iid is found as long and as often as its stream's limits say, whatever other producers do; what is forgotten
// takes no memory.
#include "values/stream/idempotent_producers.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "values/stream.h"

namespace tidemark::values {
namespace {

constexpr int64_t kNow = 1'000'000'000;

StreamId At(int64_t ms, uint64_t seq = 0) {
  return {static_cast<uint64_t>(ms), seq};
}

struct IdempotentProducersTest : testing::Test {
  size_t account = 0;
  IdempotentProducers producers{{.duration_seconds = 10, .iids_max = 3}, &account};
};

TEST_F(IdempotentProducersTest, ProducersDoNotSeeEachOther) {
  producers.Record("p", "1", At(kNow), kNow);
  EXPECT_EQ(producers.Find("p", "1", kNow), At(kNow));
  EXPECT_EQ(producers.Find("q", "1", kNow), std::nullopt);
  EXPECT_EQ(producers.Find("p", "2", kNow), std::nullopt);
  producers.Record("q", "1", At(kNow, 1), kNow);
  EXPECT_EQ(producers.Find("p", "1", kNow), At(kNow));
  EXPECT_EQ(producers.Find("q", "1", kNow), At(kNow, 1));
}

TEST_F(IdempotentProducersTest, TheOldestOfAProducerGoes) {
  for (uint64_t i = 0; i < 5; ++i) producers.Record("p", std::to_string(i), At(kNow, i), kNow);
  producers.Record("q", "0", At(kNow, 9), kNow);
  EXPECT_EQ(producers.Find("p", "1", kNow), std::nullopt);
  EXPECT_EQ(producers.Find("p", "2", kNow), At(kNow, 2));
  EXPECT_EQ(producers.Find("q", "0", kNow), At(kNow, 9));
  EXPECT_EQ(producers.CountTracked(kNow).iids, 4u);
  EXPECT_EQ(producers.CountTracked(kNow).producers, 2u);
  EXPECT_EQ(producers.iids_added, 6u);
}

TEST_F(IdempotentProducersTest, AnIidIsFoundForItsTime) {
  producers.Record("p", "old", At(kNow), kNow);
  producers.Record("p", "young", At(kNow + 5000), kNow + 5000);
  EXPECT_TRUE(producers.Find("p", "old", kNow + 10'000));
  EXPECT_FALSE(producers.Find("p", "old", kNow + 10'001));
  EXPECT_TRUE(producers.Find("p", "young", kNow + 10'001));
  EXPECT_EQ(producers.CountTracked(kNow + 10'001).iids, 1u);
  EXPECT_EQ(producers.CountTracked(kNow + 20'000).producers, 0u);
  // A clock that was set back.
  EXPECT_TRUE(producers.Find("p", "young", 0));
}

TEST_F(IdempotentProducersTest, AnIidThatIsTooOldIsRecordedAgain) {
  producers.Record("p", "young", At(kNow), kNow);
  producers.Record("p", "old", At(1), kNow);
  EXPECT_FALSE(producers.Find("p", "old", kNow));
  producers.Record("p", "old", At(kNow, 1), kNow);
  EXPECT_EQ(producers.Find("p", "old", kNow), At(kNow, 1));
  EXPECT_EQ(producers.iid_count(), 2u);
}

TEST_F(IdempotentProducersTest, OtherLimitsForgetAll) {
  producers.Record("p", "1", At(kNow), kNow);
  producers.SetLimits(producers.limits());
  EXPECT_TRUE(producers.Find("p", "1", kNow));
  producers.SetLimits({.duration_seconds = 10, .iids_max = 4});
  EXPECT_FALSE(producers.Find("p", "1", kNow));
  EXPECT_EQ(producers.iids_added, 1u);
}

TEST_F(IdempotentProducersTest, ProducersThatAreGoneAreSwept) {
  for (int i = 0; i < 1000; ++i) producers.Record("gone" + std::to_string(i), "1", At(kNow), kNow);
  EXPECT_EQ(producers.producer_count(), 1000u);
  const int64_t later = kNow + 60'000;
  for (int i = 0; i < 600; ++i) producers.Record("p", std::to_string(i), At(later), later);
  EXPECT_EQ(producers.producer_count(), 1u);
}

TEST(IdempotentProducersAccount, ComesBackToWhereItBegan) {
  size_t account = 0;
  {
    IdempotentProducers producers({.duration_seconds = 10, .iids_max = 50}, &account);
    for (uint64_t i = 0; i < 500; ++i) {
      producers.Record("producer " + std::to_string(i % 7), std::string(i % 40, 'x') + std::to_string(i), At(kNow, i),
                       kNow);
    }
    EXPECT_GT(account, 350 * sizeof(IdempotentProducers::Iid));
    producers.SetLimits({.duration_seconds = 10, .iids_max = 51});
    EXPECT_LT(account, 1000u);
  }
  EXPECT_EQ(account, 0u);
}

TEST(StreamProducers, ACopyHasThem) {
  Stream stream;
  const size_t bytes = stream.bytes();
  EXPECT_EQ(stream.producers(), nullptr);
  stream.GetProducers({.duration_seconds = 5, .iids_max = 6}).Record("p", "1", At(kNow), kNow);
  EXPECT_GT(stream.bytes(), bytes);
  const std::unique_ptr<Stream> copy = stream.Clone();
  EXPECT_EQ(copy->producers()->limits(), stream.producers()->limits());
  EXPECT_EQ(copy->producers()->Find("p", "1", kNow), At(kNow));
  EXPECT_EQ(copy->bytes(), stream.bytes());
}

std::string IidOf(const std::vector<std::string>& pairs) {
  return IidOfContent(std::vector<std::string_view>(pairs.begin(), pairs.end()));
}

TEST(IidOfContentTest, IsThatOfThePairsInAnyOrder) {
  EXPECT_EQ(IidOf({"a", "1", "b", "2", "c", "3"}), IidOf({"c", "3", "a", "1", "b", "2"}));
  EXPECT_NE(IidOf({"a", "1", "b", "2"}), IidOf({"a", "2", "b", "1"}));
  EXPECT_NE(IidOf({"a", "1"}), IidOf({"a1", ""}));
  EXPECT_NE(IidOf({"a", "1", "a", "1"}), IidOf({"b", "2", "b", "2"}));
  EXPECT_NE(IidOf({"a", "1", "a", "1"}), IidOf({"a", "1"}));
  EXPECT_EQ(IidOf({"a", ""}).size(), 16u);
}

}  // namespace
}  // namespace tidemark::values
