#include "commands/arguments.h"

#include <algorithm>
#include <limits>
#include <string>

#include "base/numbers.h"
#include "commands/command_spec.h"
#include "commands/errors.h"
#include "commands/words.h"

namespace tidemark::commands {

bool IsWord(std::string_view argument, std::string_view word) {
  return argument.size() == word.size() &&
         std::equal(word.begin(), word.end(), argument.begin(), [](char lower, char c) { return ToLower(c) == lower; });
}

std::optional<int64_t> IntegerArgument(Context& ctx, size_t index) {
  const std::optional<int64_t> value = ParseInt64(ctx.args[index]);
  if (!value) ctx.reply.Error(errors::kNotInteger);
  return value;
}

std::optional<int> IntArgument(Context& ctx, size_t index) {
  const std::optional<int64_t> value = IntegerArgument(ctx, index);
  if (!value) return std::nullopt;
  if (*value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) {
    ctx.reply.Error(errors::kIntNotInRange);
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

std::optional<int> DatabaseArgument(Context& ctx, size_t index) {
  const std::optional<int> number = IntArgument(ctx, index);
  if (!number) return std::nullopt;
  if (*number < 0 || *number >= ctx.keyspace.database_count()) {
    ctx.reply.Error(errors::kDbIndexOutOfRange);
    return std::nullopt;
  }
  return number;
}

void ReplyWrongArity(Context& ctx) {
  ctx.reply.Error("ERR wrong number of arguments for '" + std::string(ctx.spec->name) + "' command");
}

void ReplyInvalidExpireTime(Context& ctx) {
  ctx.reply.Error("ERR invalid expire time in '" + std::string(ctx.spec->name) + "' command");
}

}  // namespace tidemark::commands
