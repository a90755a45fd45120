#include "keyspace/access_clock.h"

#include <algorithm>

namespace tidemark::keyspace {
namespace {

uint32_t LfuMinutes(int64_t unix_seconds) {
  return static_cast<uint32_t>(unix_seconds / 60) & 0xffff;
}

uint32_t PackLfu(uint32_t minutes, uint8_t counter) {
  return minutes << 8 | counter;
}

}  // namespace

uint32_t AccessClock::Fresh(const AccessOptions& options, int64_t unix_seconds) {
  if (options.mode == AccessMode::kLfu) return PackLfu(LfuMinutes(unix_seconds), kLfuInitial);
  return static_cast<uint32_t>(unix_seconds) & kMask;
}

uint32_t AccessClock::Touched(const AccessOptions& options, uint32_t field, int64_t unix_seconds, Random& random) {
  if (options.mode == AccessMode::kLru) return static_cast<uint32_t>(unix_seconds) & kMask;
  uint8_t counter = Frequency(options, field, unix_seconds);
  if (counter < 255) {
    const double base = counter > kLfuInitial ? counter - kLfuInitial : 0;
    if (random.Unit() < 1.0 / (base * options.lfu_log_factor + 1)) ++counter;
  }
  return PackLfu(LfuMinutes(unix_seconds), counter);
}

uint32_t AccessClock::IdleSeconds(uint32_t field, int64_t unix_seconds) {
  return (static_cast<uint32_t>(unix_seconds) - field) & kMask;
}

uint8_t AccessClock::Frequency(const AccessOptions& options, uint32_t field, int64_t unix_seconds) {
  const uint32_t counter = field & 0xff;
  if (options.lfu_decay_minutes == 0) return static_cast<uint8_t>(counter);
  const uint32_t minutes = (LfuMinutes(unix_seconds) - (field >> 8)) & 0xffff;
  const uint32_t periods = minutes / static_cast<uint32_t>(options.lfu_decay_minutes);
  return static_cast<uint8_t>(periods > counter ? 0 : counter - periods);
}

uint32_t AccessClock::FromIdleSeconds(uint64_t idle_seconds, int64_t unix_seconds) {
  const uint64_t idle = std::min<uint64_t>(idle_seconds, kMask - 1);
  return static_cast<uint32_t>(unix_seconds - static_cast<int64_t>(idle)) & kMask;
}

uint32_t AccessClock::FromFrequency(uint8_t counter, int64_t unix_seconds) {
  return PackLfu(LfuMinutes(unix_seconds), counter);
}

uint32_t AccessClock::Coldness(const AccessOptions& options, uint32_t field, int64_t unix_seconds) {
  if (options.mode == AccessMode::kLfu) return 255u - Frequency(options, field, unix_seconds);
  return IdleSeconds(field, unix_seconds);
}

}  // namespace tidemark::keyspace
