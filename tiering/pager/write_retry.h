// When to try again what could not be written, and whether writers are to wait for that: a failure or two are a hiccup,
// a row of them is not.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tidemark::tiering {

class WriteRetry {
 public:
  // Failures for so long leave no hope.
  static constexpr int64_t kPatienceUs = 1'000'000;

  // Monotonic time, microseconds.
  void NoteFailed(int64_t now_us) {
    if (Paused(now_us)) return;  // it was begun with the one that failed before
    if (pause_us_ == 0) first_failure_us_ = now_us;
    pause_us_ = std::clamp(2 * pause_us_, kLeastPauseUs, kMostPauseUs);
    retry_at_us_ = now_us + pause_us_;
    given_up_ = now_us - first_failure_us_ >= kPatienceUs;
  }
  void Reset() { *this = {}; }

  bool Paused(int64_t now_us) const { return now_us < retry_at_us_; }
  bool given_up() const { return given_up_; }
  // Paused, and the next try may well be good.
  bool PausedWithHope(int64_t now_us) const { return Paused(now_us) && !given_up_; }

 private:
  static constexpr int64_t kLeastPauseUs = 10'000;
  static constexpr int64_t kMostPauseUs = 1'000'000;

  int64_t first_failure_us_ = 0;
  int64_t pause_us_ = 0;  // 0: nothing has failed
  int64_t retry_at_us_ = 0;
  bool given_up_ = false;
};

}  // namespace tidemark::tiering
