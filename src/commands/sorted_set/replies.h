// Members and scores in replies.
#pragma once

#include <cstdint>
#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

enum class Scores : uint8_t { kNo, kYes };

// The header for `count` members: with scores, RESP3 nests each pair in an array of its own, RESP2 has one flat array.
inline void ReplyMembersHeader(Context& ctx, uint64_t count, Scores scores) {
  ctx.reply.Array(scores == Scores::kYes && !ctx.reply.resp3() ? count * 2 : count);
}

inline void ReplyMember(Context& ctx, std::string_view member, double score, Scores scores) {
  if (scores == Scores::kYes && ctx.reply.resp3()) ctx.reply.Array(2);
  ctx.reply.Bulk(member);
  if (scores == Scores::kYes) ctx.reply.Double(score);
}

}  // namespace tidemark::commands
