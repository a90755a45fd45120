// What the hash commands tell of fields that expire, always of the hash in the first argument.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

using FieldNames = std::span<const std::string_view>;

// HPEXPIREAT: the fields expire then, Unix time in milliseconds. Nothing if there are none, as the others here.
void AddFieldExpiryEffect(const Context& ctx, int64_t expiry_ms, FieldNames fields);
// HPERSIST: they expire no longer.
void AddFieldPersistEffect(const Context& ctx, FieldNames fields);
// HDEL: they are gone.
void AddFieldDeletionEffect(const Context& ctx, FieldNames fields);

}  // namespace tidemark::commands
