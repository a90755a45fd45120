// Members taken from an end: ZPOPMIN, ZPOPMAX, ZMPOP, and the forms that wait for some. Main thread.
#include <algorithm>
#include <optional>
#include <vector>

#include "commands/arguments.h"
#include "commands/blocking.h"
#include "commands/composed_effect.h"
#include "commands/container.h"
#include "commands/sorted_set/bounds.h"
#include "commands/sorted_set/handlers.h"
#include "commands/sorted_set/replies.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using values::Direction;
using values::SortedSet;

namespace {

enum class End : uint8_t { kMin, kMax };

// How the members are answered.
enum class Form : uint8_t {
  kFlat,          // member, score, member, score ...
  kPairs,         // pairs where RESP3 has them (ZPOPMIN with a count)
  kKeyAndMember,  // key, member, score (BZPOPMIN)
  kKeyAndPairs,   // key and an array of pairs (ZMPOP)
};

struct Pop {
  size_t first_key = 1;
  size_t key_count = 1;
  End end = End::kMin;
  uint64_t count = 1;
  Form form = Form::kFlat;
};

void ReplyHeader(Context& ctx, size_t key_index, uint64_t count, Form form) {
  switch (form) {
    case Form::kFlat:
      ctx.reply.Array(count * 2);
      return;
    case Form::kPairs:
      ReplyMembersHeader(ctx, count, Scores::kYes);
      return;
    case Form::kKeyAndMember:
      ctx.reply.Array(count * 2 + 1);
      ctx.reply.Bulk(ctx.args[key_index]);
      return;
    case Form::kKeyAndPairs:
      ctx.reply.Array(2);
      ctx.reply.Bulk(ctx.args[key_index]);
      ctx.reply.Array(count);
      return;
  }
}

// For the forms that wait or have a choice of keys.
void AddEffect(const Context& ctx, size_t key_index, uint64_t count, const Pop& pop) {
  if (!ctx.effects.wanted() || pop.form == Form::kFlat || pop.form == Form::kPairs) return;
  ComposedEffect effect({pop.end == End::kMin ? "ZPOPMIN" : "ZPOPMAX", ctx.args[key_index]});
  if (pop.form == Form::kKeyAndPairs) effect.Number(static_cast<int64_t>(count));
  effect.AddTo(ctx);
}

void PopFrom(Context& ctx, size_t key_index, const EntryRef& ref, const Pop& pop) {
  ContainerEdit edit(ctx.db(), ctx.Key(key_index), ref);
  SortedSet set(edit.object(), ctx.limits());
  const uint64_t size = set.size();
  const uint64_t count = std::min(pop.count, size);
  const bool lowest = pop.end == End::kMin;
  const values::RankRange range{lowest ? 0 : size - count, count};
  ReplyHeader(ctx, key_index, count, pop.form);
  const bool nested = pop.form == Form::kKeyAndPairs || (pop.form == Form::kPairs && ctx.reply.resp3());
  set.view().ForEach(range, lowest ? Direction::kUp : Direction::kDown, [&](std::string_view member, double score) {
    if (nested) ctx.reply.Array(2);
    ctx.reply.Bulk(member);
    ctx.reply.Double(score);
  });
  set.EraseRange(range);
  edit.MarkChanged();
  ctx.MarkDirty(count);
  AddEffect(ctx, key_index, count, pop);
}

// Pops from the first of the keys that holds something. True if it has answered.
bool PopFirst(Context& ctx, const Pop& pop) {
  for (size_t i = pop.first_key; i < pop.first_key + pop.key_count; ++i) {
    if (!ctx.Considers(i)) continue;
    const EntryRef ref = ctx.db().LookupWrite(ctx.Key(i));
    if (!ref || (ctx.woken_key && ref->type() != values::Type::kZSet)) continue;
    if (!CheckType(ctx, ref, values::Type::kZSet)) return true;
    if (pop.count == 0) return false;
    PopFrom(ctx, i, ref, pop);
    return true;
  }
  return false;
}

void PopOrWait(Context& ctx, const Pop& pop, int64_t deadline_ms) {
  if (PopFirst(ctx, pop)) return;
  BlockRequest request;
  request.type = values::Type::kZSet;
  request.deadline_ms = deadline_ms;
  for (size_t i = 0; i < pop.key_count; ++i) request.keys.push_back(pop.first_key + i);
  ctx.Block(std::move(request));
}

void PopOneKey(Context& ctx, End end) {
  if (ctx.args.size() > 3) {
    ctx.reply.Error(errors::kSyntax);
    return;
  }
  Pop pop{.end = end};
  if (ctx.args.size() == 3) {
    const std::optional<int64_t> count = BoundedArgument(ctx, 2, 0, errors::kNotPositive);
    if (!count) return;
    pop.count = static_cast<uint64_t>(*count);
    pop.form = Form::kPairs;
  }
  if (!PopFirst(ctx, pop)) ctx.reply.Array(0);
}

void PopOneOrWait(Context& ctx, End end) {
  const size_t timeout_index = ctx.args.size() - 1;
  const std::optional<int64_t> deadline_ms = TimeoutArgument(ctx, timeout_index);
  if (!deadline_ms) return;
  PopOrWait(ctx, {.key_count = timeout_index - 1, .end = end, .form = Form::kKeyAndMember}, *deadline_ms);
}

// numkeys key [key ...] MIN | MAX [COUNT count], from `count_index` on. Empty after having written the error reply.
std::optional<Pop> ParsePop(Context& ctx, size_t count_index) {
  const std::optional<int64_t> keys = BoundedArgument(ctx, count_index, 1, errors::kNumKeysNotPositive);
  if (!keys) return std::nullopt;
  Pop pop{.first_key = count_index + 1, .key_count = static_cast<size_t>(*keys), .form = Form::kKeyAndPairs};
  const auto syntax_error = [&] {
    ctx.reply.Error(errors::kSyntax);
    return std::nullopt;
  };
  const size_t left = ctx.args.size() - pop.first_key;
  if (pop.key_count >= left) return syntax_error();
  size_t i = pop.first_key + pop.key_count;
  const bool max = IsWord(ctx.args[i], "max");
  if (!max && !IsWord(ctx.args[i], "min")) return syntax_error();
  pop.end = max ? End::kMax : End::kMin;
  bool counted = false;
  for (++i; i < ctx.args.size(); i += 2) {
    if (counted || !IsWord(ctx.args[i], "count") || i + 1 == ctx.args.size()) return syntax_error();
    const std::optional<int64_t> count = BoundedArgument(ctx, i + 1, 1, errors::kCountNotPositive);
    if (!count) return std::nullopt;
    pop.count = static_cast<uint64_t>(*count);
    counted = true;
  }
  return pop;
}

}  // namespace

void ZpopminCommand(Context& ctx) {
  PopOneKey(ctx, End::kMin);
}

void ZpopmaxCommand(Context& ctx) {
  PopOneKey(ctx, End::kMax);
}

void BzpopminCommand(Context& ctx) {
  PopOneOrWait(ctx, End::kMin);
}

void BzpopmaxCommand(Context& ctx) {
  PopOneOrWait(ctx, End::kMax);
}

void ZmpopCommand(Context& ctx) {
  const std::optional<Pop> pop = ParsePop(ctx, 1);
  if (pop && !PopFirst(ctx, *pop)) ctx.reply.NullArray();
}

void BzmpopCommand(Context& ctx) {
  const std::optional<Pop> pop = ParsePop(ctx, 2);
  if (!pop) return;
  const std::optional<int64_t> deadline_ms = TimeoutArgument(ctx, 1);
  if (deadline_ms) PopOrWait(ctx, *pop, *deadline_ms);
}

}  // namespace tidemark::commands
