#include "commands/sorted_set/bounds.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"

namespace tidemark::commands {

using values::LexBound;
using values::LexRange;
using values::RankRange;
using values::ScoreRange;

namespace {

// The number up to the first zero byte of the text.
std::optional<double> LenientDouble(std::string_view text) {
  if (const std::optional<double> value = ParseDouble(text)) return value;
  const std::string terminated(text);
  char* end = nullptr;
  const double value = std::strtod(terminated.c_str(), &end);
  if (*end != '\0' || std::isnan(value)) return std::nullopt;
  return value;
}

bool ParseScoreBound(std::string_view text, double& score, bool& exclusive) {
  exclusive = text.starts_with('(');
  const std::optional<double> value = LenientDouble(text.substr(exclusive ? 1 : 0));
  score = value.value_or(0);
  return value.has_value();
}

std::optional<LexBound> ParseLexBound(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const bool alone = text.size() == 1 || text[1] == '\0';
  switch (text[0]) {
    case '-':
      if (!alone) return std::nullopt;
      return LexBound{.kind = LexBound::Kind::kLowest};
    case '+':
      if (!alone) return std::nullopt;
      return LexBound{.kind = LexBound::Kind::kHighest};
    case '[':
      return LexBound{.member = text.substr(1)};
    case '(':
      return LexBound{.member = text.substr(1), .exclusive = true};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<ScoreRange> ScoreRangeArguments(Context& ctx, size_t min_index, size_t max_index) {
  ScoreRange range;
  if (ParseScoreBound(ctx.args[min_index], range.min, range.min_exclusive) &&
      ParseScoreBound(ctx.args[max_index], range.max, range.max_exclusive)) {
    return range;
  }
  ctx.reply.Error(errors::kMinMaxNotFloat);
  return std::nullopt;
}

std::optional<LexRange> LexRangeArguments(Context& ctx, size_t min_index, size_t max_index) {
  const std::optional<LexBound> min = ParseLexBound(ctx.args[min_index]);
  const std::optional<LexBound> max = ParseLexBound(ctx.args[max_index]);
  if (min && max) return LexRange{*min, *max};
  ctx.reply.Error(errors::kMinMaxNotLex);
  return std::nullopt;
}

RankRange RankBounds::Within(uint64_t size) const {
  const auto length = static_cast<int64_t>(size);
  const int64_t from = std::max<int64_t>(start < 0 ? start + length : start, 0);
  const int64_t to = std::min(stop < 0 ? stop + length : stop, length - 1);
  if (from > to) return {};
  return {static_cast<uint64_t>(from), static_cast<uint64_t>(to - from + 1)};
}

std::optional<RankBounds> RankArguments(Context& ctx, size_t start_index, size_t stop_index) {
  const std::optional<int64_t> start = IntegerArgument(ctx, start_index);
  if (!start) return std::nullopt;
  const std::optional<int64_t> stop = IntegerArgument(ctx, stop_index);
  if (!stop) return std::nullopt;
  return RankBounds{*start, *stop};
}

std::optional<int64_t> BoundedArgument(Context& ctx, size_t index, int64_t min, std::string_view error) {
  const std::optional<int64_t> value = ParseInt64(ctx.args[index]);
  if (value && *value >= min) return value;
  ctx.reply.Error(error);
  return std::nullopt;
}

}  // namespace tidemark::commands
