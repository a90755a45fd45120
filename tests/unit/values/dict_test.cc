// Goal: the dict is a map whatever is done to it, its walks keep their guarantee while it grows and shrinks, its picks
// are fair, and it gives back the memory it no longer needs.
#include "values/dict.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "base/siphash.h"
#include "support/seed.h"

namespace tidemark::values {
namespace {

struct alignas(16) Item {
  std::string key;
};

enum class Spread : uint8_t { kGood, kOneChain, kOneChainOneTag };

struct ItemOps {
  Spread spread = Spread::kGood;

  uint64_t HashOf(std::string_view key) const {
    const uint64_t hash = SipHash13(key, {1, 2});
    switch (spread) {
      case Spread::kGood:
        return hash;
      case Spread::kOneChain:
        return hash & 0xff00000000000000;
      case Spread::kOneChainOneTag:
        return 0;
    }
    return 0;
  }
  std::string_view Key(const Item& item, unsigned) const { return item.key; }
  uint64_t Hash(std::string_view key) const { return HashOf(key); }
};

using ItemDict = Dict<Item, ItemOps>;

// A dict with the items it points at.
class Table {
 public:
  explicit Table(Spread spread = Spread::kGood) : ops_{spread}, dict_(ops_) {}

  ItemDict& dict() { return dict_; }
  uint64_t Hash(const std::string& key) const { return ops_.HashOf(key); }
  bool Has(const std::string& key) const { return static_cast<bool>(dict_.Find(Hash(key), key)); }
  void Add(const std::string& key, unsigned flags = 0) {
    auto item = std::make_unique<Item>(Item{key});
    const ItemDict::Slot slot = dict_.Insert(Hash(key), item.get(), flags);
    ASSERT_EQ(dict_.Get(slot), item.get());
    items_.emplace(key, std::move(item));
  }
  void Remove(const std::string& key) {
    const ItemDict::Slot slot = dict_.Find(Hash(key), key);
    ASSERT_TRUE(slot);
    dict_.Erase(Hash(key), slot);
    items_.erase(key);
  }
  const std::unordered_map<std::string, std::unique_ptr<Item>>& items() const { return items_; }

  // What VisitChain shows over all buckets.
  std::multiset<std::string> Walk() const {
    std::multiset<std::string> keys;
    for (size_t index = 0; index < dict_.bucket_count(); ++index) {
      dict_.VisitChain(index, [&](ItemDict::Slot slot) { keys.insert(dict_.Get(slot)->key); });
    }
    return keys;
  }
  void ExpectSound() const {
    ASSERT_EQ(dict_.size(), items_.size());
    const std::multiset<std::string> walked = Walk();
    ASSERT_EQ(walked.size(), items_.size());
    for (const auto& [key, item] : items_) {
      ASSERT_EQ(walked.count(key), 1u);
      const ItemDict::Slot slot = dict_.Find(Hash(key), key);
      ASSERT_TRUE(slot);
      ASSERT_EQ(dict_.Get(slot), item.get());
      const ItemDict::Slot same = dict_.FindPointer(Hash(key), item.get());
      ASSERT_EQ(same.bucket, slot.bucket);
      ASSERT_EQ(same.index, slot.index);
    }
  }

 private:
  ItemOps ops_;
  ItemDict dict_;
  std::unordered_map<std::string, std::unique_ptr<Item>> items_;
};

std::string KeyOf(uint64_t number) {
  return "key:" + std::to_string(number);
}

TEST(Dict, IsAMap) {
  constexpr int kOperations = 100000;
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  Table table;
  for (int i = 0; i < kOperations; ++i) {
    // Tides of insertion and deletion, so that the table grows and shrinks several times.
    const bool rising = (i / 12500) % 2 == 0;
    const std::string key = KeyOf(random.Below(20000));
    const bool known = table.items().contains(key);
    ASSERT_EQ(table.Has(key), known);
    const bool insert = random.Below(10) < (rising ? 8u : 1u);
    if (insert && !known) {
      table.Add(key);
    } else if (!insert && known) {
      table.Remove(key);
    } else if (!insert && !table.items().empty()) {
      table.Remove(table.items().begin()->first);
    }
    if (i % 10000 == 0) table.ExpectSound();
  }
  table.ExpectSound();
}

TEST(Dict, FlagsStayWithTheirItem) {
  Table table;
  for (unsigned i = 0; i < 3000; ++i) table.Add(KeyOf(i), i % 16);
  for (unsigned i = 0; i < 2000; ++i) table.Remove(KeyOf(i));
  for (unsigned i = 2000; i < 3000; ++i) {
    const ItemDict::Slot slot = table.dict().Find(table.Hash(KeyOf(i)), KeyOf(i));
    ASSERT_EQ(table.dict().Flags(slot), i % 16);
  }
  const ItemDict::Slot slot = table.dict().Find(table.Hash(KeyOf(2500)), KeyOf(2500));
  Item replacement{KeyOf(2500)};
  Item* const original = table.dict().Get(slot);
  table.dict().Set(slot, &replacement, 3);
  EXPECT_EQ(table.dict().Get(slot), &replacement);
  EXPECT_EQ(table.dict().Flags(slot), 3u);
  EXPECT_FALSE(table.dict().FindPointer(table.Hash(KeyOf(2500)), original));
}

// Everything in one chain of child buckets, in which even tags do not help.
class DictChain : public ::testing::TestWithParam<Spread> {};

TEST_P(DictChain, GrowsAndShrinks) {
  constexpr uint64_t kItems = 200;
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  Table table(GetParam());
  for (uint64_t i = 0; i < kItems; ++i) table.Add(KeyOf(i));
  EXPECT_GT(table.dict().child_count(), 20u);
  table.ExpectSound();
  std::vector<std::string> keys;
  for (const auto& [key, item] : table.items()) keys.push_back(key);
  while (!keys.empty()) {
    const size_t index = random.Below(keys.size());
    table.Remove(keys[index]);
    EXPECT_FALSE(table.Has(keys[index]));
    keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(index));
    if (keys.size() % 20 == 0) table.ExpectSound();
  }
  EXPECT_EQ(table.dict().child_count(), 0u);
  EXPECT_EQ(table.dict().bucket_count(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Spreads, DictChain, ::testing::Values(Spread::kOneChain, Spread::kOneChainOneTag));

TEST(Dict, GivesMemoryBack) {
  constexpr uint64_t kItems = 100000;
  Table table;
  const size_t empty_bytes = table.dict().MemoryBytes();
  for (uint64_t i = 0; i < kItems; ++i) table.Add(KeyOf(i));
  EXPECT_LT(table.dict().MemoryBytes(), kItems * 13);
  EXPECT_GT(table.dict().bucket_count(), kItems / 7);
  for (uint64_t i = 0; i < kItems; ++i) table.Remove(KeyOf(i));
  EXPECT_EQ(table.dict().bucket_count(), 1u);
  EXPECT_EQ(table.dict().child_count(), 0u);
  // The first segment does not shrink below its 64 KiB.
  EXPECT_LE(table.dict().MemoryBytes(), empty_bytes + 70000);
}

enum class Tide : uint8_t { kRising, kFalling, kBoth };

class DictScan : public ::testing::TestWithParam<Tide> {};

TEST_P(DictScan, SeesWhatIsThereThroughout) {
  for (int round = 0; round < 20; ++round) {
    const uint64_t seed = TestSeed();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    Table table;
    const uint64_t stable = 50 + random.Below(500);
    for (uint64_t i = 0; i < stable; ++i) table.Add(KeyOf(i));
    uint64_t next = stable;
    uint64_t oldest = stable;
    if (GetParam() != Tide::kRising) {
      for (uint64_t i = 0; i < 6000; ++i) table.Add(KeyOf(next++));
    }
    std::unordered_set<std::string> seen;
    uint64_t cursor = 0;
    uint64_t steps = 0;
    do {
      cursor = table.dict().Scan(cursor, [&](ItemDict::Slot slot) { seen.insert(table.dict().Get(slot)->key); });
      const bool rising = GetParam() == Tide::kRising || (GetParam() == Tide::kBoth && steps / 64 % 2 == 0);
      for (uint64_t change = random.Below(100); change > 0; --change) {
        if (rising && next - oldest < 20000) {
          table.Add(KeyOf(next++));
        } else if (!rising && oldest < next) {
          table.Remove(KeyOf(oldest++));
        }
      }
      ASSERT_LT(++steps, 1000000u) << "the walk must end";
    } while (cursor != 0);
    for (uint64_t i = 0; i < stable; ++i) ASSERT_TRUE(seen.contains(KeyOf(i))) << KeyOf(i);
  }
}

INSTANTIATE_TEST_SUITE_P(Tides, DictScan, ::testing::Values(Tide::kRising, Tide::kFalling, Tide::kBoth));

TEST(Dict, ScanOfAQuietTableSeesEachItemOnce) {
  for (const uint64_t items : {0u, 1u, 7u, 100u, 777u, 5000u}) {
    Table table;
    for (uint64_t i = 0; i < items; ++i) table.Add(KeyOf(i));
    std::multiset<std::string> seen;
    uint64_t cursor = 0;
    do {
      cursor = table.dict().Scan(cursor, [&](ItemDict::Slot slot) { seen.insert(table.dict().Get(slot)->key); });
    } while (cursor != 0);
    EXPECT_EQ(seen.size(), items);
    EXPECT_EQ(seen, table.Walk());
  }
}

// A cursor is the client's, who may send anything.
TEST(Dict, ScanTakesAnyCursor) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  Table table;
  for (uint64_t i = 0; i < 1000; ++i) table.Add(KeyOf(i));
  for (int i = 0; i < 1000; ++i) {
    uint64_t cursor = random.Next();
    for (int steps = 0; cursor != 0; ++steps) {
      ASSERT_LE(steps, 1000);
      cursor = table.dict().Scan(cursor, [](ItemDict::Slot) {});
    }
  }
}

TEST(Dict, PicksAreFair) {
  constexpr uint64_t kItems = 1000;
  constexpr int kPicks = 200000;
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  Table table;
  EXPECT_FALSE(table.dict().Pick(random));
  // A table that was larger has room in its chains; picks must not care.
  for (uint64_t i = 0; i < 3 * kItems; ++i) table.Add(KeyOf(i));
  for (uint64_t i = kItems; i < 3 * kItems; ++i) table.Remove(KeyOf(i));
  EXPECT_GT(table.dict().child_count() + table.dict().bucket_count(), 100u);
  std::unordered_map<std::string, int> counts;
  for (int i = 0; i < kPicks; ++i) ++counts[table.dict().Get(table.dict().Pick(random))->key];
  const double expected = static_cast<double>(kPicks) / kItems;
  double chi_square = 0;
  for (uint64_t i = 0; i < kItems; ++i) {
    const double off = counts[KeyOf(i)] - expected;
    chi_square += off * off / expected;
  }
  // 999 degrees of freedom: mean 999, standard deviation 45; six of them above is one run in a billion.
  EXPECT_LT(chi_square, 1270);
}

TEST(Dict, ClearDisposesOfEachItemOnce) {
  Table table;
  for (uint64_t i = 0; i < 5000; ++i) table.Add(KeyOf(i));
  std::multiset<std::string> disposed;
  table.dict().Clear([&](Item* item) { disposed.insert(item->key); });
  EXPECT_EQ(disposed.size(), 5000u);
  EXPECT_EQ(std::set<std::string>(disposed.begin(), disposed.end()).size(), 5000u);
  EXPECT_EQ(table.dict().size(), 0u);
  EXPECT_EQ(table.dict().child_count(), 0u);
  EXPECT_FALSE(table.Has(KeyOf(1)));
}

TEST(Dict, SwapAndMove) {
  Item one{"one"};
  Item two{"two"};
  const ItemOps ops;
  ItemDict a(ops);
  ItemDict b(ops);
  a.Insert(ops.HashOf("one"), &one, 0);
  a.Swap(b);
  EXPECT_EQ(a.size(), 0u);
  ASSERT_TRUE(b.Find(ops.HashOf("one"), "one"));
  a.Insert(ops.HashOf("two"), &two, 0);
  EXPECT_FALSE(b.Find(ops.HashOf("two"), "two"));
  ItemDict c(std::move(b));
  EXPECT_TRUE(c.Find(ops.HashOf("one"), "one"));
  EXPECT_EQ(c.size(), 1u);
}

TEST(Dict, PrefetchTouchesNothing) {
  Table table(Spread::kOneChain);
  for (uint64_t i = 0; i < 100; ++i) table.Add(KeyOf(i));
  for (uint64_t i = 0; i < 200; ++i) {
    table.dict().PrefetchBucket(table.Hash(KeyOf(i)));
    table.dict().PrefetchItem(table.Hash(KeyOf(i)));
  }
  table.ExpectSound();
}

}  // namespace
}  // namespace tidemark::values
