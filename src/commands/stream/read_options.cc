#include "commands/stream/read_options.h"

#include <algorithm>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/blocking.h"
#include "commands/errors.h"

namespace tidemark::commands {
namespace {

std::optional<ReadOptions> Fail(Context& ctx, std::string_view error) {
  ctx.reply.Error(error);
  return std::nullopt;
}

std::optional<uint64_t> ParsePositive(std::string_view argument) {
  const std::optional<int64_t> value = ParseInt64(argument);
  if (!value || *value <= 0) return std::nullopt;
  return static_cast<uint64_t>(*value);
}

}  // namespace

std::optional<ReadOptions> ParseReadOptions(Context& ctx, ReadGrammar grammar) {
  const bool in_group = grammar == ReadGrammar::kXReadGroup;
  const size_t args = ctx.args.size();
  ReadOptions options;
  for (size_t i = 1; i < args && options.first_key == 0; ++i) {
    const std::string_view word = ctx.args[i];
    const size_t behind = args - 1 - i;
    if (IsWord(word, "block") && behind > 0) {
      options.deadline_ms = MillisecondTimeoutArgument(ctx, ++i);
      if (!options.deadline_ms) return std::nullopt;
    } else if (IsWord(word, "count") && behind > 0) {
      const std::optional<int64_t> count = IntegerArgument(ctx, ++i);
      if (!count) return std::nullopt;
      options.count = static_cast<uint64_t>(std::max<int64_t>(*count, 0));
    } else if (IsWord(word, "maxcount") && behind > 0) {
      options.max_count = ParsePositive(ctx.args[++i]);
      if (!options.max_count) return Fail(ctx, errors::kXReadMaxCount);
    } else if (IsWord(word, "maxsize") && behind > 0) {
      options.max_bytes = ParsePositive(ctx.args[++i]);
      if (!options.max_bytes) return Fail(ctx, errors::kXReadMaxSize);
    } else if (IsWord(word, "claim") && behind > 0) {
      if (!in_group) return Fail(ctx, errors::kXReadClaim);
      options.claim_min_idle_ms = ParseInt64(ctx.args[++i]);
      if (!options.claim_min_idle_ms) return Fail(ctx, errors::kClaimNotInteger);
      if (*options.claim_min_idle_ms < 0) return Fail(ctx, errors::kClaimNegative);
    } else if (IsWord(word, "streams") && behind > 0) {
      if (behind % 2 != 0) return Fail(ctx, errors::kUnbalancedStreams);
      options.first_key = i + 1;
      options.key_count = behind / 2;
    } else if (IsWord(word, "group") && behind >= 2) {
      if (!in_group) return Fail(ctx, errors::kXReadGroupOption);
      options.has_group = true;
      options.group = ctx.args[i + 1];
      options.consumer = ctx.args[i + 2];
      i += 2;
    } else if (IsWord(word, "noack")) {
      if (!in_group) return Fail(ctx, errors::kXReadNoAck);
      options.no_ack = true;
    } else {
      return Fail(ctx, errors::kSyntax);
    }
  }
  if (options.first_key == 0) return Fail(ctx, errors::kSyntax);
  if (options.max_count.value_or(UINT64_MAX) < options.count) return Fail(ctx, errors::kXReadMaxCountBelowCount);
  if (in_group && !options.has_group) return Fail(ctx, errors::kXReadGroupMissing);
  return options;
}

}  // namespace tidemark::commands
