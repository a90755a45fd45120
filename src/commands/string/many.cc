// Several strings at once: MGET, MSET, MSETNX, MSETEX. Main thread.
#include <cstdint>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/string/handlers.h"
#include "commands/string/options.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::Database;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::KeepExpiry;

namespace {

// Keys and their strings, up to the argument `end`.
struct Pairs {
  size_t first = 1;
  size_t end;

  size_t count() const { return (end - first) / 2; }
};

// MSET's and MSETNX's arguments are pairs. False, with the error written, if one lacks its value.
bool CheckPairs(Context& ctx) {
  if (ctx.args.size() % 2 == 1) return true;
  ReplyWrongArity(ctx);
  return false;
}

// store(const HashedKey&, std::string_view) for each pair.
template <typename Store>
void ForEachPair(Context& ctx, const Pairs& pairs, Store&& store) {
  ForEachKey(
      ctx, pairs.first, 2,
      [&](size_t index, const HashedKey& key) {
        store(key, ctx.args[index + 1]);
        return true;
      },
      pairs.end);
  ctx.MarkDirty(pairs.count());
}

void SetPairs(Context& ctx) {
  Database& db = ctx.db();
  ForEachPair(ctx, {.end = ctx.args.size()},
              [&](const HashedKey& key, std::string_view value) { db.SetString(db.LookupWrite(key), key, value); });
}

// Whether all the keys exist (or none does).
bool AllExist(Context& ctx, const Pairs& pairs, bool exist) {
  return ForEachKey(
      ctx, pairs.first, 2, [&](size_t, const HashedKey& key) { return bool{ctx.db().LookupWrite(key)} == exist; },
      pairs.end);
}

// numkeys and as many pairs. Empty after having written the error reply.
std::optional<Pairs> CountedPairs(Context& ctx) {
  const std::optional<int64_t> count = ParseInt64(ctx.args[1]);
  if (!count || *count < 1 || *count > std::numeric_limits<int32_t>::max()) {
    ctx.reply.Error(errors::kMSetExNumKeys);
    return std::nullopt;
  }
  const Pairs pairs{.first = 2, .end = 2 + 2 * static_cast<size_t>(*count)};
  if (pairs.end > ctx.args.size()) {
    ctx.reply.Error(errors::kMSetExPairs);
    return std::nullopt;
  }
  return pairs;
}

bool ConditionHolds(Context& ctx, SetCondition condition, const Pairs& pairs) {
  return condition == SetCondition::kAlways || AllExist(ctx, pairs, condition == SetCondition::kIfPresent);
}

// MSETEX as one MSET, or as SETs where the keys expire.
void AddPairEffects(const Context& ctx, const Pairs& pairs, const StringOptions& options,
                    std::optional<int64_t> deadline) {
  if (!ctx.effects.wanted()) return;
  if (options.expiry == ExpiryOption::kNone) {
    ComposedEffect({"MSET"}).Words(ctx.args.subspan(pairs.first, pairs.end - pairs.first)).AddTo(ctx);
    return;
  }
  for (size_t i = pairs.first; i < pairs.end; i += 2) {
    AddStringEffect(ctx, ctx.args[i], ctx.args[i + 1], deadline, options.keep_expiry());
  }
}

}  // namespace

void MGetCommand(Context& ctx) {
  ctx.reply.Array(ctx.args.size() - 1);
  Database& db = ctx.db();
  ForEachKey(ctx, 1, 1, [&](size_t, const HashedKey& key) {
    const EntryRef ref = db.LookupRead(key);
    if (ref && ref->type() == values::Type::kString) {
      ReplyString(ctx, *ref);
    } else {
      ctx.reply.Null();
    }
    return true;
  });
}

void MSetCommand(Context& ctx) {
  if (!CheckPairs(ctx)) return;
  SetPairs(ctx);
  ctx.reply.Ok();
}

void MSetNxCommand(Context& ctx) {
  if (!CheckPairs(ctx)) return;
  const bool all_absent = AllExist(ctx, {.end = ctx.args.size()}, false);
  if (all_absent) SetPairs(ctx);
  ctx.reply.Integer(all_absent ? 1 : 0);
}

void MSetExCommand(Context& ctx) {
  const std::optional<Pairs> pairs = CountedPairs(ctx);
  if (!pairs) return;
  const std::optional<StringOptions> options = ParseStringOptions(ctx, pairs->end, OptionGrammar::kMSetEx);
  if (!options) return;
  std::optional<int64_t> deadline;
  if (options->has_deadline()) {
    deadline = DeadlineOf(ctx, options->expiry, options->expiry_index);
    if (!deadline) return;
  }
  if (!ConditionHolds(ctx, options->condition, *pairs)) return ctx.reply.Integer(0);
  Database& db = ctx.db();
  const KeepExpiry keep = options->keep_expiry();
  ForEachPair(ctx, *pairs, [&](const HashedKey& key, std::string_view value) {
    const EntryRef ref = db.LookupWrite(key);
    deadline ? db.SetStringUntil(ref, key, value, *deadline) : db.SetString(ref, key, value, keep);
  });
  AddPairEffects(ctx, *pairs, *options, deadline);
  ctx.reply.Integer(1);
}

}  // namespace tidemark::commands
