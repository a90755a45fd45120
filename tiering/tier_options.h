// What can be configured of the flash tier.
#pragma once

#include <cstdint>
#include <string>

namespace tidemark::tiering {

enum class Engine : uint8_t { kValueLog, kRocksDb };

// How the value log talks to the device.
enum class DeviceChoice : uint8_t { kAuto, kUring, kThreads };

// When a value that is read while RAM is short comes back to RAM to stay.
enum class PromotePolicy : uint8_t {
  kSecondTouch,  // if it was used before, and more recently than what would be spilled for it
  kAlways,       // at every read
  kNever,        // only when there is room
};

struct TierOptions {
  bool enabled = false;
  std::string dir = "tier";  // relative to `dir`
  Engine engine = Engine::kValueLog;
  DeviceChoice device = DeviceChoice::kAuto;
  uint64_t segment_bytes = uint64_t{32} << 20;
  uint64_t max_bytes = 0;         // tier-max-size; 0: as much as the file system has
  uint64_t min_value_bytes = 64;  // values that give back less RAM than this stay
  uint64_t max_record_bytes = uint64_t{512} << 20;
  bool compression = true;
  int spill_watermark_percent = 85;  // of maxmemory: spilling starts
  int delay_watermark_percent = 92;  // of maxmemory: writers wait for the spill
  PromotePolicy promote = PromotePolicy::kSecondTouch;
  int io_threads = 2;
  uint64_t write_budget_bytes_per_second = 0;  // 0: no bound
};

}  // namespace tidemark::tiering
