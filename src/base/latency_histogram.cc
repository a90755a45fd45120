#include "base/latency_histogram.h"

#include <algorithm>
#include <bit>

namespace tidemark {

void LatencyHistogram::Add(uint64_t nanoseconds) {
  ++count_;
  const uint64_t value = std::min(nanoseconds | 1, kMaxNanoseconds);
  const int exponent = 63 - std::countl_zero(value);
  const uint64_t sub = exponent >= kSubBits ? value >> (exponent - kSubBits) & ((1u << kSubBits) - 1) : 0;
  ++buckets_[static_cast<size_t>(exponent) << kSubBits | sub];
}

uint64_t LatencyHistogram::CountBelowPowerOfTwo(int exponent) const {
  const size_t end = static_cast<size_t>(std::clamp(exponent, 0, kExponents)) << kSubBits;
  uint64_t count = 0;
  for (size_t i = 0; i < end; ++i) count += buckets_[i];
  return count;
}

double LatencyHistogram::PercentileUs(double percentile) const {
  const auto goal = static_cast<uint64_t>(percentile / 100.0 * static_cast<double>(count_));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets && count_ > 0; ++i) {
    seen += buckets_[i];
    if (seen > goal || seen == count_) {
      const auto exponent = static_cast<int>(i >> kSubBits);
      const double sub = static_cast<double>(i & ((1u << kSubBits) - 1)) + 1;
      return static_cast<double>(uint64_t{1} << exponent) * (1 + sub / (1 << kSubBits)) / 1000.0;
    }
  }
  return 0;
}

}  // namespace tidemark
