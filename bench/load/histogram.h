// Latencies in nanoseconds, counted in buckets whose width grows with the value: 128 buckets per power of two, so a
// percentile is off by less than one part in a hundred. One thread owns a histogram.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tidemark::bench {

class Histogram {
 public:
  void Record(uint64_t nanoseconds) {
    ++counts_[BucketIndex(nanoseconds)];
    ++total_;
    if (nanoseconds > max_) max_ = nanoseconds;
  }

  void Reset() { *this = Histogram(); }

  uint64_t total() const { return total_; }
  uint64_t max() const { return max_; }

  // The smallest recorded latency that at least `fraction` (0..1) of all requests did not exceed, 0 if there are none.
  uint64_t Percentile(double fraction) const {
    const double wanted = fraction * static_cast<double>(total_);
    uint64_t seen = 0;
    for (size_t index = 0; index < kBucketCount; ++index) {
      seen += counts_[index];
      if (counts_[index] != 0 && static_cast<double>(seen) >= wanted) return BucketMiddle(index);
    }
    return max_;
  }

 private:
  static constexpr unsigned kSubBits = 7;
  static constexpr uint64_t kSubCount = uint64_t{1} << kSubBits;
  static constexpr size_t kBucketCount = (64 - kSubBits + 1) * kSubCount;

  static size_t BucketIndex(uint64_t value) {
    if (value < kSubCount) return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kSubBits - 1;
    return (shift + 1) * kSubCount + ((value >> shift) - kSubCount);
  }

  static uint64_t BucketMiddle(size_t index) {
    if (index < kSubCount) return index;
    const unsigned shift = static_cast<unsigned>(index / kSubCount) - 1;
    return ((index % kSubCount + kSubCount) << shift) + ((uint64_t{1} << shift) >> 1);
  }

  std::array<uint64_t, kBucketCount> counts_{};
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace tidemark::bench
