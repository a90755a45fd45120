// Goal: percentiles are within the width of a bucket of the truth, and no duration is lost, however short or long.
#include "base/latency_histogram.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(LatencyHistogram, PercentilesAreWithinTheWidthOfABucket) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.PercentileUs(99), 0);
  for (uint64_t us = 1; us <= 10'000; ++us) histogram.Add(us * 1000);
  for (const double percentile : {1.0, 50.0, 90.0, 99.0, 99.9}) {
    EXPECT_NEAR(histogram.PercentileUs(percentile), percentile * 100, percentile * 100 * 0.07 + 1) << percentile;
  }
}

TEST(LatencyHistogram, CountsWhatIsBelowAPowerOfTwo) {
  LatencyHistogram histogram;
  for (const uint64_t nanoseconds : {0ull, 1ull, 1023ull, 1024ull, 2047ull, 2048ull, ~0ull}) histogram.Add(nanoseconds);
  EXPECT_EQ(histogram.count(), 7u);
  EXPECT_EQ(histogram.CountBelowPowerOfTwo(10), 3u);
  EXPECT_EQ(histogram.CountBelowPowerOfTwo(11), 5u);
  EXPECT_EQ(histogram.CountBelowPowerOfTwo(12), 6u);
  EXPECT_EQ(histogram.CountBelowPowerOfTwo(64), 7u);
}

}  // namespace
}  // namespace tidemark
