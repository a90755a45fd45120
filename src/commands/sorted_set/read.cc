// Questions about members and numbers of members: ZCARD, ZSCORE, ZMSCORE, ZRANK, ZCOUNT and the like. Main thread.
#include <optional>

#include "commands/arguments.h"
#include "commands/container.h"
#include "commands/sorted_set/bounds.h"
#include "commands/sorted_set/handlers.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::Direction;
using values::SortedSetView;

namespace {

// Answers the size of the part that find(const SortedSetView&) tells, 0 for a missing key.
template <typename Find>
void ReplyCount(Context& ctx, Find&& find) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  ctx.reply.Integer(ref ? static_cast<int64_t>(find(SortedSetView(ref->object())).count) : 0);
}

void ReplyScore(Context& ctx, const std::optional<double>& score) {
  if (score) {
    ctx.reply.Double(*score);
  } else {
    ctx.reply.Null();
  }
}

void ReplyRank(Context& ctx, Direction direction) {
  const bool with_score = ctx.args.size() == 4 && IsWord(ctx.args[3], "withscore");
  if (ctx.args.size() > 4) return ReplyWrongArity(ctx);
  if (ctx.args.size() == 4 && !with_score) {
    ctx.reply.Error(errors::kSyntax);
    return;
  }
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  std::optional<SortedSetView::Standing> standing;
  uint64_t size = 0;
  if (ref) {
    const SortedSetView set(ref->object());
    standing = set.Find(ctx.args[2]);
    size = set.size();
  }
  if (!standing) return with_score ? ctx.reply.NullArray() : ctx.reply.Null();
  const uint64_t rank = direction == Direction::kUp ? standing->rank : size - 1 - standing->rank;
  if (with_score) ctx.reply.Array(2);
  ctx.reply.Integer(static_cast<int64_t>(rank));
  if (with_score) ctx.reply.Double(standing->score);
}

}  // namespace

void ZcardCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  ctx.reply.Integer(ref ? static_cast<int64_t>(ref->ContainerSize().value_or(0)) : 0);
}

void ZcountCommand(Context& ctx) {
  const std::optional<values::ScoreRange> range = ScoreRangeArguments(ctx, 2, 3);
  if (range) ReplyCount(ctx, [&](const SortedSetView& set) { return set.InScores(*range); });
}

void ZlexcountCommand(Context& ctx) {
  const std::optional<values::LexRange> range = LexRangeArguments(ctx, 2, 3);
  if (range) ReplyCount(ctx, [&](const SortedSetView& set) { return set.InMembers(*range); });
}

void ZscoreCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  ReplyScore(ctx, ref ? SortedSetView(ref->object()).Score(ctx.args[2]) : std::nullopt);
}

void ZmscoreCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (const std::string_view member : ctx.args.subspan(2)) {
    ReplyScore(ctx, ref ? SortedSetView(ref->object()).Score(member) : std::nullopt);
  }
}

void ZrankCommand(Context& ctx) {
  ReplyRank(ctx, Direction::kUp);
}

void ZrevrankCommand(Context& ctx) {
  ReplyRank(ctx, Direction::kDown);
}

}  // namespace tidemark::commands
