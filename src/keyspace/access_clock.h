// The 24-bit access field of an entry, in its two readings.
//   LRU: seconds modulo 2^24.
//   LFU: 16 bits of minutes (when the counter was last decayed), then an 8-bit logarithmic counter (Morris 1978: the
//        chance to count falls with the count), which decays with idle time.
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
  static constexpr uint32_t kMask = (1u << 24) - 1;
  static constexpr uint8_t kLfuInitial = 5;

  // The field of an entry made now.
  static uint32_t Fresh(const AccessOptions& options, int64_t unix_seconds);
  // The field after an access now.
  static uint32_t Touched(const AccessOptions& options, uint32_t field, int64_t unix_seconds, Random& random);

  // Seconds since the last access (LRU reading).
  static uint32_t IdleSeconds(uint32_t field, int64_t unix_seconds);
  // The counter after its decay (LFU reading).
  static uint8_t Frequency(const AccessOptions& options, uint32_t field, int64_t unix_seconds);

  static uint32_t FromIdleSeconds(uint64_t idle_seconds, int64_t unix_seconds);
  static uint32_t FromFrequency(uint8_t counter, int64_t unix_seconds);

  // How cold an entry is: larger is colder. Comparable within one mode.
  static uint32_t Coldness(const AccessOptions& options, uint32_t field, int64_t unix_seconds);
};

}  // namespace tidemark::keyspace
