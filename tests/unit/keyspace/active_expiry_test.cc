// Goal: keys whose time has come go though nobody asks for them, also where they are rare, and no other key does.
#include "keyspace/active_expiry.h"

#include <gtest/gtest.h>

#include <string>

#include "keyspace/container_edit.h"
#include "test_keyspace.h"
#include "values/hash.h"

namespace tidemark::keyspace {
namespace {

constexpr int64_t kPeriodUs = 100'000;
constexpr int64_t kSliceUs = 500;

struct ActiveExpiryTest : testing::Test {
  void SetUntil(std::string_view key, int64_t unix_ms, int index = 0) {
    EntryRef ref = base.db(index).SetString({}, base.Key(key), "value");
    base.db(index).SetExpiry(ref, unix_ms);
  }
  // As the server does from its cron: periods until as many keys are left, or too many periods have passed.
  int PeriodsUntil(size_t keys) {
    constexpr int kMost = 5000;
    for (int period = 1; period <= kMost; ++period) {
      expiry.Grant(kPeriodUs);
      while (expiry.Run(kSliceUs)) {
      }
      if (base.keyspace.total_keys() == keys) return period;
    }
    ADD_FAILURE() << base.keyspace.total_keys() << " keys are left instead of " << keys;
    return kMost;
  }

  TestKeyspace base;
  ActiveExpiry expiry{base.keyspace};
  const int64_t now_ms = TestKeyspace::kStartMs;
};

TEST_F(ActiveExpiryTest, DeletesWhatHasExpiredAndNothingElse) {
  for (int i = 0; i < 1000; ++i) {
    SetUntil("gone:" + std::to_string(i), now_ms + 10);
    SetUntil("later:" + std::to_string(i), now_ms + 100'000);
    base.Set("never:" + std::to_string(i), "value");
  }
  EXPECT_FALSE(expiry.Run(kSliceUs)) << "no time was granted";
  base.clock.AdvanceMs(20);
  PeriodsUntil(2000);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(base.db().Find(base.Key("later:" + std::to_string(i))));
    EXPECT_TRUE(base.db().Find(base.Key("never:" + std::to_string(i))));
  }
  EXPECT_EQ(base.keyspace.stats().expired_keys, 1000u);
  EXPECT_EQ(base.db().volatile_count(), 1000u);
  base.clock.AdvanceMs(200'000);
  PeriodsUntil(1000);
}

TEST_F(ActiveExpiryTest, FindsRareKeysOfALargeDatabase) {
  for (int i = 0; i < 100'000; ++i) base.Set("key:" + std::to_string(i), "value");
  for (int i = 0; i < 3; ++i) SetUntil("rare:" + std::to_string(i), now_ms + 10);
  base.clock.AdvanceMs(20);
  PeriodsUntil(100'000);
}

TEST_F(ActiveExpiryTest, WalksAllDatabases) {
  for (const int index : {1, 5, 15}) {
    for (int i = 0; i < 100; ++i) SetUntil("gone:" + std::to_string(i), now_ms + 10, index);
    SetUntil("later", now_ms + 100'000, index);
  }
  base.clock.AdvanceMs(20);
  PeriodsUntil(3);
}

TEST_F(ActiveExpiryTest, DoesNothingWhileDisabled) {
  SetUntil("gone", now_ms + 10);
  base.clock.AdvanceMs(20);
  expiry.set_enabled(false);
  expiry.Grant(kPeriodUs);
  EXPECT_FALSE(expiry.Run(kSliceUs));
  EXPECT_EQ(base.keyspace.total_keys(), 1u);
  expiry.set_enabled(true);
  PeriodsUntil(0);
}

TEST_F(ActiveExpiryTest, GivesUpRecordsOfColdKeys) {
  SetUntil("cold", now_ms + 10);
  EntryRef ref = base.db().Find(base.Key("cold"));
  base.MakeCold(ref, base.db());
  base.clock.AdvanceMs(20);
  PeriodsUntil(0);
  EXPECT_EQ(base.sink.live(), 0u);
}

TEST_F(ActiveExpiryTest, MeasuresTheAverageTtl) {
  for (int i = 0; i < 100; ++i) SetUntil("key:" + std::to_string(i), now_ms + 40'000);
  PeriodsUntil(100);
  EXPECT_EQ(base.db().average_ttl_ms(), 40'000);
}

TEST_F(ActiveExpiryTest, AnEmptyKeyspaceIsNoWork) {
  expiry.Grant(kPeriodUs);
  EXPECT_FALSE(expiry.Run(kSliceUs));
}

TEST_F(ActiveExpiryTest, ErasesFieldsOfHashesAndTheirKeysWithTheLast) {
  constexpr int kHashes = 500;
  const values::EncodingLimits& limits = base.keyspace.options().encoding_limits;
  for (int i = 0; i < kHashes; ++i) {
    // Every third is a table with more expired fields than one visit erases.
    const int fields = i % 3 == 0 ? 1000 : 3;
    values::Object object = values::NewHash();
    values::Hash hash(object, limits, now_ms);
    if (i % 2 == 0) hash.Set("stays", "1");
    for (int field = 0; field < fields; ++field) {
      const std::string name = "goes:" + std::to_string(field);
      hash.Insert(hash.Find(name), name, "v", now_ms + 10);
    }
    base.db().SetObject({}, base.Key("hash:" + std::to_string(i)), object);
  }
  EXPECT_EQ(base.db().volatile_hash_count(), static_cast<size_t>(kHashes));
  base.clock.AdvanceMs(20);
  PeriodsUntil(kHashes / 2);
  const size_t tables = (kHashes + 2) / 3;
  const size_t total = tables * 1000 + (kHashes - tables) * 3;
  for (int period = 0; period < 5000 && base.keyspace.stats().expired_fields < total; ++period) {
    expiry.Grant(kPeriodUs);
    while (expiry.Run(kSliceUs)) {
    }
  }
  EXPECT_EQ(base.keyspace.stats().expired_fields, total);
  EXPECT_EQ(base.keyspace.stats().expired_keys, 0u);
  EXPECT_EQ(base.db().volatile_hash_count(), 0u);
  base.db().ForEach([](const Entry& entry) { EXPECT_EQ(entry.ContainerSize(), 1u); });
}

TEST_F(ActiveExpiryTest, TheAccountOfVolatileHashesFollowsThem) {
  const values::EncodingLimits& limits = base.keyspace.options().encoding_limits;
  const auto change = [&](std::string_view key, auto&& how) {
    const EntryRef ref = base.db().LookupWrite(base.Key(key));
    ContainerEdit edit(base.db(), base.Key(key), ref, ref ? values::Object{} : values::NewHash());
    values::Hash hash(edit.object(), limits, now_ms);
    how(hash);
    edit.MarkChanged();
    edit.Finish();
  };
  const auto set = [](values::Hash& hash) {
    hash.Set("a", "1");
    hash.Set("b", "1");
  };
  const auto expire = [&](values::Hash& hash) { hash.SetExpiry(hash.Find("a"), now_ms + 1000); };
  change("one", set);
  EXPECT_EQ(base.db().volatile_hash_count(), 0u);
  change("one", expire);
  EXPECT_EQ(base.db().volatile_hash_count(), 1u);
  change("two", set);
  change("two", expire);
  base.db().CopyTo(base.db().Find(base.Key("one")), base.db(), base.Key("three"));
  EXPECT_EQ(base.db().volatile_hash_count(), 3u);
  change("one", [](values::Hash& hash) { hash.Set("a", "2"); });
  EXPECT_EQ(base.db().volatile_hash_count(), 2u);
  base.db().MoveTo(base.db().Find(base.Key("two")), base.db(1), base.Key("two"));
  EXPECT_EQ(base.db().volatile_hash_count(), 1u);
  EXPECT_EQ(base.db(1).volatile_hash_count(), 1u);
  base.db().SwapWith(base.db(1));
  base.db(1).SetString(base.db(1).Find(base.Key("three")), base.Key("three"), "string");
  EXPECT_EQ(base.db(1).volatile_hash_count(), 0u);
  base.db().Delete(base.db().Find(base.Key("two")), FreeMode::kNow);
  EXPECT_EQ(base.db().volatile_hash_count(), 0u);
}

}  // namespace
}  // namespace tidemark::keyspace
