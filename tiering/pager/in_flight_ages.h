// How long the oldest of many operations has been under way, at a cost of a few instructions an operation: they are
// counted by the quarter of a second in which they began.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

namespace tidemark::tiering {

class InFlightAges {
 public:
  using Epoch = int64_t;

  // An operation begins; its epoch is to be given to End. Monotonic time, microseconds.
  Epoch Begin(int64_t now_us) {
    Epoch epoch = now_us / kEpochUs;
    if (counts_.empty()) {
      first_ = epoch;
    } else {
      epoch = std::max(epoch, first_);
    }
    const auto index = static_cast<size_t>(epoch - first_);
    if (index >= counts_.size()) counts_.resize(index + 1);
    ++counts_[index];
    return epoch;
  }
  void End(Epoch epoch) {
    --counts_[static_cast<size_t>(epoch - first_)];
    while (!counts_.empty() && counts_.front() == 0) {
      counts_.pop_front();
      ++first_;
    }
  }
  // How long the oldest has been under way at least, microseconds; 0 if none is.
  int64_t OldestUs(int64_t now_us) const {
    return counts_.empty() ? 0 : std::max<int64_t>(0, now_us - (first_ + 1) * kEpochUs);
  }

 private:
  static constexpr int64_t kEpochUs = 250'000;

  std::deque<uint32_t> counts_;  // by epoch from first_ on; the first is not 0
  Epoch first_ = 0;
};

}  // namespace tidemark::tiering
