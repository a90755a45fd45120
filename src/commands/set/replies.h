// What the set commands answer.
#pragma once

#include "commands/context.h"
#include "values/set.h"

namespace tidemark::commands {

inline void ReplyMember(Context& ctx, const values::PackedItem& member) {
  if (member.is_integer) {
    ctx.reply.BulkInteger(member.integer);
  } else {
    ctx.reply.Bulk(member.text);
  }
}

inline void ReplyMembers(Context& ctx, const values::SetView& set) {
  ctx.reply.Set(set.size());
  set.ForEach([&](const values::PackedItem& member) { ReplyMember(ctx, member); });
}

}  // namespace tidemark::commands
