// What can be configured of sessions and of the life of a request. Read by the engine at each use, so that CONFIG SET
// works by changing a field.
#pragma once

#include <cstdint>
#include <string>

namespace tidemark::engine {

// Limits on what may wait to be sent to a client of one class; 0: none.
struct OutputLimit {
  uint64_t hard_bytes = 0;
  uint64_t soft_bytes = 0;
  int64_t soft_seconds = 0;
};

enum class MaxmemoryPolicy : uint8_t {
  kVolatileLru,
  kVolatileLfu,
  kVolatileRandom,
  kVolatileTtl,
  kAllkeysLru,
  kAllkeysLfu,
  kAllkeysRandom,
  kNoEviction,
};

enum class DebugAccess : uint8_t { kNo, kYes, kLocal };

struct EngineOptions {
  uint32_t maxclients = 10000;
  int idle_timeout_seconds = 0;  // `timeout`; 0: never
  uint64_t query_buffer_limit_bytes = uint64_t{1} << 30;
  uint64_t proto_max_bulk_bytes = uint64_t{512} << 20;
  OutputLimit output_limit_normal;
  OutputLimit output_limit_replica{256u << 20, 64u << 20, 60};
  OutputLimit output_limit_pubsub{32u << 20, 8u << 20, 60};
  std::string requirepass;
  bool protected_mode = true;
  // True while `bind` was not set by hand, one half of what protected mode asks.
  bool bind_is_default = true;
  int hz = 10;
  uint64_t maxmemory = 0;
  MaxmemoryPolicy maxmemory_policy = MaxmemoryPolicy::kNoEviction;
  int maxmemory_samples = 5;
  int maxmemory_eviction_tenacity = 10;
  DebugAccess debug_command = DebugAccess::kNo;
  bool latency_tracking = true;              // of each command, for percentiles
  int64_t latency_monitor_threshold_ms = 0;  // 0: the monitor is off
};

}  // namespace tidemark::engine
