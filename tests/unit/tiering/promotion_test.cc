// Goal: while RAM is short, a cold value that is read stays if it was used more recently than what would go for it:
// what is hot comes to RAM and stays, whatever was hot before, and reads that come again only by chance move little.
#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "pager_rig.h"
#include "support/seed.h"

namespace tidemark::tiering {
namespace {

using keyspace::AccessClock;
using keyspace::AccessMode;
using keyspace::EntryRef;
using keyspace::Residency;

// A server whose RAM has room for so many values.
class SmallRam {
 public:
  explicit SmallRam(size_t capacity, AccessMode mode = AccessMode::kLru, uint64_t seed = TestSeed())
      : rig_(Options(mode, seed), seed),
        pool_(rig_.base.keyspace, rig_.options, [](const keyspace::Entry*) { return false; }),
        capacity_(capacity) {
    rig_.limit.set_max_bytes(PagerRig::kShort);
  }

  PagerRig& rig() { return rig_; }
  static std::string Name(size_t index) { return "key:" + std::to_string(index); }

  void Set(size_t index, size_t bytes = 300) {
    rig_.Set(Name(index), std::string(bytes, 'v'));
    MakeRoom();
  }
  // As GET does, a millisecond after what was done before. Counts.
  void Get(size_t index) {
    rig_.base.clock.AdvanceMs(1);
    const std::string name = Name(index);
    const bool cold = rig_.Find(name)->cold();
    const uint64_t locator = rig_.Find(name)->locator();
    ++(cold ? misses : hits);
    const bool transient = cold && rig_.Bring(name).value() == Pager::Installed::kTransient;
    ASSERT_TRUE(rig_.db().LookupRead(rig_.base.Key(name)));
    if (transient) rig_.pager.Settle(rig_.db(), rig_.base.Key(name), locator);
    rig_.fetched.clear();
    MakeRoom();
  }
  bool InRam(size_t index) { return rig_.Where(Name(index)) != Residency::kCold; }

  uint64_t hits = 0;
  uint64_t misses = 0;

 private:
  static keyspace::KeyspaceOptions Options(AccessMode mode, uint64_t seed) {
    keyspace::KeyspaceOptions options;
    options.hash_seed = HashSeed{seed, ~seed};
    options.access.mode = mode;
    return options;
  }
  void MakeRoom() {
    while (rig_.db().size() - rig_.db().cold_count() > capacity_) {
      const Victim victim = pool_.Take();
      ASSERT_TRUE(victim);
      ASSERT_TRUE(rig_.pager.SpillKey(*victim.database, victim.ref));
      rig_.Finish();
    }
  }

  PagerRig rig_;
  VictimPool pool_;
  const size_t capacity_;
};

TEST(Promotion, AScanMovesNothing) {
  constexpr size_t kKeys = 1000;
  constexpr size_t kCapacity = 100;
  SmallRam ram(kCapacity);
  for (size_t i = 0; i < kKeys; ++i) ram.Set(i);
  const uint64_t before = ram.rig().pager.stats().promotions;
  for (size_t i = 0; i < 5 * kKeys; ++i) ram.Get(i % kKeys);
  EXPECT_EQ(ram.rig().pager.stats().promotions, before);
}

// Where every value is read alike, none deserves its place more than another one; a second read alone would bring three
// quarters of them.
TEST(Promotion, UniformReadsMoveLittle) {
  constexpr size_t kKeys = 5'000;
  constexpr size_t kCapacity = kKeys / 10;
  const uint64_t seed = TestSeed();
  SmallRam ram(kCapacity, AccessMode::kLru, seed);
  Random random(seed);
  for (size_t i = 0; i < kKeys; ++i) ram.Set(i);
  for (size_t i = 0; i < 6 * kKeys; ++i) ram.Get(random.Below(kKeys));
  const double promoted = static_cast<double>(ram.rig().pager.stats().promotions) / static_cast<double>(ram.misses);
  EXPECT_LT(promoted, 0.3) << "seed " << seed;
}

// An exact LRU would answer none of these requests from RAM: each key is used again after more others than fit.
TEST(Promotion, WhatIsHotStaysThoughMuchElseIsRead) {
  constexpr size_t kHot = 50;
  constexpr size_t kCapacity = 100;
  constexpr size_t kKeys = 5000;
  SmallRam ram(kCapacity);
  for (size_t i = 0; i < kKeys; ++i) ram.Set(i);
  const auto read_all = [&](size_t round) {
    for (size_t i = 0; i < kHot; ++i) {
      ram.Get(i);
      for (size_t other = 0; other < 2; ++other) ram.Get(kHot + (round * 2 * kHot + 2 * i + other) % (kKeys - kHot));
    }
  };
  for (size_t round = 0; round < 10; ++round) read_all(round);
  ram.hits = 0;
  for (size_t round = 10; round < 20; ++round) read_all(round);
  EXPECT_EQ(ram.hits, 10 * kHot);
}

TEST(Promotion, ANewHotSetReplacesTheOld) {
  constexpr size_t kHot = 100;
  constexpr size_t kCapacity = 125;
  for (const AccessMode mode : {AccessMode::kLru, AccessMode::kLfu}) {
    SmallRam ram(kCapacity, mode);
    for (size_t i = 0; i < 10 * kHot; ++i) ram.Set(i);
    const auto read_set = [&](size_t set, size_t rounds) {
      for (size_t i = 0; i < rounds * kHot; ++i) ram.Get(set * kHot + i % kHot);
    };
    for (const size_t set : {1, 5, 7}) {
      // Frequencies fall by the minute.
      if (mode == AccessMode::kLfu) ram.rig().base.clock.AdvanceMs(30 * 60'000);
      read_set(set, 40);
      ram.hits = 0;
      read_set(set, 1);
      EXPECT_GE(ram.hits, 90u) << "set " << set << ", mode " << static_cast<int>(mode);
    }
  }
}

// Had both the same size, the cold value would have to stay: it was used ten times as recently.
TEST(Promotion, ALargeValueHasToBeUsedMoreOften) {
  for (const size_t bytes : {size_t{300}, size_t{30'000}}) {
    SmallRam ram(2);
    PagerRig& rig = ram.rig();
    ram.Set(0, bytes);
    rig.MakeCold("key:0");
    ram.Set(1);
    ram.Set(2);
    rig.base.clock.AdvanceMs(9'000);
    ram.Get(0);
    rig.base.clock.AdvanceMs(1'000);
    ram.Get(0);
    EXPECT_EQ(rig.pager.stats().promotions, bytes == 300 ? 1u : 0u);
  }
}

// Where there is nobody to go for it, a value that stayed would be the next to go.
TEST(Promotion, NothingStaysWhereNothingCanGo) {
  SmallRam ram(10);
  ram.Set(0);
  ram.rig().MakeCold("key:0");
  for (int i = 0; i < 3; ++i) ram.Get(0);
  EXPECT_EQ(ram.rig().pager.stats().promotions, 0u);
}

TEST(Promotion, AReadOnFlashIsAnAccess) {
  SmallRam ram(10);
  ram.Set(0);
  PagerRig& rig = ram.rig();
  rig.MakeCold("key:0");
  rig.base.clock.AdvanceMs(5'000);
  EXPECT_EQ(AccessClock::IdleSeconds(rig.Find("key:0")->access(), rig.base.clock.unix_us()), 5u);
  ram.Get(0);
  ASSERT_FALSE(ram.InRam(0));
  EXPECT_EQ(AccessClock::IdleSeconds(rig.Find("key:0")->access(), rig.base.clock.unix_us()), 0u);
}

}  // namespace
}  // namespace tidemark::tiering
