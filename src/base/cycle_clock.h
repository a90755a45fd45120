// The processor's time stamp counter: a clock that costs a few nanoseconds to read, for the time of single commands.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "base/clock.h"

namespace tidemark {

class CycleClock {
 public:
  // Measures the counter's rate against the monotonic clock for about a millisecond.
  CycleClock();

  static uint64_t Now() {
#if defined(__x86_64__)
    return __rdtsc();
#else
    return static_cast<uint64_t>(Clock::MonotonicUs());
#endif
  }
  double Microseconds(uint64_t ticks) const {
    return static_cast<double>(ticks) * us_per_tick_;
  }
  uint64_t Nanoseconds(uint64_t ticks) const {
    return static_cast<uint64_t>(static_cast<double>(ticks) * us_per_tick_ * 1000);
  }

 private:
  double us_per_tick_ = 1;
};

}  // namespace tidemark
