// Stream IDs as clients write them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "commands/context.h"
#include "values/stream/stream_id.h"

namespace tidemark::commands {

// "ms-seq", or "ms" alone, for which `missing_seq` is put in. No "-" and "+". Empty if it is no ID.
std::optional<values::StreamId> ParseStreamId(std::string_view text, uint64_t missing_seq = 0);

// XADD's: as ParseStreamId, and "ms-*" leaves the number to the server.
struct RequestedId {
  values::StreamId id;
  bool seq_given = true;
};
std::optional<RequestedId> ParseRequestedId(std::string_view text);

// The argument as an ID. Empty after having written the error reply.
std::optional<values::StreamId> StreamIdArgument(Context& ctx, size_t index);
// As above, "-" and "+" being the lowest and the highest ID.
std::optional<values::StreamId> EdgeIdArgument(Context& ctx, size_t index, uint64_t missing_seq);
// An end of a range: as EdgeIdArgument, and behind "(" the next ID inwards. Empty after having written the error reply.
enum class RangeEnd : uint8_t { kStart, kEnd };
std::optional<values::StreamId> RangeArgument(Context& ctx, size_t index, RangeEnd end);
// The arguments in [first, last) as IDs. Empty after having written the error reply.
std::optional<std::vector<values::StreamId>> StreamIdArguments(Context& ctx, size_t first, size_t last);

}  // namespace tidemark::commands
