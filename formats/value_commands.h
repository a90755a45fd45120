// The commands that make a key again, as a base file of commands has them: those that Redis 7.0 writes, in the same
// pieces of kItemsPerCommand, and those of later servers for what 7.0 does not have (fields of a hash that expire, and
// of streams released entries and idempotent producers). They are for a database without the key.
//
// What no command can say is lost, as with Redis: pending entries that the stream no longer has, when consumers were
// last seen, the counters of idempotent producers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/value_codec.h"
#include "values/object.h"

namespace tidemark::formats {

// Elements, members or fields.
inline constexpr size_t kItemsPerCommand = 64;

// SET.
void AppendTextCommands(std::string& out, std::string_view key, std::string_view text);
// Nothing for a container of nothing, but for a stream.
void AppendObjectCommands(std::string& out, std::string_view key, const values::Object& object);
// Either.
void AppendValueCommands(std::string& out, std::string_view key, const DecodedValue& value);
// PEXPIREAT, behind the commands of the value. Unix time.
void AppendExpiryCommand(std::string& out, std::string_view key, int64_t expiry_ms);

}  // namespace tidemark::formats
