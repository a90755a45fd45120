// Goal: the age of the oldest operation under way, whatever the order in which they end.
#include "tiering/pager/in_flight_ages.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "support/seed.h"

namespace tidemark::tiering {
namespace {

constexpr int64_t kQuarterUs = 250'000;

TEST(InFlightAges, IsTheAgeOfTheOldest) {
  InFlightAges ages;
  int64_t now = 17'000'000'123;
  EXPECT_EQ(ages.OldestUs(now), 0);
  const auto first = ages.Begin(now);
  const auto second = ages.Begin(now += 2'000'000);
  EXPECT_LE(ages.OldestUs(now), 2'000'000);
  EXPECT_GE(ages.OldestUs(now), 2'000'000 - kQuarterUs);
  ages.End(first);
  EXPECT_EQ(ages.OldestUs(now), 0);
  ages.End(second);
  EXPECT_EQ(ages.OldestUs(now + 10'000'000), 0);
}

TEST(InFlightAges, AgainstAModel) {
  Random random(TestSeed());
  InFlightAges ages;
  struct Operation {
    int64_t begun_us;
    InFlightAges::Epoch epoch;
  };
  std::vector<Operation> under_way;
  int64_t now = 0;
  for (int step = 0; step < 100'000; ++step) {
    now += static_cast<int64_t>(random.Below(50'000));
    if (random.Below(2) == 0) {
      under_way.push_back({now, ages.Begin(now)});
    } else if (!under_way.empty()) {
      const size_t index = random.Below(under_way.size());
      ages.End(under_way[index].epoch);
      under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(index));
    }
    if (under_way.empty()) {
      ASSERT_EQ(ages.OldestUs(now), 0);
    } else {
      const int64_t age = now - under_way.front().begun_us;
      ASSERT_LE(ages.OldestUs(now), age);
      ASSERT_GE(ages.OldestUs(now), age - kQuarterUs);
    }
  }
}

}  // namespace
}  // namespace tidemark::tiering
