// Strings as a whole: stored, read, replaced and compared. Main thread.
#include <optional>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/string/handlers.h"
#include "commands/string/options.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::Database;
using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::KeepExpiry;

namespace {

bool Equals(const EntryRef& ref, std::string_view value) {
  char scratch[kInt64Chars];
  return ref->StringView(scratch) == value;
}

// Looks the key up for reading and answers its string, or null. False, with the error written, if it is no string.
bool ReplyOldValue(Context& ctx, const HashedKey& key, EntryRef& ref) {
  ref = ctx.db().LookupRead(key);
  if (!CheckString(ctx, ref)) return false;
  if (ref) {
    ReplyString(ctx, *ref);
  } else {
    ctx.reply.Null();
  }
  return true;
}

enum class Verdict : uint8_t { kStore, kLeave, kAnswered };

Verdict Judge(Context& ctx, const StringOptions& options, const EntryRef& ref) {
  switch (options.condition) {
    case SetCondition::kAlways:
      return Verdict::kStore;
    case SetCondition::kIfAbsent:
      return ref ? Verdict::kLeave : Verdict::kStore;
    case SetCondition::kIfPresent:
      return ref ? Verdict::kStore : Verdict::kLeave;
    case SetCondition::kIfEqual:
      if (!ref) return Verdict::kLeave;
      if (!CheckString(ctx, ref)) return Verdict::kAnswered;
      return Equals(ref, options.comparison) ? Verdict::kStore : Verdict::kLeave;
  }
  return Verdict::kLeave;
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
  EntryRef ref;
  if (options->answer_old_value) {
    if (!ReplyOldValue(ctx, key, ref)) return;
  } else {
    ref = ctx.db().LookupWrite(key);
  }
  switch (Judge(ctx, *options, ref)) {
    case Verdict::kAnswered:
      return;
    case Verdict::kLeave:
      if (!options->answer_old_value) ctx.reply.Null();
      return;
    case Verdict::kStore:
      break;
  }
  if (deadline) {
    ctx.db().SetStringUntil(ref, key, ctx.args[2], *deadline);
  } else {
    const bool keep = options->expiry == ExpiryOption::kKeep;
    ctx.db().SetString(ref, key, ctx.args[2], keep ? KeepExpiry::kYes : KeepExpiry::kNo);
  }
  ctx.MarkDirty();
  if (!options->answer_old_value) ctx.reply.Ok();
}

// SETEX and PSETEX: key, time, value.
void SetWithExpiry(Context& ctx, ExpiryOption unit) {
  const std::optional<int64_t> deadline = DeadlineOf(ctx, unit, 2);
  if (!deadline) return;
  const HashedKey key = ctx.Key(1);
  ctx.db().SetStringUntil(ctx.db().LookupWrite(key), key, ctx.args[3], *deadline);
  ctx.MarkDirty();
  ctx.reply.Ok();
}

// MSET's and MSETNX's arguments are pairs. False, with the error written, if one lacks its value.
bool CheckPairs(Context& ctx) {
  if (ctx.args.size() % 2 == 1) return true;
  ReplyWrongArity(ctx);
  return false;
}

void SetPairs(Context& ctx) {
  Database& db = ctx.db();
  ForEachKey(ctx, 1, 2, [&](size_t index, const HashedKey& key) {
    db.SetString(db.LookupWrite(key), key, ctx.args[index + 1]);
    return true;
  });
  ctx.MarkDirty((ctx.args.size() - 1) / 2);
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
}

void GetDelCommand(Context& ctx) {
  EntryRef ref;
  if (!ReplyOldValue(ctx, ctx.Key(1), ref) || !ref) return;
  ctx.db().Delete(ref, DeleteCause::kUser);
  ctx.MarkDirty();
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
  if (deadline && options->absolute() && *deadline <= ctx.now_ms()) {
    ctx.db().Delete(ref, DeleteCause::kExpiry);
    ctx.MarkDirty();
  } else if (deadline) {
    ctx.db().SetExpiry(ref, *deadline);
    ctx.MarkDirty();
  } else if (options->expiry == ExpiryOption::kPersist && ref->has_expiry()) {
    ctx.db().ClearExpiry(ref);
    ctx.MarkDirty();
  }
}

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
  Database& db = ctx.db();
  const bool all_absent = ForEachKey(ctx, 1, 2, [&](size_t, const HashedKey& key) { return !db.LookupWrite(key); });
  if (all_absent) SetPairs(ctx);
  ctx.reply.Integer(all_absent ? 1 : 0);
}

void StrlenCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (CheckString(ctx, ref)) ctx.reply.Integer(ref ? static_cast<int64_t>(ref->StringBytes()) : 0);
}

void DelIfEqCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupWrite(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  if (!ref || !Equals(ref, ctx.args[2])) {
    ctx.reply.Integer(0);
    return;
  }
  ctx.db().Delete(ref, DeleteCause::kUser);
  ctx.MarkDirty();
  ctx.reply.Integer(1);
}

}  // namespace tidemark::commands
