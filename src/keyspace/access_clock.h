// The 32-bit access field of an entry, in its two readings.
//   LRU: when it was last used, in ticks of 1/256 second modulo 2^32: 194 days, as in Redis, but fine enough to put
//        what a small RAM holds in the order of its use.
//   LFU: 16 bits of minutes (when the counter was last decayed), then an 8-bit logarithmic counter (Morris 1978: the
//        chance to count falls with the count), which decays with idle time. The upper 8 bits are zero.
// All times given are Unix time in microseconds.
#pragma once

#include <cstdint>

#include "base/random.h"

namespace tidemark::keyspace {

enum class AccessMode : uint8_t { kLru, kLfu };

struct AccessOptions {
  AccessMode mode = AccessMode::kLru;
  int lfu_log_factor = 10;
  int lfu_decay_minutes = 1;
};

class AccessClock {
 public:
  // A second has 2^kTickBits ticks.
  static constexpr int kTickBits = 8;
  // Clients are told of seconds modulo 2^24.
  static constexpr uint32_t kSecondsMask = UINT32_MAX >> kTickBits;
  static constexpr uint8_t kLfuInitial = 5;

  static uint32_t Ticks(int64_t unix_us) { return static_cast<uint32_t>((unix_us << kTickBits) / 1'000'000); }

  // The field of an entry made now.
  static uint32_t Fresh(const AccessOptions& options, int64_t unix_us);
  // The field after an access now.
  static uint32_t Touched(const AccessOptions& options, uint32_t field, int64_t unix_us, Random& random);

  // Whole seconds on the clock between the last access and now (LRU reading).
  static uint32_t IdleSeconds(uint32_t field, int64_t unix_us);
  // The counter after its decay (LFU reading).
  static uint8_t Frequency(const AccessOptions& options, uint32_t field, int64_t unix_us);

  static uint32_t FromIdleSeconds(uint64_t idle_seconds, int64_t unix_us);
  static uint32_t FromFrequency(uint8_t counter, int64_t unix_us);

  // The 24 bits that Redis would keep for this field.
  static uint32_t AsInRedis(const AccessOptions& options, uint32_t field);

  // How cold an entry is: larger is colder. Comparable within one mode: ticks since the last access, or what is inverse
  // to the number of accesses.
  static uint32_t Coldness(const AccessOptions& options, uint32_t field, int64_t unix_us);
};

}  // namespace tidemark::keyspace
