// Goal: each policy deletes only the keys of its scope and, where its samples see all keys, in its order.
#include "keyspace/evictor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "test_keyspace.h"

namespace tidemark::keyspace {
namespace {

using Scope = EvictionPolicy::Scope;
using Order = EvictionPolicy::Order;

// More samples than keys: the order is exact.
constexpr int kAll = 1000;

struct EvictorTest : testing::Test {
  EvictorTest() : base(1, Options()), evictor(base.keyspace) {}
  virtual ~EvictorTest() = default;

  static KeyspaceOptions Options() { return {}; }
  void SetVolatile(std::string_view key, int64_t ttl_ms) {
    EntryRef ref = base.Set(key, "value");
    base.db().SetExpiry(ref, base.clock.unix_ms() + ttl_ms);
  }
  // The key that one eviction takes, empty if it takes none.
  std::string Evict(const EvictionPolicy& policy) {
    std::vector<std::string> before;
    for (int i = 0; i < base.keyspace.database_count(); ++i) {
      base.db(i).ForEach([&](const Entry& entry) { before.emplace_back(entry.key()); });
    }
    const bool evicted = evictor.EvictOne(policy).has_value();
    EXPECT_EQ(base.keyspace.total_keys(), before.size() - (evicted ? 1 : 0));
    for (const std::string& key : before) {
      bool there = false;
      for (int i = 0; i < base.keyspace.database_count(); ++i) there = there || base.db(i).Find(base.Key(key));
      if (!there) return key;
    }
    return {};
  }

  TestKeyspace base;
  Evictor evictor;
};

TEST_F(EvictorTest, NoScopeNoVictim) {
  base.Set("key", "value");
  EXPECT_FALSE(evictor.EvictOne({}));
  EXPECT_EQ(base.keyspace.stats().evicted_keys, 0u);
}

TEST_F(EvictorTest, ColdestGoesFirst) {
  const std::vector<std::string> keys = {"first", "second", "third", "fourth"};
  for (const std::string& key : keys) {
    base.Set(key, "value");
    base.clock.AdvanceMs(5000);
  }
  base.db().LookupRead(base.Key("first"));
  const EvictionPolicy policy{Scope::kAllKeys, Order::kColdest, kAll};
  for (const char* expected : {"second", "third", "fourth", "first", ""}) EXPECT_EQ(Evict(policy), expected);
  EXPECT_EQ(base.keyspace.stats().evicted_keys, 4u);
}

TEST_F(EvictorTest, LeastFrequentGoesFirst) {
  base.keyspace.options().access.mode = AccessMode::kLfu;
  for (const int count : {90, 3, 200}) {
    EntryRef ref = base.Set("used " + std::to_string(count), "value");
    base.db().SetAccess(ref, AccessClock::FromFrequency(static_cast<uint8_t>(count), base.clock.unix_us()));
  }
  const EvictionPolicy policy{Scope::kAllKeys, Order::kColdest, kAll};
  for (const char* expected : {"used 3", "used 90", "used 200", ""}) EXPECT_EQ(Evict(policy), expected);
}

TEST_F(EvictorTest, VolatileScopeLeavesOtherKeys) {
  for (const Order order : {Order::kColdest, Order::kRandom, Order::kSoonestExpiry}) {
    base.keyspace.FlushAll(FreeMode::kNow);
    base.Set("persistent", "value");
    base.clock.AdvanceMs(60'000);
    for (int i = 0; i < 5; ++i) SetVolatile("volatile:" + std::to_string(i), 10'000);
    const EvictionPolicy policy{Scope::kVolatileKeys, order, 3};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(Evict(policy).substr(0, 9), "volatile:");
    EXPECT_EQ(Evict(policy), "");
    EXPECT_EQ(base.Get("persistent"), "value");
  }
}

TEST_F(EvictorTest, SoonestExpiryGoesFirst) {
  SetVolatile("later", 90'000);
  SetVolatile("soon", 1'000);
  SetVolatile("latest", 900'000);
  base.Set("never", "value");
  const EvictionPolicy policy{Scope::kVolatileKeys, Order::kSoonestExpiry, kAll};
  for (const char* expected : {"soon", "later", "latest", ""}) EXPECT_EQ(Evict(policy), expected);
}

TEST_F(EvictorTest, AKeyMadePersistentIsNoVictimAnyMore) {
  SetVolatile("first", 1'000);
  SetVolatile("second", 2'000);
  SetVolatile("third", 3'000);
  const EvictionPolicy policy{Scope::kVolatileKeys, Order::kSoonestExpiry, kAll};
  EXPECT_EQ(Evict(policy), "first");
  // It is in the pool by now.
  EntryRef ref = base.db().Find(base.Key("second"));
  base.db().ClearExpiry(ref);
  EXPECT_EQ(Evict(policy), "third");
  EXPECT_EQ(Evict(policy), "");
}

TEST_F(EvictorTest, RandomOrderTakesEveryKeyInTheEnd) {
  for (int i = 0; i < 200; ++i) base.Set("key:" + std::to_string(i), "value");
  const EvictionPolicy policy{Scope::kAllKeys, Order::kRandom, 5};
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(evictor.EvictOne(policy));
  EXPECT_FALSE(evictor.EvictOne(policy));
  EXPECT_EQ(base.keyspace.total_keys(), 0u);
}

TEST_F(EvictorTest, AllDatabasesAreSampled) {
  for (int db = 0; db < 4; ++db) {
    const HashedKey key = base.Key("key");
    base.db(db).SetString({}, key, "value");
  }
  const EvictionPolicy policy{Scope::kAllKeys, Order::kColdest, 5};
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(evictor.EvictOne(policy));
  EXPECT_EQ(base.keyspace.total_keys(), 0u);
}

TEST_F(EvictorTest, ColdValuesGoLikeOthers) {
  EntryRef ref = base.Set("cold", std::string(300, 'v'));
  base.MakeCold(ref, base.db());
  base.clock.AdvanceMs(5000);
  base.Set("young", "value");
  EXPECT_EQ(Evict({Scope::kAllKeys, Order::kColdest, kAll}), "cold");
  EXPECT_EQ(base.sink.live(), 0u);
}

TEST_F(EvictorTest, FindsTheOneVolatileKeyOfMany) {
  for (int i = 0; i < 20'000; ++i) base.Set("key:" + std::to_string(i), "value");
  SetVolatile("rare", 10'000);
  EXPECT_TRUE(evictor.EvictOne({Scope::kVolatileKeys, Order::kColdest, 5}));
  EXPECT_FALSE(base.db().Find(base.Key("rare")));
  EXPECT_EQ(base.db().size(), 20'000u);
}

TEST_F(EvictorTest, AKeyUsedSinceItWasSeenIsNoVictimAnyMore) {
  for (const char* key : {"first", "second", "third"}) {
    base.Set(key, "value");
    base.clock.AdvanceMs(20);
  }
  const EvictionPolicy policy{Scope::kAllKeys, Order::kColdest, kAll};
  EXPECT_EQ(Evict(policy), "first");
  // It is in the pool by now.
  base.db().LookupRead(base.Key("second"));
  EXPECT_EQ(Evict(policy), "third");
  EXPECT_EQ(Evict(policy), "second");
}

// The pool holds addresses. A key that was made where a candidate was freed is another key.
TEST_F(EvictorTest, AnAddressUsedAgainIsNoCandidate) {
  for (int i = 0; i < 8; ++i) base.Set("old:" + std::to_string(i), "value");
  base.clock.AdvanceMs(100'000);
  const EvictionPolicy policy{Scope::kAllKeys, Order::kColdest, kAll};
  ASSERT_EQ(Evict(policy).substr(0, 4), "old:");
  for (int i = 0; i < 8; ++i) {
    if (const EntryRef ref = base.db().Find(base.Key("old:" + std::to_string(i)))) {
      base.db().Delete(ref, FreeMode::kNow);
      base.Set("new:" + std::to_string(i), "value");
    }
  }
  EntryRef ref = base.Set("coldest", "value");
  base.db().SetAccess(ref, AccessClock::FromIdleSeconds(5000, base.clock.unix_us()));
  EXPECT_EQ(Evict(policy), "coldest");
}

}  // namespace
}  // namespace tidemark::keyspace
