// What blocking commands share.
#pragma once

#include <cstdint>
#include <optional>

#include "commands/context.h"

namespace tidemark::commands {

// The timeout in the argument (seconds, fractions allowed) as a deadline: Unix time in milliseconds, 0 for no end.
// Empty after having written the error reply.
std::optional<int64_t> TimeoutArgument(Context& ctx, size_t index);
// As above, for a timeout in whole milliseconds (XREAD BLOCK).
std::optional<int64_t> MillisecondTimeoutArgument(Context& ctx, size_t index);

}  // namespace tidemark::commands
