// Goal: a set holds what was put into it through every encoding, converts at the limits and only there, walks and draws
// from all of its members, and frees what it takes.
#include "values/set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/memory.h"
#include "support/seed.h"
#include "values/string_table.h"

namespace tidemark::values {
namespace {

// A set with its object and its limits.
class Owned {
 public:
  explicit Owned(const Object& object, EncodingLimits limits = {}) : object_(object), limits_(limits) {}
  ~Owned() { FreeObject(object_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  Set set() { return {object_, limits_}; }
  const Object& object() const { return object_; }
  Encoding encoding() const { return object_.encoding; }

 private:
  Object object_;
  EncodingLimits limits_;
};

std::set<std::string> MembersOf(const SetView& set) {
  std::set<std::string> members;
  set.ForEach([&](const PackedItem& member) { EXPECT_TRUE(members.insert(member.ToString()).second); });
  return members;
}

std::string RandomMember(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return std::to_string(static_cast<int64_t>(random.Next()) >> random.Below(64));
    case 1:
      return "0" + std::to_string(random.Below(100));
    case 2:
      return std::string(random.Below(200), static_cast<char>(random.Below(256)));
    default:
      return "member:" + std::to_string(random.Below(400));
  }
}

TEST(SetTest, IsASetWhateverIsDone) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  for (int round = 0; round < 60; ++round) {
    const EncodingLimits limits{.set_max_intset_entries = random.Below(100),
                                .set_max_listpack_entries = random.Below(100),
                                .set_max_listpack_value = random.Below(80)};
    Owned owned(round % 3 == 0 ? NewIntsetSet() : round % 3 == 1 ? NewListpackSet() : NewTableSet(), limits);
    std::set<std::string> model;
    const bool integers_first = random.Below(2) == 0;
    for (int i = 0; i < 400; ++i) {
      const std::string member = integers_first && i < 60 ? std::to_string(random.Below(200)) : RandomMember(random);
      if (random.Below(4) > 0) {
        ASSERT_EQ(owned.set().Add(member), model.insert(member).second);
      } else {
        ASSERT_EQ(owned.set().Remove(member), model.erase(member) > 0);
      }
      ASSERT_EQ(owned.set().Contains(member), model.contains(member));
      ASSERT_EQ(SetSize(owned.object()), model.size());
    }
    EXPECT_EQ(MembersOf(owned.set()), model);
    const Owned copy(CloneObject(owned.object()));
    EXPECT_EQ(copy.encoding(), owned.encoding());
    EXPECT_EQ(MembersOf(SetView(copy.object())), model);
    if (copy.encoding() != Encoding::kHashtable) {
      const auto bytes = SetView(copy.object()).PackedBytes();
      EXPECT_TRUE(copy.encoding() == Encoding::kIntset ? Intset::Validate(bytes) : IsSetListpack(bytes));
    }
  }
}

TEST(SetTest, IntsetBecomesTableBeyondItsLimit) {
  Owned owned(NewIntsetSet(), {.set_max_intset_entries = 10});
  for (int i = 0; i < 10; ++i) owned.set().Add(std::to_string(i));
  EXPECT_EQ(owned.encoding(), Encoding::kIntset);
  owned.set().Add("3");
  EXPECT_EQ(owned.encoding(), Encoding::kIntset);
  owned.set().Add("10");
  EXPECT_EQ(owned.encoding(), Encoding::kHashtable);
  EXPECT_EQ(owned.set().size(), 11u);
}

TEST(SetTest, IntsetBecomesListpackIfThatHoldsIt) {
  const EncodingLimits limits{.set_max_listpack_entries = 3, .set_max_listpack_value = 4};
  const auto encoding_after = [&](const std::vector<std::string>& members) {
    Owned owned(NewIntsetSet(), limits);
    for (const std::string& member : members) EXPECT_TRUE(owned.set().Add(member));
    EXPECT_EQ(owned.set().size(), members.size());
    return owned.encoding();
  };
  EXPECT_EQ(encoding_after({"a"}), Encoding::kListpack);
  EXPECT_EQ(encoding_after({"1", "2", "a"}), Encoding::kListpack);
  EXPECT_EQ(encoding_after({"1", "2", "abcde"}), Encoding::kHashtable);
  EXPECT_EQ(encoding_after({"1", "2", "3", "a"}), Encoding::kHashtable);
  EXPECT_EQ(encoding_after({"1", "2345", "a"}), Encoding::kListpack);
  EXPECT_EQ(encoding_after({"1", "23456", "a"}), Encoding::kHashtable) << "its longest integer is too long";
  EXPECT_EQ(encoding_after({"1", "-2345", "a"}), Encoding::kHashtable);
}

TEST(SetTest, ListpackBecomesTableAtItsLimits) {
  const EncodingLimits limits{.set_max_listpack_entries = 3, .set_max_listpack_value = 4};
  Owned by_count(NewListpackSet(), limits);
  for (const char* member : {"a", "1", "c"}) by_count.set().Add(member);
  EXPECT_FALSE(by_count.set().Add("1"));
  EXPECT_EQ(by_count.encoding(), Encoding::kListpack);
  by_count.set().Add("d");
  EXPECT_EQ(by_count.encoding(), Encoding::kHashtable);
  Owned by_length(NewListpackSet(), limits);
  by_length.set().Add("abcd");
  EXPECT_EQ(by_length.encoding(), Encoding::kListpack);
  by_length.set().Add("abcde");
  EXPECT_EQ(by_length.encoding(), Encoding::kHashtable);
}

TEST(SetTest, FirstEncodingFollowsTheHint) {
  const EncodingLimits limits{.set_max_intset_entries = 10, .set_max_listpack_entries = 5};
  const auto encoding = [&](std::string_view first, size_t hint) {
    return Owned(NewSet(first, hint, limits)).encoding();
  };
  EXPECT_EQ(encoding("12", 10), Encoding::kIntset);
  EXPECT_EQ(encoding("012", 5), Encoding::kListpack);
  EXPECT_EQ(encoding("12", 11), Encoding::kIntset) << "some may come twice";
  EXPECT_EQ(encoding("a", 6), Encoding::kHashtable);

  Owned expecting(NewListpackSet(), limits);
  expecting.set().Add("a");
  expecting.set().Expect(5);
  EXPECT_EQ(expecting.encoding(), Encoding::kListpack);
  expecting.set().Expect(6);
  EXPECT_EQ(expecting.encoding(), Encoding::kHashtable);
}

TEST(SetTest, BecomesAnIntsetAgainIfItCan) {
  Owned owned(NewTableSet(), {.set_max_intset_entries = 3});
  for (const char* member : {"1", "-7", "x", "9"}) owned.set().Add(member);
  owned.set().TryBecomeIntset();
  EXPECT_EQ(owned.encoding(), Encoding::kHashtable) << "too many";
  owned.set().Remove("9");
  owned.set().TryBecomeIntset();
  EXPECT_EQ(owned.encoding(), Encoding::kHashtable) << "not all integers";
  owned.set().Remove("x");
  owned.set().TryBecomeIntset();
  EXPECT_EQ(owned.encoding(), Encoding::kIntset);
  EXPECT_EQ(MembersOf(owned.set()), (std::set<std::string>{"1", "-7"}));
}

TEST(SetTest, RefusesAListpackWithAMemberTwice) {
  Listpack list = Listpack::Create();
  list.Append("a");
  list.Append("1");
  EXPECT_TRUE(IsSetListpack(list.view()));
  list.Append("1");
  EXPECT_FALSE(IsSetListpack(list.view()));
  EXPECT_FALSE(IsSetListpack("abc"));
  list.Destroy();
}

// Every encoding with the integers below `count`.
std::vector<Object> EveryEncoding(int count) {
  std::vector<Object> objects = {NewIntsetSet(), NewListpackSet(), NewTableSet()};
  const EncodingLimits unlimited{
      .set_max_intset_entries = 1u << 20, .set_max_listpack_entries = 1u << 20, .set_max_listpack_value = 1u << 20};
  for (Object& object : objects) {
    for (int i = 0; i < count; ++i) Set(object, unlimited).Add(std::to_string(i));
  }
  return objects;
}

TEST(SetTest, PicksAreFair) {
  Random random(1);
  constexpr int kMembers = 50;
  constexpr int kPicks = 100'000;
  for (const Object& object : EveryEncoding(kMembers)) {
    std::map<std::string, int> picks;
    for (int i = 0; i < kPicks; ++i) ++picks[SetView(object).Pick(random).ToString()];
    ASSERT_EQ(picks.size(), size_t{kMembers});
    for (const auto& [member, count] : picks) EXPECT_NEAR(count, kPicks / kMembers, 6 * std::sqrt(kPicks / kMembers));
    FreeObject(object);
  }
}

TEST(SetTest, SamplesHaveNoMemberTwiceAndAreFair) {
  Random random(2);
  constexpr int kMembers = 40;
  constexpr int kRounds = 4'000;
  for (const Object& object : EveryEncoding(kMembers)) {
    for (const size_t wanted : {size_t{1}, size_t{5}, size_t{20}, size_t{39}}) {
      std::map<std::string, int> drawn;
      for (int i = 0; i < kRounds; ++i) {
        std::set<std::string> distinct;
        for (const PackedItem& member : SetView(object).Sample(wanted, random)) {
          distinct.insert(member.ToString());
          ++drawn[member.ToString()];
        }
        ASSERT_EQ(distinct.size(), wanted);
      }
      const double expected = kRounds * static_cast<double>(wanted) / kMembers;
      for (const auto& [member, count] : drawn) EXPECT_NEAR(count, expected, 6 * std::sqrt(expected)) << wanted;
      EXPECT_EQ(drawn.size(), size_t{kMembers});
    }
    EXPECT_EQ(SetView(object).Sample(1000, random).size(), size_t{kMembers});
    EXPECT_TRUE(SetView(object).Sample(0, random).empty());
    FreeObject(object);
  }
}

TEST(SetTest, AScanSeesWhatStays) {
  Owned owned(NewTableSet());
  for (int i = 0; i < 5000; ++i) owned.set().Add("stays:" + std::to_string(i));
  std::set<std::string> seen;
  uint64_t cursor = 0;
  int step = 0;
  do {
    cursor = owned.set().Scan(cursor, [&](const PackedItem& member) { seen.insert(member.ToString()); });
    owned.set().Add("passes:" + std::to_string(step++));
    if (step > 300) owned.set().Remove("passes:" + std::to_string(step - 200));
  } while (cursor != 0);
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(seen.contains("stays:" + std::to_string(i)));
}

TEST(StringTableTest, KeepsStringsOfEveryLength) {
  StringTable table;
  std::set<std::string> model;
  for (size_t length = 0; length < 300; ++length) {
    const std::string text(length, static_cast<char>(length));
    EXPECT_TRUE(table.Add(text));
    EXPECT_FALSE(table.Add(text));
    model.insert(text);
  }
  const std::string large(1 << 20, 'x');
  const size_t before = table.MemoryBytes();
  table.Add(large);
  // A bucket more or less may come and go with it, as the hashes fall.
  constexpr size_t kBuckets = 1024;
  EXPECT_GT(table.MemoryBytes(), before + large.size() - kBuckets);
  EXPECT_TRUE(table.Contains(large));
  EXPECT_TRUE(table.Remove(large));
  EXPECT_FALSE(table.Remove(large));
  EXPECT_LT(table.MemoryBytes(), before + kBuckets);
  std::set<std::string> members;
  table.VisitWhile([&](std::string_view text) { return members.insert(std::string(text)).second; });
  EXPECT_EQ(members, model);
  for (const std::string& text : model) EXPECT_TRUE(table.Remove(text));
  EXPECT_EQ(table.size(), 0u);
}

TEST(StringTableTest, AWalkEndsEarly) {
  StringTable table;
  for (int i = 0; i < 1000; ++i) table.Add(std::to_string(i));
  int visited = 0;
  EXPECT_FALSE(table.VisitWhile([&](std::string_view) { return ++visited < 10; }));
  EXPECT_EQ(visited, 10);
}

}  // namespace
}  // namespace tidemark::values
