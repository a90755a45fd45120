// What XADD, XCFGSET, XIDMPRECORD and XINFO share of idempotent producers.
#pragma once

#include <string_view>

#include "commands/context.h"
#include "values/stream/idempotent_producers.h"

namespace tidemark::commands {

// Those of a stream that has none of its own; it takes them when it first has producers.
inline values::IdempotencyLimits DefaultIdempotencyLimits(const Context& ctx) {
  return {ctx.limits().stream_idmp_duration, ctx.limits().stream_idmp_maxsize};
}

// The limits of a stream's producers: XCFGSET.
void AddLimitsEffect(const Context& ctx, std::string_view key, const values::IdempotencyLimits& limits);

}  // namespace tidemark::commands
