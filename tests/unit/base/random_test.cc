// Goal: a seed gives one sequence, draws stay in range and are even.
#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "support/seed.h"

namespace tidemark {
namespace {

TEST(Random, SameSeedSameSequence) {
  Random a(42);
  Random b(42);
  Random c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = a.Next();
    EXPECT_EQ(value, b.Next());
    differs = differs || value != c.Next();
  }
  EXPECT_TRUE(differs);
}

TEST(Random, BelowIsInRangeAndEven) {
  constexpr size_t kBuckets = 10;
  constexpr int kDraws = 100000;
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  std::array<int, kBuckets> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts.at(random.Below(kBuckets));
  double chi_square = 0;
  const double expected = static_cast<double>(kDraws) / kBuckets;
  for (const int count : counts) chi_square += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_square, 50) << "nine degrees of freedom: exceeded once in ten million runs";
}

TEST(Random, UnitIsInRange) {
  Random random(7);
  for (int i = 0; i < 10000; ++i) {
    const double value = random.Unit();
    EXPECT_GE(value, 0);
    EXPECT_LT(value, 1);
  }
}

TEST(Random, HexHasOnlyHexDigits) {
  const std::string id = RandomHex(40);
  EXPECT_EQ(id.size(), 40u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(id, RandomHex(40));
}

}  // namespace
}  // namespace tidemark
