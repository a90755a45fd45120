// What the list commands share: ends, and elements in replies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "commands/arguments.h"
#include "commands/container.h"
#include "values/list.h"

namespace tidemark::commands {

inline void ReplyElement(protocol::ReplyWriter& reply, const values::PackedItem& item) {
  if (item.is_integer) {
    reply.BulkInteger(item.integer);
  } else {
    reply.Bulk(item.text);
  }
}

// A number above zero; empty after having written `error`.
std::optional<uint64_t> PositiveArgument(Context& ctx, size_t index, std::string_view error);
// LEFT or RIGHT. Empty after having written the error reply.
std::optional<values::ListEnd> EndArgument(Context& ctx, size_t index);

// Pops up to `count` elements of an existing list and writes them as an array. Answers how many.
uint64_t PopAndReply(Context& ctx, const keyspace::HashedKey& key, keyspace::EntryRef ref, values::ListEnd end,
                     uint64_t count);
// Pops one element of an existing list and writes it.
void PopAndReplyOne(Context& ctx, const keyspace::HashedKey& key, keyspace::EntryRef ref, values::ListEnd end);

}  // namespace tidemark::commands
