// Reading a command's arguments: numbers that answer the client's mistake themselves, and option words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

// True if `argument` is `word` (lower case letters and digits) in any case.
bool IsWord(std::string_view argument, std::string_view word);

// The argument as a number. Empty after having written the error reply.
std::optional<int64_t> IntegerArgument(Context& ctx, size_t index);
// As above, and it must fit in 32 bits.
std::optional<int> IntArgument(Context& ctx, size_t index);
// As above, and there must be a database of that number.
std::optional<int> DatabaseArgument(Context& ctx, size_t index);

// "wrong number of arguments", for what the table's arity cannot say.
void ReplyWrongArity(Context& ctx);
// "invalid expire time", which names the command.
void ReplyInvalidExpireTime(Context& ctx);

}  // namespace tidemark::commands
