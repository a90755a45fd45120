// Whether a command that may need memory can run now. Near the limit it waits for the pager; where the tier cannot
// help, keys are evicted by the policy, or the command is refused. Main thread.
#pragma once

#include <cstdint>

#include "base/memory_limit.h"
#include "engine/engine_options.h"
#include "keyspace/evictor.h"
#include "tiering/pager/pager.h"
#include "tiering/tier_options.h"

namespace tidemark::engine {

enum class MemoryVerdict : uint8_t { kPass, kDelay, kRefuse };

class MemoryGate {
 public:
  MemoryGate(MemoryLimit& limit, keyspace::Keyspace& keyspace, tiering::Pager& pager, const EngineOptions& options,
             const tiering::TierOptions& tier_options)
      : limit_(limit), pager_(pager), options_(options), tier_options_(tier_options), evictor_(keyspace) {}

  // May evict keys.
  MemoryVerdict Check() {
    if (!limit_.limited() || limit_.used() <= limit_.Mark(tier_options_.delay_watermark_percent)) [[likely]] {
      return MemoryVerdict::kPass;
    }
    return CheckNearLimit();
  }

 private:
  MemoryVerdict CheckNearLimit();
  keyspace::EvictionPolicy Policy() const;

  MemoryLimit& limit_;
  tiering::Pager& pager_;
  const EngineOptions& options_;
  const tiering::TierOptions& tier_options_;
  keyspace::Evictor evictor_;
};

}  // namespace tidemark::engine
