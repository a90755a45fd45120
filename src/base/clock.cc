#include "base/clock.h"

#include <ctime>

namespace tidemark {
namespace {

int64_t ReadUs(clockid_t id) {
  timespec ts;
  clock_gettime(id, &ts);
  return int64_t{ts.tv_sec} * 1000000 + ts.tv_nsec / 1000;
}

}  // namespace

int64_t Clock::MonotonicUs() {
  return ReadUs(CLOCK_MONOTONIC);
}

int64_t Clock::UnixUs() {
  return ReadUs(CLOCK_REALTIME);
}

void Clock::Refresh() {
  unix_us_ = UnixUs();
  mono_us_ = MonotonicUs();
}

}  // namespace tidemark
