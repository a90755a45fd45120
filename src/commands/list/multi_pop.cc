// Popping from the first of several lists that has something, waiting for it if asked to: LMPOP, BLMPOP, BLPOP, BRPOP.
// Main thread.
#include <limits>
#include <numeric>

#include "commands/blocking.h"
#include "commands/composed_effect.h"
#include "commands/list/elements.h"
#include "commands/list/handlers.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::ListEnd;

namespace {

// The keys of a call, and what to take from them.
struct MultiPop {
  size_t first_key = 0;
  size_t key_count = 0;
  ListEnd end = ListEnd::kHead;
  uint64_t count = 1;
};

enum class Outcome : uint8_t { kReplied, kNothingThere };

// The command that is repeated.
std::string_view PopName(ListEnd end) {
  return end == ListEnd::kHead ? "LPOP" : "RPOP";
}

// Answers the key and, by `reply_popped`, what was popped from it.
template <typename ReplyPopped>
Outcome PopFromFirst(Context& ctx, const MultiPop& pop, ReplyPopped&& reply_popped) {
  for (size_t i = pop.first_key; i < pop.first_key + pop.key_count; ++i) {
    if (!ctx.Considers(i)) continue;
    const HashedKey key = ctx.Key(i);
    const EntryRef ref = ctx.db().LookupWrite(key);
    if (!ref) continue;
    if (ctx.woken_key && ref->type() != values::Type::kList) continue;
    if (!CheckType(ctx, ref, values::Type::kList)) return Outcome::kReplied;
    ctx.reply.Array(2);
    ctx.reply.Bulk(ctx.args[i]);
    reply_popped(key, ref);
    return Outcome::kReplied;
  }
  return Outcome::kNothingThere;
}

void WaitFor(Context& ctx, const MultiPop& pop, int64_t deadline_ms) {
  BlockRequest request;
  request.keys.resize(pop.key_count);
  std::iota(request.keys.begin(), request.keys.end(), pop.first_key);
  request.type = values::Type::kList;
  request.deadline_ms = deadline_ms;
  ctx.Block(std::move(request));
}

// numkeys key [key ...] LEFT|RIGHT [COUNT count], from `first` on.
std::optional<MultiPop> MultiPopArguments(Context& ctx, size_t first) {
  const std::optional<uint64_t> key_count = PositiveArgument(ctx, first, errors::kNumKeysNotPositive);
  if (!key_count) return std::nullopt;
  if (*key_count >= ctx.args.size() - first - 1) {
    ctx.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  MultiPop pop{.first_key = first + 1, .key_count = static_cast<size_t>(*key_count)};
  const size_t end_index = pop.first_key + pop.key_count;
  const std::optional<ListEnd> end = EndArgument(ctx, end_index);
  if (!end) return std::nullopt;
  pop.end = *end;
  for (size_t i = end_index + 1; i < ctx.args.size(); i += 2) {
    const bool first_count = i == end_index + 1 && i + 1 < ctx.args.size() && IsWord(ctx.args[i], "count");
    if (!first_count) {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
    const std::optional<uint64_t> count = PositiveArgument(ctx, i + 1, errors::kCountNotPositive);
    if (!count) return std::nullopt;
    pop.count = *count;
  }
  return pop;
}

Outcome PopMany(Context& ctx, const MultiPop& pop) {
  return PopFromFirst(ctx, pop, [&](const HashedKey& key, EntryRef ref) {
    const uint64_t popped = PopAndReply(ctx, key, ref, pop.end, pop.count);
    if (!ctx.effects.wanted()) return;
    ComposedEffect({PopName(pop.end), key.bytes}).Number(static_cast<int64_t>(popped)).AddTo(ctx);
  });
}

void BlockingPop(Context& ctx, ListEnd end) {
  const std::optional<int64_t> deadline_ms = TimeoutArgument(ctx, ctx.args.size() - 1);
  if (!deadline_ms) return;
  const MultiPop pop{.first_key = 1, .key_count = ctx.args.size() - 2, .end = end};
  const Outcome outcome = PopFromFirst(ctx, pop, [&](const HashedKey& key, EntryRef ref) {
    PopAndReplyOne(ctx, key, ref, pop.end);
    ctx.effects.Add({PopName(pop.end), key.bytes});
  });
  if (outcome == Outcome::kNothingThere) WaitFor(ctx, pop, *deadline_ms);
}

}  // namespace

void LMPopCommand(Context& ctx) {
  const std::optional<MultiPop> pop = MultiPopArguments(ctx, 1);
  if (pop && PopMany(ctx, *pop) == Outcome::kNothingThere) ctx.reply.NullArray();
}

void BLMPopCommand(Context& ctx) {
  const std::optional<MultiPop> pop = MultiPopArguments(ctx, 2);
  if (!pop) return;
  const std::optional<int64_t> deadline_ms = TimeoutArgument(ctx, 1);
  if (deadline_ms && PopMany(ctx, *pop) == Outcome::kNothingThere) WaitFor(ctx, *pop, *deadline_ms);
}

void BLPopCommand(Context& ctx) {
  BlockingPop(ctx, ListEnd::kHead);
}

void BRPopCommand(Context& ctx) {
  BlockingPop(ctx, ListEnd::kTail);
}

}  // namespace tidemark::commands
