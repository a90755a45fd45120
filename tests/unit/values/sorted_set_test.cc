// Goal: a sorted set answers the same in both of its encodings, changes from the small one to the large one exactly at
// its limits, and keeps scores as Redis writes them.
#include "values/sorted_set.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "support/seed.h"

namespace tidemark::values {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
using Rule = SortedSet::Rule;
using Change = SortedSet::Change;

class SortedSetTest : public ::testing::Test {
 protected:
  ~SortedSetTest() override { FreeSortedSet(object_); }
  SortedSet Handle() { return {object_, limits_}; }
  SortedSetView View() const { return SortedSetView(object_); }
  std::vector<std::pair<std::string, double>> Elements(Direction direction = Direction::kUp) const {
    std::vector<std::pair<std::string, double>> elements;
    View().ForEach({0, View().size()}, direction,
                   [&](std::string_view member, double score) { elements.emplace_back(member, score); });
    return elements;
  }

  EncodingLimits limits_;
  Object object_ = NewSortedSet();
};

TEST_F(SortedSetTest, ConvertsWhenItHasTooManyMembers) {
  for (int i = 0; i < 128; ++i) EXPECT_EQ(Handle().Set(std::to_string(i), i), Change::kAdded);
  EXPECT_EQ(object_.encoding, Encoding::kListpack);
  EXPECT_EQ(Handle().Set("5", 1000), Change::kScore);
  EXPECT_EQ(object_.encoding, Encoding::kListpack);
  EXPECT_EQ(Handle().Set("x", 1), Change::kAdded);
  EXPECT_EQ(object_.encoding, Encoding::kSkiplist);
  EXPECT_EQ(View().size(), 129u);
  EXPECT_EQ(View().Score("5"), 1000);
  EXPECT_TRUE(View().tree().IsSound());
  for (int i = 0; i < 128; ++i) EXPECT_TRUE(Handle().Erase(std::to_string(i)));
  EXPECT_EQ(object_.encoding, Encoding::kSkiplist);
  EXPECT_EQ(View().size(), 1u);
}

TEST_F(SortedSetTest, ConvertsWhenAMemberIsTooLong) {
  Handle().Set(std::string(64, 'a'), 1);
  EXPECT_EQ(object_.encoding, Encoding::kListpack);
  Handle().Set(std::string(65, 'a'), 1);
  EXPECT_EQ(object_.encoding, Encoding::kSkiplist);
}

TEST_F(SortedSetTest, BuildsFromElementsInOrder) {
  std::vector<std::string> names;
  std::vector<ScoredMember> elements;
  for (int i = 0; i < 129; ++i) names.push_back(std::to_string(1000 + i));
  for (const std::string& name : names) elements.push_back({name, 2});
  const Object large = NewSortedSet(elements, limits_);
  EXPECT_EQ(large.encoding, Encoding::kSkiplist);
  FreeSortedSet(large);
  elements.pop_back();
  FreeSortedSet(object_);
  object_ = NewSortedSet(elements, limits_);
  EXPECT_EQ(object_.encoding, Encoding::kListpack);
  EXPECT_EQ(View().size(), 128u);
  EXPECT_EQ(View().Find("1005")->rank, 5u);
}

TEST_F(SortedSetTest, KeepsScoresOfEveryKindInAListpack) {
  const std::vector<std::pair<std::string, double>> kElements = {
      {"lowest", -kInfinity}, {"d", -1.5}, {"a", 0}, {"12345", 0}, {"c", 1e-320}, {"b", 0.1}, {"e", 3}, {"f", 1e300},
      {"highest", kInfinity},
  };
  for (const auto& [member, score] : kElements) Handle().Set(member, score);
  auto expected = kElements;
  std::swap(expected[2], expected[3]);  // digits sort before letters
  EXPECT_EQ(Elements(), expected);
  EXPECT_EQ(Elements(Direction::kDown),
            (std::vector<std::pair<std::string, double>>(expected.rbegin(), expected.rend())));
  EXPECT_EQ(object_.encoding, Encoding::kListpack);
}

TEST_F(SortedSetTest, ObeysTheRulesOfUpdates) {
  for (const size_t entries : {size_t{128}, size_t{0}}) {
    limits_.zset_max_listpack_entries = entries;
    FreeSortedSet(object_);
    object_ = NewSortedSet();
    SortedSet set = Handle();
    EXPECT_TRUE(set.Update({"m", 1}, {.presence = Rule::Presence::kPresent}).refused);
    EXPECT_EQ(set.Update({"m", 1}, {.presence = Rule::Presence::kMissing}).change, Change::kAdded);
    EXPECT_TRUE(set.Update({"m", 2}, {.presence = Rule::Presence::kMissing}).refused);
    EXPECT_TRUE(set.Update({"m", 1}, {.order = Rule::Order::kGreater}).refused);
    EXPECT_EQ(set.Update({"m", 2}, {.order = Rule::Order::kGreater}).change, Change::kScore);
    EXPECT_TRUE(set.Update({"m", 2}, {.order = Rule::Order::kLess}).refused);
    EXPECT_EQ(set.Update({"m", 2}, {}).change, Change::kNone);
    EXPECT_EQ(set.Update({"m", 3}, {.increment = true}).score, 5);
    EXPECT_EQ(set.Update({"n", 3}, {.increment = true}).change, Change::kAdded);
    set.Set("m", kInfinity);
    EXPECT_TRUE(set.Update({"m", -kInfinity}, {.increment = true}).nan);
    EXPECT_EQ(View().Score("m"), kInfinity);
  }
}

TEST_F(SortedSetTest, ClonesAreEqualAndApart) {
  for (const size_t entries : {size_t{128}, size_t{0}}) {
    limits_.zset_max_listpack_entries = entries;
    FreeSortedSet(object_);
    object_ = NewSortedSet();
    for (int i = 0; i < 100; ++i) Handle().Set(std::to_string(i), i % 10);
    const Object clone = CloneSortedSet(object_);
    const auto before = Elements();
    Handle().Erase("7");
    std::vector<std::pair<std::string, double>> cloned;
    SortedSetView(clone).ForEach([&](std::string_view member, double score) { cloned.emplace_back(member, score); });
    EXPECT_EQ(cloned, before);
    EXPECT_GT(SortedSetBytes(clone), 100u);
    FreeSortedSet(clone);
  }
}

// The same random changes to a small and a large set and a model; then the same questions.
TEST_F(SortedSetTest, AnswersTheSameInBothEncodings) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  EncodingLimits packed_limits;
  packed_limits.zset_max_listpack_entries = 100'000;
  EncodingLimits tree_limits;
  tree_limits.zset_max_listpack_entries = 0;
  Object packed = NewSortedSet();
  Object large = NewSortedSet();
  std::map<std::string, double> model;
  for (int step = 0; step < 3000; ++step) {
    const std::string member = std::to_string(random.Below(150));
    const double score = static_cast<double>(random.Below(40)) / 4 - 3;
    if (random.Below(3) > 0) {
      const auto change = SortedSet(packed, packed_limits).Set(member, score);
      ASSERT_EQ(SortedSet(large, tree_limits).Set(member, score), change);
      ASSERT_EQ(change == Change::kAdded, !model.contains(member));
      model[member] = score;
    } else {
      const bool erased = SortedSet(packed, packed_limits).Erase(member);
      ASSERT_EQ(SortedSet(large, tree_limits).Erase(member), erased);
      ASSERT_EQ(model.erase(member) > 0, erased);
    }
    if (step % 10 != 0) continue;

    std::set<std::pair<double, std::string>> order;
    for (const auto& [name, value] : model) order.emplace(value, name);
    ScoreRange range{.min = static_cast<double>(random.Below(40)) / 4 - 3,
                     .max = static_cast<double>(random.Below(40)) / 4 - 3,
                     .min_exclusive = random.Below(2) == 0,
                     .max_exclusive = random.Below(2) == 0};
    uint64_t inside = 0;
    for (const auto& [value, name] : order) inside += range.ReachesMin(value) && range.ReachesMax(value);
    for (const Object& object : {packed, large}) {
      const SortedSetView view(object);
      ASSERT_EQ(view.size(), order.size());
      const RankRange found = view.InScores(range);
      ASSERT_EQ(found.count, inside);
      auto at = order.begin();
      view.ForEach([&](std::string_view name, double value) {
        ASSERT_EQ(at->first, value);
        ASSERT_EQ(at->second, name);
        ++at;
      });
      if (found.count > 0) {
        view.ForEach({found.first, 1}, Direction::kUp,
                     [&](std::string_view, double value) { ASSERT_TRUE(range.ReachesMin(value)); });
      }
      ASSERT_EQ(view.Find("no such"), std::nullopt);
      const auto standing = view.Find(member);
      ASSERT_EQ(standing.has_value(), model.contains(member));
      if (standing) {
        ASSERT_EQ(standing->rank,
                  static_cast<uint64_t>(std::distance(order.begin(), order.find({model[member], member}))));
      }
    }
  }
  EXPECT_EQ(packed.encoding, Encoding::kListpack);
  EXPECT_EQ(large.encoding, Encoding::kSkiplist);
  FreeSortedSet(packed);
  FreeSortedSet(large);
}

TEST_F(SortedSetTest, FindsRangesOfBytes) {
  for (const size_t entries : {size_t{128}, size_t{0}}) {
    limits_.zset_max_listpack_entries = entries;
    FreeSortedSet(object_);
    object_ = NewSortedSet();
    for (const char* member : {"a", "b", "c", "d", "10", "2"}) Handle().Set(member, 0);
    using Kind = LexBound::Kind;
    const LexBound lowest{.kind = Kind::kLowest};
    const LexBound highest{.kind = Kind::kHighest};
    EXPECT_EQ(View().InMembers({lowest, highest}).count, 6u);
    EXPECT_EQ(View().InMembers({highest, lowest}).count, 0u);
    EXPECT_EQ(View().InMembers({lowest, lowest}).count, 0u);
    const RankRange middle = View().InMembers({{.member = "a"}, {.member = "c", .exclusive = true}});
    EXPECT_EQ(middle.first, 2u);
    EXPECT_EQ(middle.count, 2u);
    EXPECT_EQ(View().InMembers({{.member = "c"}, {.member = "a"}}).count, 0u);
    EXPECT_EQ(View().InMembers({{.member = "b"}, {.member = "b"}}).count, 1u);
    EXPECT_EQ(View().InMembers({{.member = "b", .exclusive = true}, {.member = "b"}}).count, 0u);
  }
}

}  // namespace
}  // namespace tidemark::values
