// Durations in buckets of about 6% width, in memory of a fixed size, for percentiles. Owned by one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tidemark {

class LatencyHistogram {
 public:
  // Of a longer duration, this (18 minutes) is counted.
  static constexpr uint64_t kMaxNanoseconds = (uint64_t{1} << 40) - 1;

  void Add(uint64_t nanoseconds);
  uint64_t count() const { return count_; }
  // How many durations were below 2^exponent nanoseconds.
  uint64_t CountBelowPowerOfTwo(int exponent) const;
  // The upper bound of the bucket in which the percentile (0 to 100) lies, microseconds; 0 if there is none.
  double PercentileUs(double percentile) const;

 private:
  static constexpr int kExponents = 40;
  static constexpr int kSubBits = 4;
  static constexpr size_t kBuckets = size_t{kExponents} << kSubBits;

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
};

}  // namespace tidemark
