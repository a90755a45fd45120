// Goal: sums stay within their bounds and their type; what is refused changes nothing, what is cut says by how much.
#include "commands/string/bounded_increment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tidemark::commands {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr long double kHuge = std::numeric_limits<long double>::max();

Incremented<int64_t> Integers(int64_t value, int64_t by, const IncrementBounds<int64_t>& bounds) {
  return Increment(value, by, bounds);
}

Incremented<long double> Floats(long double value, long double by, const IncrementBounds<long double>& bounds) {
  return Increment(value, by, bounds);
}

template <typename Number>
void Expect(const Incremented<Number>& result, Number value, Number applied) {
  EXPECT_EQ(result.outcome, Incremented<Number>::Outcome::kApplied);
  EXPECT_EQ(result.value, value);
  EXPECT_EQ(result.applied, applied);
}

template <typename Number>
void ExpectRefused(const Incremented<Number>& result, Number value) {
  EXPECT_EQ(result.outcome, Incremented<Number>::Outcome::kRefused);
  EXPECT_EQ(result.value, value);
  EXPECT_EQ(result.applied, 0);
}

TEST(BoundedIncrement, IntegersWithinBounds) {
  Expect<int64_t>(Integers(5, 2, {0, 10}), 7, 2);
  Expect<int64_t>(Integers(5, 5, {0, 10}), 10, 5);
  // Back from beyond the bounds.
  Expect<int64_t>(Integers(50, -25, {kMin, 30}), 25, -25);
  Expect<int64_t>(Integers(kMax, kMin, {kMin, kMax}), -1, kMin);
}

TEST(BoundedIncrement, IntegersBeyondBounds) {
  ExpectRefused<int64_t>(Integers(10, 10, {kMin, 15}), 10);
  ExpectRefused<int64_t>(Integers(kMax, 1, {kMin, kMax}), kMax);
  Expect<int64_t>(Integers(10, 10, {kMin, 15, true}), 15, 5);
  Expect<int64_t>(Integers(50, 5, {kMin, 30, true}), 30, -20);
  Expect<int64_t>(Integers(10, -5, {20, kMax, true}), 20, 10);
  Expect<int64_t>(Integers(kMax - 7, kMax, {kMin, kMax, true}), kMax, 7);
  Expect<int64_t>(Integers(kMin + 8, kMin, {kMin, kMax, true}), kMin, -8);
  EXPECT_EQ(Integers(kMax, -5, {kMin, kMin, true}).outcome, Incremented<int64_t>::Outcome::kUnrepresentable);
}

TEST(BoundedIncrement, Floats) {
  const long double infinity = HUGE_VALL;
  Expect<long double>(Floats(1.5L, 0.25L, {-kHuge, kHuge}), 1.75L, 0.25L);
  ExpectRefused<long double>(Floats(10.0L, 5.5L, {-kHuge, 12.5L}), 10.0L);
  Expect<long double>(Floats(10.0L, 5.5L, {-kHuge, 12.5L, true}), 12.5L, 2.5L);
  Expect<long double>(Floats(kHuge, kHuge, {-kHuge, kHuge, true}), kHuge, 0.0L);
  ExpectRefused<long double>(Floats(kHuge, kHuge, {-kHuge, infinity}), kHuge);
  ExpectRefused<long double>(Floats(10.0L, 1.0L, {infinity, infinity}), 10.0L);
  using Outcome = Incremented<long double>::Outcome;
  EXPECT_EQ(Floats(-kHuge, kHuge, {kHuge, kHuge, true}).outcome, Outcome::kUnrepresentable);
  EXPECT_EQ(Floats(10.0L, 1.0L, {infinity, infinity, true}).outcome, Outcome::kUnrepresentable);
}

}  // namespace
}  // namespace tidemark::commands
