#include "tiering/valuelog/spare_segments.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tidemark::tiering {
namespace {

constexpr int64_t kRetryUs = 1'000'000;

}  // namespace

void SpareSegments::Make(size_t wanted, uint64_t bytes, int64_t now_us) {
  if (making()) {
    const std::optional<Result<uint32_t>> made = device_.TakePrepared();
    if (!made) return;
    const uint64_t made_bytes = std::exchange(making_bytes_, 0);
    last_ = *made ? Status::Ok() : made->error();
    if (!*made) {
      total_bytes_ -= made_bytes;
      retry_us_ = now_us + kRetryUs;
    } else if (std::exchange(unwanted_, false)) {
      total_bytes_ -= made_bytes;
      device_.RemoveFile(**made);
    } else {
      spares_.push_back({**made, made_bytes});
    }
  }
  if (spares_.size() >= wanted || now_us < retry_us_) return;
  retry_us_ = 0;
  making_bytes_ = bytes;
  total_bytes_ += bytes;
  device_.PrepareFile(bytes);
}

bool SpareSegments::Has(uint64_t least_bytes) const {
  return std::any_of(spares_.begin(), spares_.end(), [&](const SpareSegment& s) { return s.bytes >= least_bytes; });
}

SpareSegment SpareSegments::Take(uint64_t least_bytes) {
  const auto spare =
      std::find_if(spares_.begin(), spares_.end(), [&](const SpareSegment& s) { return s.bytes >= least_bytes; });
  if (spare == spares_.end()) return {};
  const SpareSegment taken = *spare;
  spares_.erase(spare);
  total_bytes_ -= taken.bytes;
  return taken;
}

void SpareSegments::Drop() {
  for (const SpareSegment& spare : spares_) {
    device_.RemoveFile(spare.file);
    total_bytes_ -= spare.bytes;
  }
  spares_.clear();
  unwanted_ = making();
}

}  // namespace tidemark::tiering
