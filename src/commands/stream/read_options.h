// The arguments of XREAD and XREADGROUP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

struct ReadOptions {
  std::optional<int64_t> deadline_ms;  // of BLOCK: Unix time, 0: no end
  uint64_t count = 0;                  // of each stream, 0: all
  std::optional<uint64_t> max_count;   // of all streams together
  std::optional<uint64_t> max_bytes;   // after so many no entry is begun, but for the first
  std::optional<int64_t> claim_min_idle_ms;
  bool no_ack = false;
  bool has_group = false;
  std::string_view group;
  std::string_view consumer;
  size_t first_key = 0;  // the IDs stand behind the keys, as many
  size_t key_count = 0;
};

enum class ReadGrammar : uint8_t { kXRead, kXReadGroup };

// Empty after having written the error reply.
std::optional<ReadOptions> ParseReadOptions(Context& ctx, ReadGrammar grammar);

}  // namespace tidemark::commands
