// Whether a command that may need memory can run now. Near the limit it waits for the pager; where the tier cannot
// help, keys are evicted by the policy, or the command is refused. Main thread.
#pragma once

#include <cstdint>
#include <limits>

#include "base/memory_limit.h"
#include "engine/engine_options.h"
#include "engine/latency_monitor.h"
#include "keyspace/evictor.h"
#include "tiering/pager/pager.h"
#include "tiering/tier_options.h"

namespace tidemark::engine {

enum class MemoryVerdict : uint8_t { kPass, kDelay, kRefuse };

class MemoryGate {
 public:
  MemoryGate(MemoryLimit& limit, keyspace::Keyspace& keyspace, tiering::Pager& pager, LatencyMonitor& latency,
             const EngineOptions& options, const tiering::TierOptions& tier_options)
      : limit_(limit),
        pager_(pager),
        latency_(latency),
        options_(options),
        tier_options_(tier_options),
        keyspace_(keyspace),
        evictor_(keyspace) {}

  // May evict keys. `passing_bytes`: of what is allocated, what commands that wait for nothing else will give back.
  MemoryVerdict Check(uint64_t passing_bytes = 0) {
    if (!limit_.limited() || limit_.used() <= limit_.Mark(tier_options_.delay_watermark_percent)) [[likely]] {
      return MemoryVerdict::kPass;
    }
    return CheckNearLimit(passing_bytes);
  }

 private:
  MemoryVerdict CheckNearLimit(uint64_t passing_bytes);
  MemoryVerdict Evict();
  keyspace::EvictionPolicy Policy() const;
  // Bytes that evicted keys must have taken on flash before it is worth waiting for the engine to clean up.
  uint64_t CleaningGoalBytes() const;
  bool AwaitingCleaning();
  // Whether to wait for the end of what passes, which must not be for ever where more always comes.
  bool AwaitingPassing(uint64_t passing_bytes);

  MemoryLimit& limit_;
  tiering::Pager& pager_;
  LatencyMonitor& latency_;
  const EngineOptions& options_;
  const tiering::TierOptions& tier_options_;
  keyspace::Keyspace& keyspace_;
  keyspace::Evictor evictor_;
  uint64_t freed_on_flash_bytes_ = 0;  // by evictions since the tier was last able to take values
  int64_t cleaning_deadline_us_ = 0;
  int64_t passing_deadline_us_ = std::numeric_limits<int64_t>::min() / 2;
};

}  // namespace tidemark::engine
