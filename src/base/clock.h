// Time as the server sees it: read once per turn of the event loop and handed to whoever needs it, so that all commands
// of a turn agree on what has expired, and tests can own the time.
#pragma once

#include <cstdint>

namespace tidemark {

class Clock {
 public:
  // Unix time and monotonic time, microseconds, as of the last Refresh or Set.
  int64_t unix_us() const { return unix_us_; }
  int64_t unix_ms() const { return unix_us_ / 1000; }
  int64_t unix_seconds() const { return unix_us_ / 1000000; }
  int64_t mono_us() const { return mono_us_; }
  int64_t mono_ms() const { return mono_us_ / 1000; }

  // Reads the system's clocks.
  void Refresh();
  // Test control: both clocks at once.
  void Set(int64_t unix_us, int64_t mono_us) {
    unix_us_ = unix_us;
    mono_us_ = mono_us;
  }
  void AdvanceMs(int64_t ms) {
    unix_us_ += ms * 1000;
    mono_us_ += ms * 1000;
  }

  // The monotonic clock now, past any cached value, microseconds.
  static int64_t MonotonicUs();
  static int64_t UnixUs();

 private:
  int64_t unix_us_ = 0;
  int64_t mono_us_ = 0;
};

}  // namespace tidemark
