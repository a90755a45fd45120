// How often and how long writers were held back near the memory limit. Main thread.
#pragma once

#include <cstdint>
#include <optional>

namespace tidemark::engine {

class StallMeter {
 public:
  // A writer waits. Monotonic time, microseconds.
  void Begin(int64_t now_us) {
    if (begun_us_) return;
    begun_us_ = now_us;
    ++count_;
  }
  // No writer waits any more: how long some did, microseconds; empty if none has.
  std::optional<int64_t> End(int64_t now_us) {
    if (!begun_us_) return std::nullopt;
    const int64_t took_us = now_us - *begun_us_;
    begun_us_.reset();
    total_us_ += static_cast<uint64_t>(took_us);
    return took_us;
  }

  // Times at which writers began to wait, and how long there were some that did, microseconds.
  uint64_t count() const { return count_; }
  uint64_t TotalUs(int64_t now_us) const {
    return total_us_ + static_cast<uint64_t>(begun_us_ ? now_us - *begun_us_ : 0);
  }
  void Reset(int64_t now_us) {
    count_ = begun_us_ ? 1 : 0;
    total_us_ = 0;
    if (begun_us_) begun_us_ = now_us;
  }

 private:
  std::optional<int64_t> begun_us_;
  uint64_t count_ = 0;
  uint64_t total_us_ = 0;
};

}  // namespace tidemark::engine
