// What the commands that move elements between two lists share.
#pragma once

#include <cstddef>
#include <optional>

#include "commands/context.h"
#include "values/list.h"

namespace tidemark::commands {

// Of the keys among the arguments.
inline constexpr size_t kMoveSource = 1;
inline constexpr size_t kMoveTarget = 2;

// Where elements are taken from, and where they are put.
struct MoveEnds {
  values::ListEnd from;
  values::ListEnd to;
};
// Empty after having written the error reply.
std::optional<MoveEnds> MoveEndsArguments(Context& ctx, size_t first);

enum class MoveOutcome : uint8_t { kReplied, kTooFew };

}  // namespace tidemark::commands
