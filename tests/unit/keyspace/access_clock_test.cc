// Goal: the 24 bits tell idle time and frequency right, across their wrap.
#include "keyspace/access_clock.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::keyspace {
namespace {

constexpr int64_t kNow = 1'700'000'000;
constexpr AccessOptions kLru{};
constexpr AccessOptions kLfu{.mode = AccessMode::kLfu};

TEST(AccessClock, IdleSeconds) {
  const uint32_t field = AccessClock::Fresh(kLru, kNow);
  EXPECT_EQ(AccessClock::IdleSeconds(field, kNow), 0u);
  EXPECT_EQ(AccessClock::IdleSeconds(field, kNow + 1000), 1000u);
  EXPECT_EQ(AccessClock::IdleSeconds(AccessClock::FromIdleSeconds(77, kNow), kNow), 77u);
  // Across the wrap of the 24 bits.
  constexpr int64_t kWrap = int64_t{102} << 24;
  EXPECT_EQ(AccessClock::IdleSeconds(AccessClock::Fresh(kLru, kWrap - 5), kWrap + 5), 10u);
  Random random(1);
  EXPECT_EQ(AccessClock::Touched(kLru, 0, kNow, random), AccessClock::Fresh(kLru, kNow));
}

TEST(AccessClock, FrequencyStartsDecaysAndWraps) {
  const uint32_t fresh = AccessClock::Fresh(kLfu, kNow);
  EXPECT_EQ(AccessClock::Frequency(kLfu, fresh, kNow), AccessClock::kLfuInitial);
  const uint32_t hot = AccessClock::FromFrequency(100, kNow);
  EXPECT_EQ(AccessClock::Frequency(kLfu, hot, kNow + 59 - kNow % 60), 100);
  EXPECT_EQ(AccessClock::Frequency(kLfu, hot, kNow + 600), 90);
  EXPECT_EQ(AccessClock::Frequency(kLfu, hot, kNow + 101 * 60), 0);
  AccessOptions slow = kLfu;
  slow.lfu_decay_minutes = 10;
  EXPECT_EQ(AccessClock::Frequency(slow, hot, kNow + 600), 99);
  slow.lfu_decay_minutes = 0;
  EXPECT_EQ(AccessClock::Frequency(slow, hot, kNow + 60000), 100);
  constexpr int64_t kWrap = int64_t{500} * 65536 * 60;
  EXPECT_EQ(AccessClock::Frequency(kLfu, AccessClock::FromFrequency(50, kWrap - 300), kWrap + 300), 40);
}

TEST(AccessClock, CounterGrowsLogarithmically) {
  Random random(20);
  uint32_t field = AccessClock::Fresh(kLfu, kNow);
  const auto after = [&](int accesses) {
    for (int i = 0; i < accesses; ++i) field = AccessClock::Touched(kLfu, field, kNow, random);
    return AccessClock::Frequency(kLfu, field, kNow);
  };
  const uint8_t hundred = after(100);
  const uint8_t thousand = after(900);
  const uint8_t hundred_thousand = after(99000);
  EXPECT_GT(hundred, 6);
  EXPECT_LT(hundred, 20);
  EXPECT_GT(thousand, hundred);
  EXPECT_LT(thousand, 40);
  EXPECT_GT(hundred_thousand, 100);
  const uint32_t top = AccessClock::FromFrequency(255, kNow);
  EXPECT_EQ(AccessClock::Touched(kLfu, top, kNow, random), top);
}

TEST(AccessClock, ColderIsLarger) {
  EXPECT_GT(AccessClock::Coldness(kLru, AccessClock::FromIdleSeconds(100, kNow), kNow),
            AccessClock::Coldness(kLru, AccessClock::FromIdleSeconds(10, kNow), kNow));
  EXPECT_GT(AccessClock::Coldness(kLfu, AccessClock::FromFrequency(1, kNow), kNow),
            AccessClock::Coldness(kLfu, AccessClock::FromFrequency(200, kNow), kNow));
}

}  // namespace
}  // namespace tidemark::keyspace
