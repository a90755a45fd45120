// Strings as a whole: stored, read and replaced. Main thread.
#include <optional>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/string/handlers.h"
#include "commands/string/options.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::Database;
using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;

namespace {

void ReplyStringOrNull(Context& ctx, const EntryRef& ref) {
  if (ref) {
    ReplyString(ctx, *ref);
  } else {
    ctx.reply.Null();
  }
}

// Looks the key up for reading and answers its string, or null. False, with the error written, if it is no string.
bool ReplyOldValue(Context& ctx, const HashedKey& key, EntryRef& ref) {
  ref = ctx.db().LookupRead(key);
  if (!CheckString(ctx, ref)) return false;
  ReplyStringOrNull(ctx, ref);
  return true;
}

// Whether to store. Empty after having written the error reply.
std::optional<bool> Judge(Context& ctx, const StringOptions& options, const EntryRef& ref) {
  switch (options.condition) {
    case SetCondition::kAlways:
      return true;
    case SetCondition::kIfAbsent:
      return !ref;
    case SetCondition::kIfPresent:
      return bool{ref};
    case SetCondition::kByValue:
      if (!ref) return options.value_condition.HoldsForMissing();
      if (!CheckString(ctx, ref)) return std::nullopt;
      return Holds(ctx, options.value_condition, *ref);
  }
  return false;
}

void SetWithOptions(Context& ctx) {
  const std::optional<StringOptions> options = ParseStringOptions(ctx, 3, OptionGrammar::kSet);
  if (!options) return;
  std::optional<int64_t> deadline;
  if (options->has_deadline()) {
    deadline = DeadlineOf(ctx, options->expiry, options->expiry_index);
    if (!deadline) return;
  }
  const HashedKey key = ctx.Key(1);
  const bool answer = options->answer_old_value;
  const EntryRef ref = answer ? ctx.db().LookupRead(key) : ctx.db().LookupWrite(key);
  if (answer && !CheckString(ctx, ref)) return;
  const std::optional<bool> store = Judge(ctx, *options, ref);
  if (!store) return;
  if (answer) ReplyStringOrNull(ctx, ref);
  if (!*store) {
    if (!answer) ctx.reply.Null();
    return;
  }
  if (deadline) {
    ctx.db().SetStringUntil(ref, key, ctx.args[2], *deadline);
  } else {
    ctx.db().SetString(ref, key, ctx.args[2], options->keep_expiry());
  }
  ctx.MarkDirty();
  if (deadline || answer || options->condition == SetCondition::kByValue) {
    AddStringEffect(ctx, ctx.args[1], ctx.args[2], deadline, options->keep_expiry());
  }
  if (!answer) ctx.reply.Ok();
}

// SETEX and PSETEX: key, time, value.
void SetWithExpiry(Context& ctx, ExpiryOption unit) {
  const std::optional<int64_t> deadline = DeadlineOf(ctx, unit, 2);
  if (!deadline) return;
  const HashedKey key = ctx.Key(1);
  ctx.db().SetStringUntil(ctx.db().LookupWrite(key), key, ctx.args[3], *deadline);
  ctx.MarkDirty();
  AddStringEffect(ctx, ctx.args[1], ctx.args[3], deadline);
  ctx.reply.Ok();
}

}  // namespace

void GetCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) {
    ctx.reply.Null();
  } else if (CheckString(ctx, ref)) {
    ReplyString(ctx, *ref);
  }
}

void SetCommand(Context& ctx) {
  if (ctx.args.size() != 3) [[unlikely]] {
    SetWithOptions(ctx);
    return;
  }
  const HashedKey key = ctx.Key(1);
  Database& db = ctx.db();
  db.SetString(db.LookupWrite(key), key, ctx.args[2]);
  ctx.MarkDirty();
  ctx.reply.Ok();
}

void SetNxCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  if (ctx.db().LookupWrite(key)) {
    ctx.reply.Integer(0);
    return;
  }
  ctx.db().SetString({}, key, ctx.args[2]);
  ctx.MarkDirty();
  ctx.reply.Integer(1);
}

void SetExCommand(Context& ctx) {
  SetWithExpiry(ctx, ExpiryOption::kSeconds);
}

void PSetExCommand(Context& ctx) {
  SetWithExpiry(ctx, ExpiryOption::kMilliseconds);
}

void GetSetCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  EntryRef ref;
  if (!ReplyOldValue(ctx, key, ref)) return;
  ctx.db().SetString(ref, key, ctx.args[2]);
  ctx.MarkDirty();
  AddStringEffect(ctx, ctx.args[1], ctx.args[2]);
}

void GetDelCommand(Context& ctx) {
  EntryRef ref;
  if (!ReplyOldValue(ctx, ctx.Key(1), ref) || !ref) return;
  ctx.db().Delete(ref, DeleteCause::kUser);
  ctx.MarkDirty();
  AddDeletionEffect(ctx, ctx.args[1], DeleteCause::kUser);
}

void GetExCommand(Context& ctx) {
  const std::optional<StringOptions> options = ParseStringOptions(ctx, 2, OptionGrammar::kGetEx);
  if (!options) return;
  EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) {
    ctx.reply.Null();
    return;
  }
  if (!CheckString(ctx, ref)) return;
  std::optional<int64_t> deadline;
  if (options->has_deadline()) {
    deadline = DeadlineOf(ctx, options->expiry, options->expiry_index);
    if (!deadline) return;
  }
  ReplyString(ctx, *ref);
  if (deadline && options->absolute() && *deadline <= ctx.expiry_now_ms()) {
    ctx.db().Delete(ref, DeleteCause::kExpiry);
    ctx.MarkDirty();
    AddDeletionEffect(ctx, ctx.args[1], DeleteCause::kExpiry);
  } else if (deadline) {
    ctx.db().SetExpiry(ref, *deadline);
    ctx.MarkDirty();
    AddExpiryEffect(ctx, ctx.args[1], *deadline);
  } else if (options->expiry == ExpiryOption::kPersist && ref->has_expiry()) {
    ctx.db().ClearExpiry(ref);
    ctx.MarkDirty();
    ctx.effects.Add({"PERSIST", ctx.args[1]});
  }
}

void StrlenCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  char scratch[kInt64Chars];
  ctx.reply.Integer(ref ? static_cast<int64_t>(ctx.db().StringOf(*ref, scratch).size()) : 0);
}

}  // namespace tidemark::commands
