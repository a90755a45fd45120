// Goal: every transition of the residency state machine (tiering/README.md), with everything that may happen to a key
// while its write or its read is under way; no value is ever lost or mixed up, and each record is given back once.
#include "tiering/pager/pager.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "pager_rig.h"

namespace tidemark::tiering {
namespace {

using keyspace::AccessClock;
using keyspace::EntryRef;
using keyspace::FreeMode;
using keyspace::Residency;

const std::string kValue(300, 'v');
const std::string kOther(300, 'o');

// What may happen to "key" while its record is on the way, and what must be there afterwards.
struct Interference {
  const char* name;
  std::function<void(PagerRig&)> act;
  std::map<std::string, std::string> contents;
  int database = 0;  // where the contents are
};

std::vector<Interference> Interferences() {
  const auto replace = [](PagerRig& rig) { rig.Set("key", kOther); };
  const auto remove = [](PagerRig& rig) { rig.db().Delete(rig.Find("key"), FreeMode::kNow); };
  return {
      {"nothing", [](PagerRig&) {}, {{"key", kValue}}},
      {"replaced", replace, {{"key", kOther}}},
      {"deleted", remove, {}},
      {"deleted and made again",
       [=](PagerRig& rig) {
         remove(rig);
         rig.Set("key", kOther);
       },
       {{"key", kOther}}},
      {"deleted, another made in its place",
       [=](PagerRig& rig) {
         remove(rig);
         rig.Set("yek", kOther);
       },
       {{"yek", kOther}}},
      {"renamed",
       [](PagerRig& rig) { rig.db().MoveTo(rig.Find("key"), rig.db(), rig.base.Key("new")); },
       {{"new", kValue}}},
      {"moved",
       [](PagerRig& rig) { rig.db().MoveTo(rig.Find("key"), rig.db(3), rig.base.Key("key")); },
       {{"key", kValue}},
       3},
      {"given an expiry",
       [](PagerRig& rig) {
         EntryRef ref = rig.Find("key");
         rig.db().SetExpiry(ref, keyspace::TestKeyspace::kStartMs + 1'000'000);
       },
       {{"key", kValue}}},
      {"expired",
       [](PagerRig& rig) {
         EntryRef ref = rig.Find("key");
         rig.db().SetExpiry(ref, keyspace::TestKeyspace::kStartMs + 10);
         rig.base.clock.AdvanceMs(20);
         EXPECT_FALSE(rig.db().LookupRead(rig.base.Key("key")));
       },
       {}},
      {"swapped away", [](PagerRig& rig) { rig.base.keyspace.SwapDatabases(0, 2); }, {{"key", kValue}}, 2},
      {"flushed", [](PagerRig& rig) { rig.base.keyspace.FlushAll(FreeMode::kNow); }, {}},
      {"flushed lazily", [](PagerRig& rig) { rig.base.keyspace.FlushAll(FreeMode::kLazy); }, {}},
      {"flushed lazily and made again",
       [](PagerRig& rig) {
         rig.base.keyspace.FlushAll(FreeMode::kLazy);
         rig.Set("key", kOther);
       },
       {{"key", kOther}}},
  };
}

void ExpectContents(PagerRig& rig, const Interference& interference) {
  EXPECT_EQ(rig.base.keyspace.total_keys(), interference.contents.size());
  for (const auto& [key, value] : interference.contents) EXPECT_EQ(rig.Read(key, interference.database), value) << key;
}

TEST(Pager, GoesRoundTheStates) {
  PagerRig rig;
  rig.Set("key", kValue);
  EXPECT_EQ(rig.Where("key"), Residency::kResident);
  EXPECT_EQ(rig.Where("none"), Residency::kMissing);
  ASSERT_TRUE(rig.pager.SpillKey(rig.db(), rig.Find("key")));
  EXPECT_EQ(rig.Where("key"), Residency::kSpilling);
  EXPECT_EQ(rig.base.Get("key"), kValue) << "the value may be read while it is written";
  EXPECT_TRUE(rig.pager.SpillKey(rig.db(), rig.Find("key"))) << "it is going there already";
  EXPECT_EQ(rig.simulated.waiting(), 1u);
  rig.Finish();
  EXPECT_EQ(rig.Where("key"), Residency::kCold);

  const Locator locator(rig.Find("key")->locator());
  rig.pager.Fetch(std::span(&locator, 1), PagerRig::kWaiter);
  EXPECT_EQ(rig.Where("key"), Residency::kFetching);
  EXPECT_EQ(rig.pager.fetch_bytes_in_flight(), locator.max_payload_bytes());
  rig.Finish();
  EXPECT_EQ(rig.Where("key"), Residency::kCold);
  EXPECT_EQ(rig.pager.fetch_bytes_in_flight(), 0u);
  EntryRef ref = rig.Find("key");
  const auto installed = rig.pager.Install(rig.db(), ref, *rig.fetched[PagerRig::kWaiter].at(locator.raw()));
  ASSERT_TRUE(installed);
  EXPECT_EQ(*installed, Pager::Installed::kKept) << "RAM is not short";
  EXPECT_EQ(rig.Where("key"), Residency::kClean);
  EXPECT_EQ(rig.base.Get("key"), kValue);
  rig.Set("key", kOther);
  EXPECT_EQ(rig.Where("key"), Residency::kResident);
  rig.ExpectConsistent();
  EXPECT_EQ(rig.pager.stats().spills, 1u);
  EXPECT_EQ(rig.pager.stats().reads, 1u);
  EXPECT_EQ(rig.pager.stats().promotions, 1u);
}

TEST(Pager, AnythingMayHappenDuringAWrite) {
  for (const Interference& interference : Interferences()) {
    SCOPED_TRACE(interference.name);
    PagerRig rig;
    rig.Set("key", kValue);
    ASSERT_TRUE(rig.pager.SpillKey(rig.db(), rig.Find("key")));
    interference.act(rig);
    rig.ExpectConsistent();
    ExpectContents(rig, interference);
    rig.ExpectConsistent();
  }
}

TEST(Pager, AnythingMayHappenDuringAWriteThatFails) {
  for (const StatusCode code : {StatusCode::kNoSpace, StatusCode::kIoError}) {
    for (const Interference& interference : Interferences()) {
      SCOPED_TRACE(interference.name);
      PagerRig rig;
      rig.Set("key", kValue);
      rig.simulated.FailNextWrites(1, code);
      ASSERT_TRUE(rig.pager.SpillKey(rig.db(), rig.Find("key")));
      interference.act(rig);
      rig.ExpectConsistent();
      EXPECT_EQ(rig.pager.stats().write_errors, 1u);
      EXPECT_TRUE(rig.store.live().empty());
      ExpectContents(rig, interference);
    }
  }
}

TEST(Pager, AnythingMayHappenDuringARead) {
  for (const Interference& interference : Interferences()) {
    SCOPED_TRACE(interference.name);
    PagerRig rig;
    rig.Set("key", kValue);
    rig.MakeCold("key");
    const Locator locator(rig.Find("key")->locator());
    rig.pager.Fetch(std::span(&locator, 1), PagerRig::kWaiter);
    interference.act(rig);
    rig.pager.Tick();  // the freed record goes before its read is finished
    rig.ExpectConsistent();
    EXPECT_EQ(rig.fetched[PagerRig::kWaiter].size(), 1u) << "the waiter hears of it in any case";
    ExpectContents(rig, interference);
    rig.ExpectConsistent();
  }
}

TEST(Pager, AnAddressInFlightIsNotSpilledFromAgain) {
  PagerRig rig;
  rig.Set("key", kValue);
  const keyspace::Entry* const address = rig.Find("key").entry;
  ASSERT_TRUE(rig.pager.SpillKey(rig.db(), rig.Find("key")));
  rig.db().Delete(rig.Find("key"), FreeMode::kNow);
  rig.Set("key", kOther);
  if (rig.Find("key").entry != address) GTEST_SKIP() << "the allocator did not use the address again";
  EXPECT_FALSE(rig.pager.SpillKey(rig.db(), rig.Find("key")));
  rig.Finish();
  EXPECT_EQ(rig.pager.stats().stale_writes, 1u);
  EXPECT_EQ(rig.Where("key"), Residency::kResident) << "what was written is not this value";
  EXPECT_TRUE(rig.pager.SpillKey(rig.db(), rig.Find("key")));
  rig.Finish();
  EXPECT_EQ(rig.Read("key"), kOther);
  rig.ExpectConsistent();
}

// A device that fails for some milliseconds is tried again soon, and nobody is refused or evicted for that.
TEST(Pager, WritersWaitForADeviceThatFailsForAMoment) {
  PagerRig rig;
  for (int i = 0; i < 5; ++i) rig.Set("key:" + std::to_string(i), kValue);
  rig.limit.set_max_bytes(PagerRig::kShort);
  rig.simulated.FailNextWrites(SIZE_MAX, StatusCode::kIoError);
  for (int ms = 0; ms < 50; ++ms) {
    rig.pager.Tick();
    rig.Finish();
    EXPECT_TRUE(rig.pager.CanRelieve());
    rig.pager.Tick();
    EXPECT_EQ(rig.simulated.waiting(), 0u) << "it is not tried again at once";
    EXPECT_TRUE(rig.pager.CanRelieve()) << "though only clean values are looked for, and there are none";
    rig.base.clock.AdvanceMs(1);
  }
  EXPECT_EQ(rig.Where("key:0"), Residency::kResident);
  rig.simulated.FailNextWrites(0, StatusCode::kIoError);
  for (int ms = 0; ms < 100 && rig.db().cold_count() == 0; ++ms) {
    rig.base.clock.AdvanceMs(1);
    rig.pager.Tick();
    rig.Finish();
  }
  EXPECT_EQ(rig.Where("key:0"), Residency::kCold);
  rig.ExpectConsistent();
}

TEST(Pager, WritersDoNotWaitForADeviceThatGoesOnFailing) {
  PagerRig rig;
  for (int i = 0; i < 5; ++i) rig.Set("key:" + std::to_string(i), kValue);
  rig.limit.set_max_bytes(PagerRig::kShort);
  EXPECT_TRUE(rig.pager.CanRelieve());
  rig.simulated.FailNextWrites(SIZE_MAX, StatusCode::kIoError);
  rig.pager.Tick();
  EXPECT_TRUE(rig.pager.CanRelieve()) << "writes are under way";
  size_t tries = 0;
  int64_t waited_ms = 0;
  for (; waited_ms < 5000; waited_ms += 10) {
    tries += rig.simulated.waiting() > 0 ? 1 : 0;
    rig.Finish();
    if (!rig.pager.CanRelieve()) break;
    rig.base.clock.AdvanceMs(10);
    rig.pager.Tick();
  }
  EXPECT_GE(waited_ms, 900);
  EXPECT_LE(waited_ms, 2000);
  EXPECT_LE(tries, 10u);
  EXPECT_EQ(rig.Where("key:0"), Residency::kResident);
  EXPECT_FALSE(rig.pager.CanRelieve());
  EXPECT_FALSE(rig.pager.LookAgain());
  rig.pager.Tick();
  EXPECT_EQ(rig.simulated.waiting(), 0u) << "it is not tried again at once";

  rig.simulated.FailNextWrites(0, StatusCode::kIoError);
  rig.base.clock.AdvanceMs(2000);
  rig.pager.Tick();
  EXPECT_GT(rig.simulated.waiting(), 0u);
  rig.Finish();
  EXPECT_EQ(rig.Where("key:0"), Residency::kCold);
  EXPECT_EQ(rig.Read("key:0"), kValue);
  rig.ExpectConsistent();
}

TEST(Pager, ReadErrorsLeaveTheValueOnFlash) {
  for (const StatusCode code : {StatusCode::kCorruption, StatusCode::kIoError, StatusCode::kNotFound}) {
    PagerRig rig;
    rig.Set("key", kValue);
    rig.MakeCold("key");
    const Locator locator(rig.Find("key")->locator());
    rig.simulated.FailRead(locator, code);
    const auto installed = rig.Bring("key");
    ASSERT_FALSE(installed);
    EXPECT_EQ(installed.error().code(), code);
    EXPECT_EQ(rig.Where("key"), Residency::kCold);
    EXPECT_EQ(rig.pager.stats().corruptions, code == StatusCode::kCorruption ? 1u : 0u);
    EXPECT_EQ(rig.pager.stats().read_errors, code == StatusCode::kIoError ? 1u : 0u);
    EXPECT_FALSE(rig.pager.ReadNow(locator.raw()).status.ok());
    rig.simulated.HealRead(locator);
    EXPECT_EQ(rig.Read("key"), kValue);
    rig.ExpectConsistent();
  }
}

TEST(Pager, WhatIsNoStringIsNotInstalled) {
  PagerRig rig;
  rig.Set("key", kValue);
  rig.MakeCold("key");
  const FetchedValue good = rig.pager.ReadNow(rig.Find("key")->locator());
  const std::string_view whole = good.payload;
  const FetchedValue other_type{Status::Ok(), 99, std::string(whole)};
  const FetchedValue of_a_list{Status::Ok(), formats::kRdbTypeList, std::string(whole)};
  for (const FetchedValue* value : {&other_type, &of_a_list}) {
    EntryRef ref = rig.Find("key");
    EXPECT_FALSE(rig.pager.Install(rig.db(), ref, *value));
    EXPECT_FALSE(rig.pager.Lend(*value));
    EXPECT_EQ(rig.Where("key"), Residency::kCold);
  }
  EXPECT_EQ(rig.pager.stats().corruptions, 4u);
  EXPECT_EQ(rig.Read("key"), kValue);
}

TEST(Pager, WhatIsLentStaysCold) {
  PagerRig rig;
  rig.Set("key", kValue);
  rig.MakeCold("key");
  const uint64_t locator = rig.Find("key")->locator();
  const FetchedValue value = rig.pager.ReadNow(locator);
  const Result<std::string_view> lent = rig.pager.Lend(value);
  ASSERT_TRUE(lent);
  EXPECT_EQ(*lent, kValue);
  EXPECT_EQ(rig.Where("key"), Residency::kCold);
  EXPECT_EQ(rig.Find("key")->locator(), locator);
  EXPECT_EQ(rig.pager.installs(), 1u);
  rig.ExpectConsistent();
}

TEST(Pager, ReadsOfOneRecordAreShared) {
  PagerRig rig;
  rig.Set("key", kValue);
  rig.MakeCold("key");
  const Locator locator(rig.Find("key")->locator());
  rig.pager.Fetch(std::span(&locator, 1), 1);
  rig.pager.Fetch(std::span(&locator, 1), 2);
  EXPECT_EQ(rig.simulated.waiting(), 1u);
  rig.Finish();
  EXPECT_EQ(rig.pager.stats().shared_flights, 1u);
  EXPECT_EQ(rig.fetched[1].at(locator.raw()), rig.fetched[2].at(locator.raw()));
}

TEST(Pager, PromotionFollowsThePolicyWhileRamIsShort) {
  struct Case {
    PromotePolicy policy;
    std::vector<Pager::Installed> reads;
  };
  constexpr auto kKept = Pager::Installed::kKept;
  constexpr auto kTransient = Pager::Installed::kTransient;
  for (const Case& test :
       {Case{PromotePolicy::kSecondTouch, {kTransient, kKept}}, Case{PromotePolicy::kAlways, {kKept}},
        Case{PromotePolicy::kNever, {kTransient, kTransient, kTransient}}}) {
    PagerRig rig;
    rig.options.promote = test.policy;
    rig.Set("key", kValue);
    rig.MakeCold("key");
    rig.Set("in RAM", kValue);
    rig.base.clock.AdvanceMs(1000);
    rig.limit.set_max_bytes(PagerRig::kShort);
    const uint64_t locator = rig.Find("key")->locator();
    for (const Pager::Installed expected : test.reads) {
      const auto installed = rig.Bring("key");
      ASSERT_TRUE(installed);
      EXPECT_EQ(*installed, expected);
      EXPECT_EQ(rig.Where("key"), Residency::kClean);
      EXPECT_EQ(rig.Find("key")->locator(), locator);
      EXPECT_TRUE(rig.db().LookupRead(rig.base.Key("key")));
      if (expected == kTransient) {
        rig.pager.Settle(rig.db(), rig.base.Key("key"), locator);
        EXPECT_EQ(rig.Where("key"), Residency::kCold);
      }
    }
    rig.ExpectConsistent();
  }
}

TEST(Pager, SettleLeavesWhatTheCommandChanged) {
  PagerRig rig;
  rig.options.promote = PromotePolicy::kNever;
  rig.Set("key", kValue);
  rig.MakeCold("key");
  rig.limit.set_max_bytes(PagerRig::kShort);
  const uint64_t locator = rig.Find("key")->locator();
  ASSERT_TRUE(rig.Bring("key"));
  EntryRef ref = rig.Find("key");
  rig.db().ResizeString(ref, kValue.size() + 1);
  rig.pager.Settle(rig.db(), rig.base.Key("key"), locator);
  EXPECT_EQ(rig.Where("key"), Residency::kResident);
  EXPECT_EQ(rig.base.Get("key").size(), kValue.size() + 1);
  rig.db().Delete(rig.Find("key"), FreeMode::kNow);
  rig.pager.Settle(rig.db(), rig.base.Key("key"), locator);
  rig.ExpectConsistent();
}

TEST(Pager, DemotingACleanValueWritesNothing) {
  PagerRig rig;
  rig.Set("key", kValue);
  rig.MakeCold("key");
  ASSERT_TRUE(rig.Bring("key"));
  ASSERT_EQ(rig.Where("key"), Residency::kClean);
  rig.limit.set_max_bytes(PagerRig::kShort);
  rig.pager.Tick();
  EXPECT_EQ(rig.Where("key"), Residency::kCold);
  EXPECT_EQ(rig.pager.stats().demotions, 1u);
  EXPECT_EQ(rig.simulated.Stats().writes, 1u);
  EXPECT_EQ(rig.Read("key"), kValue);
  rig.ExpectConsistent();
}

TEST(Pager, ASliceHasABound) {
  PagerRig rig;
  const std::string large(8192, 'l');
  constexpr uint64_t kMostInFlight = 512 * 1024;
  for (int i = 0; i < 500; ++i) rig.Set("key:" + std::to_string(i), large);
  rig.limit.set_max_bytes(PagerRig::kShort);
  for (int i = 0; i < 1000; ++i) {
    const bool more = rig.pager.Tick();
    EXPECT_LT(rig.simulated.Stats().write_bytes_in_flight, kMostInFlight + large.size() + 10);
    if (!more) break;
  }
  EXPECT_GE(rig.simulated.Stats().write_bytes_in_flight, kMostInFlight) << "ends by itself only where it must wait";
  EXPECT_LT(rig.db().cold_count(), 500u);
  for (int i = 0; i < 1000 && rig.db().cold_count() < 500; ++i) {
    rig.Finish();
    rig.base.clock.AdvanceMs(20);
    rig.pager.Tick();
  }
  EXPECT_EQ(rig.db().cold_count(), 500u);
  rig.ExpectConsistent();
}

TEST(Pager, NothingHappensWhileThereIsRoom) {
  PagerRig rig;
  rig.Set("key", kValue);
  EXPECT_FALSE(rig.pager.Tick());
  EXPECT_EQ(rig.Where("key"), Residency::kResident);
}

TEST(Pager, AFullTierGivesReliefOnlyByWhatIsClean) {
  PagerRig rig;
  rig.Set("clean", kValue);
  rig.MakeCold("clean");
  ASSERT_TRUE(rig.Bring("clean"));
  // Far better victims, but they would have to be written.
  for (int i = 0; i < 6; ++i) rig.Set("large:" + std::to_string(i), std::string(100'000, 'l'));
  rig.simulated.set_capacity_bytes(1);
  ASSERT_TRUE(rig.store.full());
  rig.limit.set_max_bytes(PagerRig::kShort);
  EXPECT_TRUE(rig.pager.CanRelieve()) << "the clean value can go";
  rig.pager.Tick();
  EXPECT_EQ(rig.Where("clean"), Residency::kCold);
  EXPECT_EQ(rig.simulated.Stats().writes, 1u);
  EXPECT_FALSE(rig.pager.CanRelieve());
  EXPECT_FALSE(rig.pager.LookAgain());
  EXPECT_FALSE(rig.pager.SpillKey(rig.db(), rig.Find("large:0")));
  rig.simulated.set_capacity_bytes(0);
  rig.base.clock.AdvanceMs(20);
  rig.pager.Tick();
  EXPECT_TRUE(rig.pager.CanRelieve());
  rig.ExpectConsistent();
}

// The store may have room, but none for a value as large as that: the others are spilled all the same, and it is left
// alone for a while.
TEST(Pager, AValueThatDoesNotFitHoldsUpNoOther) {
  PagerRig rig;
  const std::string large(100'000, 'l');
  rig.Set("large", large);
  rig.limit.set_max_bytes(PagerRig::kShort);
  rig.simulated.FailNextWrites(1, StatusCode::kNoSpace);
  rig.pager.Tick();
  ASSERT_EQ(rig.simulated.waiting(), 1u);
  for (int i = 0; i < 5; ++i) rig.Set("key:" + std::to_string(i), kValue);
  rig.Finish();
  ASSERT_EQ(rig.Where("large"), Residency::kResident);
  EXPECT_TRUE(rig.pager.LookAgain());
  rig.Finish();
  EXPECT_EQ(rig.db().cold_count(), 5u) << "all but the one";
  EXPECT_EQ(rig.Where("large"), Residency::kResident);
  EXPECT_EQ(rig.pager.stats().write_errors, 1u);

  // It is tried again, ever more seldom; where nothing else is left, writers do not wait for it for ever.
  rig.simulated.FailNextWrites(SIZE_MAX, StatusCode::kNoSpace);
  EXPECT_TRUE(rig.pager.LookAgain());
  EXPECT_EQ(rig.simulated.waiting(), 0u) << "not at once";
  for (int i = 0; i < 500; ++i) {
    rig.base.clock.AdvanceMs(10);
    rig.pager.Tick();
    rig.Finish();
  }
  EXPECT_FALSE(rig.pager.CanRelieve());
  EXPECT_GE(rig.pager.stats().write_errors, 5u);
  EXPECT_LE(rig.pager.stats().write_errors, 20u);
  rig.simulated.FailNextWrites(0, StatusCode::kNoSpace);
  rig.base.clock.AdvanceMs(2000);
  rig.pager.Tick();
  rig.Finish();
  EXPECT_EQ(rig.Read("large"), large);
  EXPECT_EQ(rig.pager.stats().spills, 6u);
  rig.ExpectConsistent();
}

TEST(Pager, NothingLeftToSpillIsNoRelief) {
  PagerRig rig;
  rig.limit.set_max_bytes(PagerRig::kShort);
  rig.Set("number", "12345");
  rig.Set("small", "v");
  rig.pager.Tick();
  EXPECT_FALSE(rig.pager.CanRelieve());
  rig.Set("key", kValue);
  EXPECT_TRUE(rig.pager.LookAgain()) << "much may have been written since the last look";
  rig.Finish();
  EXPECT_EQ(rig.Where("key"), Residency::kCold);
}

// A candidate that was used since it was looked at is not the coldest any more.
TEST(VictimPool, LeavesWhatWasUsedMeanwhile) {
  PagerRig rig;
  VictimPool pool(rig.base.keyspace, rig.options, [](const keyspace::Entry*) { return false; });
  for (int i = 0; i < 4; ++i) {
    rig.Set("key:" + std::to_string(i), kValue);
    rig.base.clock.AdvanceMs(20);
  }
  const Victim first = pool.Take();
  ASSERT_TRUE(first);
  EXPECT_EQ(first.ref->key(), "key:0");
  rig.db().Delete(first.ref, FreeMode::kNow);
  rig.db().LookupRead(rig.base.Key("key:1"));
  for (const char* expected : {"key:2", "key:3", "key:1"}) {
    const Victim victim = pool.Take();
    ASSERT_TRUE(victim);
    EXPECT_EQ(victim.ref->key(), expected);
    rig.db().Delete(victim.ref, FreeMode::kNow);
  }
}

TEST(VictimPool, RanksByColdnessTimesBytes) {
  PagerRig rig;
  VictimPool pool(rig.base.keyspace, rig.options, [](const keyspace::Entry*) { return false; });
  rig.Set("old and small", std::string(200, 's'));
  rig.Set("old and large", std::string(4000, 'l'));
  rig.base.clock.AdvanceMs(10'000);
  rig.Set("young and large", std::string(4000, 'l'));
  rig.base.clock.AdvanceMs(1000);
  std::vector<std::string> order;
  for (int i = 0; i < 3; ++i) {
    const Victim victim = pool.Take();
    ASSERT_TRUE(victim);
    order.emplace_back(victim.ref->key());
    rig.db().Delete(victim.ref, FreeMode::kNow);
  }
  EXPECT_EQ(order, (std::vector<std::string>{"old and large", "young and large", "old and small"}));
}

TEST(VictimPool, RanksByFrequencyInLfuMode) {
  keyspace::KeyspaceOptions options;
  options.access.mode = keyspace::AccessMode::kLfu;
  PagerRig rig(options);
  VictimPool pool(rig.base.keyspace, rig.options, [](const keyspace::Entry*) { return false; });
  const int64_t now = rig.base.clock.unix_us();
  for (const int count : {200, 3, 90}) {
    rig.Set("used " + std::to_string(count), kValue);
    EntryRef ref = rig.Find("used " + std::to_string(count));
    rig.db().SetAccess(ref, AccessClock::FromFrequency(static_cast<uint8_t>(count), now));
  }
  for (const char* expected : {"used 3", "used 90", "used 200"}) {
    const Victim victim = pool.Take();
    ASSERT_TRUE(victim);
    EXPECT_EQ(victim.ref->key(), expected);
    rig.db().Delete(victim.ref, FreeMode::kNow);
  }
}

TEST(VictimPool, LeavesWhatIsNotWorthAWrite) {
  PagerRig rig;
  rig.options.min_value_bytes = 100;
  rig.options.max_record_bytes = 1000;
  VictimPool pool(rig.base.keyspace, rig.options, [](const keyspace::Entry*) { return false; });
  rig.Set("small", std::string(99, 'v'));
  rig.Set("huge", std::string(1001, 'v'));
  rig.Set("number", "123456789");
  rig.Set("soon gone", kValue);
  EntryRef ref = rig.Find("soon gone");
  rig.db().SetExpiry(ref, rig.base.clock.unix_ms() + 5000);
  EXPECT_FALSE(pool.Take());
  ref = rig.Find("soon gone");
  rig.db().SetExpiry(ref, rig.base.clock.unix_ms() + 60'000);
  EXPECT_TRUE(pool.Take());
  rig.Set("large enough", std::string(100, 'v'));
  EXPECT_TRUE(pool.Take());
}

TEST(VictimPool, LeavesWhatIsBusy) {
  PagerRig rig;
  rig.Set("key", kValue);
  const keyspace::Entry* const busy = rig.Find("key").entry;
  VictimPool pool(rig.base.keyspace, rig.options, [=](const keyspace::Entry* entry) { return entry == busy; });
  EXPECT_FALSE(pool.Take());
}

// A candidate is remembered by address and hash. The address may be used again for another key of the same chain: taken
// under the old hash, its write would not find it once the chain had split, and it would be left spilling for ever.
TEST(VictimPool, AVictimHasItsOwnHash) {
  PagerRig rig;
  VictimPool pool(rig.base.keyspace, rig.options, [](const keyspace::Entry*) { return false; });
  for (int i = 0; i < 8; ++i) rig.Set("key:" + std::to_string(i), kValue);
  ASSERT_TRUE(pool.Take());
  for (int i = 0; i < 8; ++i) {
    rig.db().Delete(rig.Find("key:" + std::to_string(i)), FreeMode::kNow);
    rig.Set("new:" + std::to_string(i), kValue);
  }
  for (int i = 0; i < 8; ++i) {
    const Victim victim = pool.Take();
    ASSERT_TRUE(victim);
    EXPECT_EQ(victim.ref.hash, rig.base.Key(victim.ref->key()).hash);
    rig.db().Delete(victim.ref, FreeMode::kNow);
  }
}

}  // namespace
}  // namespace tidemark::tiering
