// What the bitmap commands read from their arguments: offsets of bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/numbers.h"
#include "commands/context.h"
#include "commands/errors.h"

namespace tidemark::commands {

// The argument as the offset of a bit that a string may have. "#3" means three times `unit` where `unit` is not 0.
// Empty after having written the error reply.
inline std::optional<uint64_t> BitOffsetArgument(Context& ctx, size_t index, uint8_t unit) {
  std::string_view text = ctx.args[index];
  const bool in_units = unit != 0 && text.starts_with('#');
  if (in_units) text.remove_prefix(1);
  const std::optional<int64_t> number = ParseInt64(text);
  int64_t offset = 0;
  if (!number || __builtin_mul_overflow(*number, in_units ? unit : 1, &offset) || offset < 0 ||
      static_cast<uint64_t>(offset) / 8 >= ctx.server.proto_max_bulk_bytes()) {
    ctx.reply.Error(errors::kBitOffset);
    return std::nullopt;
  }
  return static_cast<uint64_t>(offset);
}

}  // namespace tidemark::commands
