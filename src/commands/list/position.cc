// LPOS: where elements stand. Main thread.
#include <limits>
#include <vector>

#include "base/numbers.h"
#include "commands/list/elements.h"
#include "commands/list/handlers.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::ListView;
using values::PackedItem;
using Direction = values::ListView::Direction;

namespace {

struct PositionOptions {
  Direction direction = Direction::kForward;
  uint64_t rank = 1;              // the first match that counts, from 1
  std::optional<uint64_t> count;  // matches to answer, 0: all
  uint64_t looked_at_max = 0;     // elements, 0: all
};

std::optional<uint64_t> NotNegativeArgument(Context& ctx, size_t index, std::string_view error) {
  const std::optional<int64_t> value = ParseInt64(ctx.args[index]);
  if (value && *value >= 0) return static_cast<uint64_t>(*value);
  ctx.reply.Error(error);
  return std::nullopt;
}

bool ParseRank(Context& ctx, size_t index, PositionOptions& options) {
  const std::optional<int64_t> rank = IntegerArgument(ctx, index);
  if (!rank) return false;
  if (*rank == std::numeric_limits<int64_t>::min()) {
    ctx.reply.Error(errors::kLongNotInRange);
    return false;
  }
  if (*rank == 0) {
    ctx.reply.Error(errors::kRankZero);
    return false;
  }
  options.direction = *rank < 0 ? Direction::kBackward : Direction::kForward;
  options.rank = static_cast<uint64_t>(*rank < 0 ? -*rank : *rank);
  return true;
}

bool ParseOption(Context& ctx, size_t index, PositionOptions& options) {
  const bool has_value = index + 1 < ctx.args.size();
  if (has_value && IsWord(ctx.args[index], "rank")) return ParseRank(ctx, index + 1, options);
  if (has_value && IsWord(ctx.args[index], "count")) {
    options.count = NotNegativeArgument(ctx, index + 1, errors::kCountNegative);
    return options.count.has_value();
  }
  if (has_value && IsWord(ctx.args[index], "maxlen")) {
    const std::optional<uint64_t> looked_at_max = NotNegativeArgument(ctx, index + 1, errors::kMaxLenNegative);
    options.looked_at_max = looked_at_max.value_or(0);
    return looked_at_max.has_value();
  }
  ctx.reply.Error(errors::kSyntax);
  return false;
}

std::vector<uint64_t> FindPositions(const ListView& list, std::string_view text, const PositionOptions& options) {
  const values::ElementMatcher matcher(text);
  const uint64_t count_max = options.count.value_or(1);
  const bool forward = options.direction == Direction::kForward;
  const uint64_t size = list.size();
  std::vector<uint64_t> found;
  uint64_t looked_at = 0;
  uint64_t matches = 0;
  list.VisitFrom(forward ? 0 : size - 1, options.direction, [&](const PackedItem& item) {
    if (matcher.Matches(item) && ++matches >= options.rank) {
      found.push_back(forward ? looked_at : size - 1 - looked_at);
      if (count_max != 0 && found.size() == count_max) return false;
    }
    return ++looked_at != options.looked_at_max;
  });
  return found;
}

}  // namespace

void LPosCommand(Context& ctx) {
  PositionOptions options;
  for (size_t i = 3; i < ctx.args.size(); i += 2) {
    if (!ParseOption(ctx, i, options)) return;
  }
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  std::vector<uint64_t> found;
  if (ref) found = FindPositions(ListView(ref->object()), ctx.args[2], options);
  if (options.count) {
    ctx.reply.Array(found.size());
    for (const uint64_t position : found) ctx.reply.Integer(static_cast<int64_t>(position));
  } else if (found.empty()) {
    ctx.reply.Null();
  } else {
    ctx.reply.Integer(static_cast<int64_t>(found.front()));
  }
}

}  // namespace tidemark::commands
