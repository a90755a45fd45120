#include "keyspace/access_clock.h"

#include <algorithm>

namespace tidemark::keyspace {
namespace {

// A field is ahead of the time by no more than this where the system's clock was set back.
constexpr uint32_t kMostAheadTicks = 60u << AccessClock::kTickBits;

// Of what is not used at all, in the LFU reading.
constexpr uint32_t kColdest = 1u << 31;

uint32_t LfuMinutes(int64_t unix_us) {
  return static_cast<uint32_t>(unix_us / 60'000'000) & 0xffff;
}

uint32_t PackLfu(uint32_t minutes, uint8_t counter) {
  return minutes << 8 | counter;
}

}  // namespace

uint32_t AccessClock::Fresh(const AccessOptions& options, int64_t unix_us) {
  if (options.mode == AccessMode::kLfu) return PackLfu(LfuMinutes(unix_us), kLfuInitial);
  return Ticks(unix_us);
}

uint32_t AccessClock::Touched(const AccessOptions& options, uint32_t field, int64_t unix_us, Random& random) {
  if (options.mode == AccessMode::kLru) return Ticks(unix_us);
  uint8_t counter = Frequency(options, field, unix_us);
  if (counter < 255) {
    const double base = counter > kLfuInitial ? counter - kLfuInitial : 0;
    if (random.Unit() < 1.0 / (base * options.lfu_log_factor + 1)) ++counter;
  }
  return PackLfu(LfuMinutes(unix_us), counter);
}

uint32_t AccessClock::IdleSeconds(uint32_t field, int64_t unix_us) {
  return ((Ticks(unix_us) >> kTickBits) - (field >> kTickBits)) & kSecondsMask;
}

uint8_t AccessClock::Frequency(const AccessOptions& options, uint32_t field, int64_t unix_us) {
  const uint32_t counter = field & 0xff;
  if (options.lfu_decay_minutes == 0) return static_cast<uint8_t>(counter);
  const uint32_t minutes = (LfuMinutes(unix_us) - (field >> 8)) & 0xffff;
  const uint32_t periods = minutes / static_cast<uint32_t>(options.lfu_decay_minutes);
  return static_cast<uint8_t>(periods > counter ? 0 : counter - periods);
}

uint32_t AccessClock::FromIdleSeconds(uint64_t idle_seconds, int64_t unix_us) {
  const uint64_t idle = std::min<uint64_t>(idle_seconds, kSecondsMask - 1);
  return Ticks(unix_us) - (static_cast<uint32_t>(idle) << kTickBits);
}

uint32_t AccessClock::FromFrequency(uint8_t counter, int64_t unix_us) {
  return PackLfu(LfuMinutes(unix_us), counter);
}

uint32_t AccessClock::AsInRedis(const AccessOptions& options, uint32_t field) {
  return options.mode == AccessMode::kLfu ? field & kSecondsMask : field >> kTickBits;
}

uint32_t AccessClock::Coldness(const AccessOptions& options, uint32_t field, int64_t unix_us) {
  if (options.mode == AccessMode::kLfu) {
    // The counter grows with the square root of the accesses that it counts.
    const uint32_t counter = Frequency(options, field, unix_us);
    return kColdest / (counter * counter + 1);
  }
  const uint32_t idle = Ticks(unix_us) - field;
  return idle > UINT32_MAX - kMostAheadTicks ? 0 : idle;
}

}  // namespace tidemark::keyspace
