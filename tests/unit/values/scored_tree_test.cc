// Goal: whatever is done to a ScoredTree, it holds the same members in the same order as a std::set, knows their ranks,
// and obeys the rules of its nodes; members that arrive in order fill its leaves.
#include "values/scored_tree.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iterator>
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

using Order = std::set<std::pair<double, std::string>>;

// A tree and what it should hold.
class Pair {
 public:
  ScoredTree tree;
  Order order;
  std::map<std::string, double> scores;

  void Set(const std::string& member, double score) {
    const MemberBlock* const block = tree.Find(member);
    const auto at = scores.find(member);
    ASSERT_EQ(block != nullptr, at != scores.end());
    if (block == nullptr) {
      tree.Insert({member, score});
    } else {
      ASSERT_EQ(block->score(), at->second);
      tree.SetScore(block, score);
      order.erase({at->second, member});
    }
    order.emplace(score, member);
    scores[member] = score;
  }
  void Erase(const std::string& member) {
    const auto at = scores.find(member);
    ASSERT_EQ(tree.Erase(member), at != scores.end());
    if (at == scores.end()) return;
    order.erase({at->second, member});
    scores.erase(at);
  }
  void EraseRange(uint64_t rank, uint64_t count) {
    tree.EraseRange(rank, count);
    const auto first = std::next(order.begin(), static_cast<ptrdiff_t>(rank));
    const auto last = std::next(first, static_cast<ptrdiff_t>(count));
    for (auto at = first; at != last; ++at) scores.erase(at->second);
    order.erase(first, last);
  }

  void ExpectSame() const {
    ASSERT_TRUE(tree.IsSound());
    ASSERT_EQ(tree.size(), order.size());
    uint64_t rank = 0;
    ScoredTree::Cursor at = tree.At(0);
    for (const auto& [score, member] : order) {
      ASSERT_TRUE(at);
      ASSERT_EQ(at->score(), score);
      ASSERT_EQ(at->member(), member);
      const MemberBlock* const block = tree.Find(member);
      ASSERT_EQ(block, &*at);
      ASSERT_EQ(tree.Rank(*block), rank);
      if (rank % 7 == 0) {
        ASSERT_EQ(&*tree.At(rank), block);
      }
      ++rank;
      at.Next();
    }
    ASSERT_FALSE(at);
    ASSERT_FALSE(tree.At(rank));
  }

  void ExpectCounts(double score) const {
    const auto below = std::distance(order.begin(), order.lower_bound({score, ""}));
    auto up_to = order.lower_bound({score, ""});
    while (up_to != order.end() && up_to->first == score) ++up_to;
    ASSERT_EQ(tree.CountBelow(score), static_cast<uint64_t>(below));
    ASSERT_EQ(tree.CountUpTo(score), static_cast<uint64_t>(std::distance(order.begin(), up_to)));
  }
};

std::string Name(uint64_t i) {
  // Some are long, so that both forms of the length come up, and some begin alike.
  if (i % 41 == 0) return std::string(250 + i % 12, 'x') + std::to_string(i);
  return std::to_string(i);
}

enum class Scoring : uint8_t { kFew, kWide, kCloseTogether };

double DrawScore(Random& random, Scoring scoring) {
  switch (scoring) {
    case Scoring::kFew:
      return static_cast<double>(random.Below(5));
    case Scoring::kWide: {
      const uint64_t kind = random.Below(20);
      if (kind == 0) return std::numeric_limits<double>::infinity();
      if (kind == 1) return -std::numeric_limits<double>::infinity();
      if (kind == 2) return -std::numeric_limits<double>::max();
      return (random.Unit() - 0.5) * std::pow(10.0, static_cast<double>(random.Below(300)));
    }
    case Scoring::kCloseTogether:
      // Far closer than floats can tell apart.
      return 1.7e9 + static_cast<double>(random.Below(1000)) * 1e-3;
  }
  return 0;
}

class ScoredTreeRandomTest : public ::testing::TestWithParam<Scoring> {};

TEST_P(ScoredTreeRandomTest, EqualsASortedSetAfterAnyChanges) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  Pair pair;
  // The set grows to thousands, shrinks to nothing, and grows again.
  for (int step = 0; step < 24'000; ++step) {
    const bool growing = step < 8'000 || step > 18'000;
    const std::string member = Name(random.Below(6000));
    if (random.Below(10) < (growing ? 8u : 2u)) {
      ASSERT_NO_FATAL_FAILURE(pair.Set(member, DrawScore(random, GetParam())));
    } else if (random.Below(20) == 0 && !pair.order.empty()) {
      const uint64_t rank = random.Below(pair.order.size());
      const uint64_t count = random.Below(std::min<uint64_t>(pair.order.size() - rank, 100) + 1);
      ASSERT_NO_FATAL_FAILURE(pair.EraseRange(rank, count));
    } else {
      ASSERT_NO_FATAL_FAILURE(pair.Erase(member));
      if (!growing && !pair.scores.empty()) {
        ASSERT_NO_FATAL_FAILURE(pair.Erase(pair.order.begin()->second));
      }
    }
    if (step % 2000 == 0) {
      ASSERT_NO_FATAL_FAILURE(pair.ExpectSame());
    }
    if (step % 50 == 0) {
      ASSERT_NO_FATAL_FAILURE(pair.ExpectCounts(DrawScore(random, GetParam())));
    }
  }
  ASSERT_NO_FATAL_FAILURE(pair.ExpectSame());
  while (!pair.scores.empty()) ASSERT_NO_FATAL_FAILURE(pair.Erase(pair.scores.begin()->first));
  ASSERT_NO_FATAL_FAILURE(pair.ExpectSame());
}

INSTANTIATE_TEST_SUITE_P(Scorings, ScoredTreeRandomTest,
                         ::testing::Values(Scoring::kFew, Scoring::kWide, Scoring::kCloseTogether));

TEST(ScoredTreeTest, CountsByBytesWhereAllScoresAreEqual) {
  Pair pair;
  for (uint64_t i = 0; i < 3000; ++i) ASSERT_NO_FATAL_FAILURE(pair.Set(std::to_string(i * 7 % 3001), 0));
  for (uint64_t i = 0; i < 3100; i += 13) {
    const std::string bound = std::to_string(i);
    const auto below = std::distance(pair.order.begin(), pair.order.lower_bound({0, bound}));
    const auto up_to = std::distance(pair.order.begin(), pair.order.upper_bound({0, bound}));
    ASSERT_EQ(pair.tree.CountBelow(bound), static_cast<uint64_t>(below));
    ASSERT_EQ(pair.tree.CountUpTo(bound), static_cast<uint64_t>(up_to));
  }
}

// Bytes of tree and table for one member, without its own block of 16 bytes.
double OverheadPerMember(const std::vector<double>& scores) {
  ScoredTree tree;
  for (size_t i = 0; i < scores.size(); ++i) tree.Insert({std::to_string(i), scores[i]});
  EXPECT_TRUE(tree.IsSound());
  return static_cast<double>(tree.MemoryBytes()) / static_cast<double>(scores.size()) - 16;
}

TEST(ScoredTreeTest, MembersInOrderFillTheLeaves) {
  constexpr size_t kCount = 50'000;
  std::vector<double> up;
  std::vector<double> down;
  std::vector<double> nearly;
  Random random(1);
  for (size_t i = 0; i < kCount; ++i) {
    up.push_back(static_cast<double>(i));
    down.push_back(-static_cast<double>(i));
    nearly.push_back(static_cast<double>(i + random.Below(8)));
  }
  // The table takes 11.5, a full leaf 10.4 for each of its members.
  EXPECT_LT(OverheadPerMember(up), 23.5);
  EXPECT_LT(OverheadPerMember(down), 23.5);
  EXPECT_LT(OverheadPerMember(nearly), 26);
}

TEST(ScoredTreeTest, WalksBothWaysAcrossLeaves) {
  ScoredTree tree;
  for (int i = 0; i < 1000; ++i) tree.Insert({std::to_string(i), static_cast<double>(i)});
  ScoredTree::Cursor at = tree.At(999);
  for (int i = 999; i >= 0; --i) {
    ASSERT_TRUE(at);
    ASSERT_EQ(at->score(), i);
    at.Previous();
  }
  EXPECT_FALSE(at);
}

}  // namespace
}  // namespace tidemark::values
