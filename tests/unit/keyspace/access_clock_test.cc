// Goal: the field tells idle time and frequency right, across its wrap, and clients what Redis would tell them.
#include "keyspace/access_clock.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::keyspace {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kNow = 1'700'000'000 * kSecond;
constexpr AccessOptions kLru{};
constexpr AccessOptions kLfu{.mode = AccessMode::kLfu};
// The last moments before the fields begin again at zero.
constexpr int64_t kWrap = (int64_t{102} << 24) * kSecond;

TEST(AccessClock, IdleSeconds) {
  const uint32_t field = AccessClock::Fresh(kLru, kNow);
  EXPECT_EQ(AccessClock::IdleSeconds(field, kNow), 0u);
  EXPECT_EQ(AccessClock::IdleSeconds(field, kNow + 1000 * kSecond), 1000u);
  EXPECT_EQ(AccessClock::IdleSeconds(AccessClock::Fresh(kLru, kWrap - 5 * kSecond), kWrap + 5 * kSecond), 10u);
  Random random(1);
  EXPECT_EQ(AccessClock::Touched(kLru, 0, kNow, random), AccessClock::Fresh(kLru, kNow));
}

TEST(AccessClock, IdleSecondsComeBackAsTheyWereSet) {
  constexpr uint64_t kMost = (1u << 24) - 2;
  for (const int64_t now : {kNow, kNow + 3'906, kNow + 999'999, kWrap - 1, kWrap, kWrap + 1}) {
    for (const uint64_t idle : {uint64_t{0}, uint64_t{1}, uint64_t{77}, uint64_t{86'400}, kMost}) {
      EXPECT_EQ(AccessClock::IdleSeconds(AccessClock::FromIdleSeconds(idle, now), now), idle) << now;
    }
    EXPECT_EQ(AccessClock::IdleSeconds(AccessClock::FromIdleSeconds(UINT64_MAX, now), now), kMost);
  }
}

TEST(AccessClock, TellsFourMillisecondsApart) {
  for (const int64_t from : {kNow, kNow + 999'000, kWrap - kSecond}) {
    uint32_t last = AccessClock::Coldness(kLru, AccessClock::Fresh(kLru, from), from + 2 * kSecond);
    for (int64_t later = 4'000; later <= 2 * kSecond; later += 4'000) {
      const uint32_t coldness = AccessClock::Coldness(kLru, AccessClock::Fresh(kLru, from + later), from + 2 * kSecond);
      ASSERT_LT(coldness, last) << from << ' ' << later;
      last = coldness;
    }
  }
}

TEST(AccessClock, WhatWasUsedBeforeTheClockWasSetBackIsNotCold) {
  const uint32_t field = AccessClock::Fresh(kLru, kNow);
  EXPECT_EQ(AccessClock::Coldness(kLru, field, kNow - 4'000), 0u);
  EXPECT_EQ(AccessClock::Coldness(kLru, field, kNow - 30 * kSecond), 0u);
  constexpr int64_t kHundredDays = 100 * 24 * 60 * kMinute;
  EXPECT_EQ(AccessClock::Coldness(kLru, field, kNow + kHundredDays), 100u * 86'400 << AccessClock::kTickBits);
}

TEST(AccessClock, ClientsSeeTheFieldOfRedis) {
  EXPECT_EQ(AccessClock::AsInRedis(kLru, AccessClock::Fresh(kLru, kNow)), 1'700'000'000 & AccessClock::kSecondsMask);
  EXPECT_EQ(AccessClock::AsInRedis(kLru, AccessClock::Fresh(kLru, kWrap + 3 * kSecond)), 3u);
  const uint32_t field = AccessClock::FromFrequency(200, kNow);
  EXPECT_EQ(AccessClock::AsInRedis(kLfu, field), field);
  EXPECT_LE(field, AccessClock::kSecondsMask);
}

TEST(AccessClock, FrequencyStartsDecaysAndWraps) {
  const uint32_t fresh = AccessClock::Fresh(kLfu, kNow);
  EXPECT_EQ(AccessClock::Frequency(kLfu, fresh, kNow), AccessClock::kLfuInitial);
  const uint32_t hot = AccessClock::FromFrequency(100, kNow);
  EXPECT_EQ(AccessClock::Frequency(kLfu, hot, kNow + kMinute - 1 - kNow % kMinute), 100);
  EXPECT_EQ(AccessClock::Frequency(kLfu, hot, kNow + 10 * kMinute), 90);
  EXPECT_EQ(AccessClock::Frequency(kLfu, hot, kNow + 101 * kMinute), 0);
  AccessOptions slow = kLfu;
  slow.lfu_decay_minutes = 10;
  EXPECT_EQ(AccessClock::Frequency(slow, hot, kNow + 10 * kMinute), 99);
  slow.lfu_decay_minutes = 0;
  EXPECT_EQ(AccessClock::Frequency(slow, hot, kNow + 1000 * kMinute), 100);
  constexpr int64_t kMinutesWrap = 500 * 65536 * kMinute;
  EXPECT_EQ(AccessClock::Frequency(kLfu, AccessClock::FromFrequency(50, kMinutesWrap - 5 * kMinute),
                                   kMinutesWrap + 5 * kMinute),
            40);
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
  for (int counter = 1; counter < 256; ++counter) {
    const auto coldness = [](int of) {
      return AccessClock::Coldness(kLfu, AccessClock::FromFrequency(static_cast<uint8_t>(of), kNow), kNow);
    };
    EXPECT_GT(coldness(counter - 1), coldness(counter)) << counter;
  }
}

}  // namespace
}  // namespace tidemark::keyspace
