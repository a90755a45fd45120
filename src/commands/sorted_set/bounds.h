// Arguments that say which part of a sorted set is meant.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "commands/context.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

// "1.5", "(1.5", "-inf" and the like, as the C library reads numbers: space in front is allowed, nothing at all is 0.
// Empty after having written the error reply.
std::optional<values::ScoreRange> ScoreRangeArguments(Context& ctx, size_t min_index, size_t max_index);
// "[member", "(member", "-", "+". Empty after having written the error reply.
std::optional<values::LexRange> LexRangeArguments(Context& ctx, size_t min_index, size_t max_index);

// First and last rank, negative ones from the end.
struct RankBounds {
  int64_t start = 0;
  int64_t stop = 0;
  // The part of a set of `size` members.
  values::RankRange Within(uint64_t size) const;
};
std::optional<RankBounds> RankArguments(Context& ctx, size_t start_index, size_t stop_index);

// An integer of at least `min`. Else, or if it is none, empty after having written `error`.
std::optional<int64_t> BoundedArgument(Context& ctx, size_t index, int64_t min, std::string_view error);

}  // namespace tidemark::commands
