#include "base/memory_limit.h"

#include <algorithm>

namespace tidemark {
namespace {

constexpr int64_t kSampleRelaxedUs = 100'000;
constexpr int64_t kSampleNearLimitUs = 5'000;
constexpr int kNearPercent = 75;
// Pages may be filled to this share before they count for more than what is in them: with the spill watermark at 85%
// of the limit, pages then stay below 0.97 of it.
constexpr uint64_t kExpectedFillPercent = 88;

}  // namespace

uint64_t MemoryLimit::used() const {
  const uint64_t allocated = account_.used();
  return std::max(allocated, account_.active_pages_bytes() / 100 * kExpectedFillPercent);
}

void MemoryLimit::Refresh(int64_t mono_us) {
  // What other threads allocate shows only in a sample: the higher figure decides.
  const bool near = limited() && std::max(used(), account_.sampled_used()) > Mark(kNearPercent);
  if (mono_us < next_sample_us_ - (near ? kSampleRelaxedUs - kSampleNearLimitUs : 0)) return;
  account_.Sample();
  next_sample_us_ = mono_us + kSampleRelaxedUs;
}

}  // namespace tidemark
