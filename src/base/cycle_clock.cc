#include "base/cycle_clock.h"

namespace tidemark {

CycleClock::CycleClock() {
#if defined(__x86_64__)
  constexpr int64_t kMeasureUs = 1000;
  const int64_t start_us = Clock::MonotonicUs();
  const uint64_t start = Now();
  int64_t now_us = start_us;
  while (now_us - start_us < kMeasureUs) now_us = Clock::MonotonicUs();
  const uint64_t ticks = Now() - start;
  if (ticks > 0) us_per_tick_ = static_cast<double>(now_us - start_us) / static_cast<double>(ticks);
#endif
}

}  // namespace tidemark
