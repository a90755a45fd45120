// When keys expire: EXPIRE and its kin, TTL and its kin, PERSIST. Main thread.
#include <cstdint>
#include <optional>
#include <string>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/words.h"

namespace tidemark::commands {

using keyspace::DeleteCause;
using keyspace::Entry;
using keyspace::EntryRef;
using keyspace::Touch;

namespace {

enum class Unit : uint8_t { kSeconds, kMilliseconds };
enum class Reference : uint8_t { kNow, kEpoch };

struct ExpireConditions {
  bool if_none = false;     // NX
  bool if_any = false;      // XX
  bool if_later = false;    // GT: no expiry counts as the latest of all
  bool if_earlier = false;  // LT
};

std::optional<ExpireConditions> ParseConditions(Context& ctx) {
  ExpireConditions conditions;
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    const std::string_view word = ctx.args[i];
    if (IsWord(word, "nx")) {
      conditions.if_none = true;
    } else if (IsWord(word, "xx")) {
      conditions.if_any = true;
    } else if (IsWord(word, "gt")) {
      conditions.if_later = true;
    } else if (IsWord(word, "lt")) {
      conditions.if_earlier = true;
    } else {
      ctx.reply.Error("ERR Unsupported option " + std::string(Quotable(word)));
      return std::nullopt;
    }
  }
  if (conditions.if_none && (conditions.if_any || conditions.if_later || conditions.if_earlier)) {
    ctx.reply.Error(errors::kExpireNxConflict);
    return std::nullopt;
  }
  if (conditions.if_later && conditions.if_earlier) {
    ctx.reply.Error(errors::kExpireGtLtConflict);
    return std::nullopt;
  }
  return conditions;
}

bool Holds(const ExpireConditions& conditions, const Entry& entry, int64_t deadline) {
  const bool volatile_key = entry.has_expiry();
  if (conditions.if_none && volatile_key) return false;
  if (conditions.if_any && !volatile_key) return false;
  if (conditions.if_later && (!volatile_key || deadline <= entry.expiry_ms())) return false;
  if (conditions.if_earlier && volatile_key && deadline >= entry.expiry_ms()) return false;
  return true;
}

// The command's second argument as Unix time in milliseconds, which may well be past.
std::optional<int64_t> ParseDeadline(Context& ctx, Unit unit, Reference reference) {
  const std::optional<int64_t> number = IntegerArgument(ctx, 2);
  if (!number) return std::nullopt;
  int64_t deadline = *number;
  bool overflow = false;
  if (unit == Unit::kSeconds) overflow = __builtin_mul_overflow(deadline, int64_t{1000}, &deadline);
  if (reference == Reference::kNow) overflow = overflow || __builtin_add_overflow(deadline, ctx.now_ms(), &deadline);
  if (!overflow) return deadline;
  ReplyInvalidExpireTime(ctx);
  return std::nullopt;
}

void Expire(Context& ctx, Unit unit, Reference reference) {
  const std::optional<ExpireConditions> conditions = ParseConditions(ctx);
  if (!conditions) return;
  const std::optional<int64_t> deadline = ParseDeadline(ctx, unit, reference);
  if (!deadline) return;
  EntryRef ref = ctx.db().LookupWrite(ctx.Key(1));
  if (!ref || !Holds(*conditions, *ref, *deadline)) {
    ctx.reply.Integer(0);
    return;
  }
  if (*deadline <= ctx.expiry_now_ms()) {
    ctx.db().Delete(ref, DeleteCause::kExpiry);
    AddDeletionEffect(ctx, ctx.args[1], DeleteCause::kExpiry);
  } else {
    ctx.db().SetExpiry(ref, *deadline);
    AddExpiryEffect(ctx, ctx.args[1], *deadline);
  }
  ctx.MarkDirty();
  ctx.reply.Integer(1);
}

void ReplyExpiry(Context& ctx, Unit unit, Reference reference) {
  constexpr int64_t kNoSuchKey = -2;
  constexpr int64_t kPersistent = -1;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1), Touch::kNo);
  if (!ref || !ref->has_expiry()) {
    ctx.reply.Integer(ref ? kPersistent : kNoSuchKey);
    return;
  }
  const int64_t origin = reference == Reference::kNow ? ctx.now_ms() : 0;
  const auto ms = static_cast<uint64_t>(ref->expiry_ms() > origin ? ref->expiry_ms() - origin : 0);
  ctx.reply.Integer(static_cast<int64_t>(unit == Unit::kSeconds ? (ms + 500) / 1000 : ms));
}

}  // namespace

void ExpireCommand(Context& ctx) {
  Expire(ctx, Unit::kSeconds, Reference::kNow);
}
void PExpireCommand(Context& ctx) {
  Expire(ctx, Unit::kMilliseconds, Reference::kNow);
}
void ExpireAtCommand(Context& ctx) {
  Expire(ctx, Unit::kSeconds, Reference::kEpoch);
}
void PExpireAtCommand(Context& ctx) {
  Expire(ctx, Unit::kMilliseconds, Reference::kEpoch);
}

void TtlCommand(Context& ctx) {
  ReplyExpiry(ctx, Unit::kSeconds, Reference::kNow);
}
void PTtlCommand(Context& ctx) {
  ReplyExpiry(ctx, Unit::kMilliseconds, Reference::kNow);
}
void ExpireTimeCommand(Context& ctx) {
  ReplyExpiry(ctx, Unit::kSeconds, Reference::kEpoch);
}
void PExpireTimeCommand(Context& ctx) {
  ReplyExpiry(ctx, Unit::kMilliseconds, Reference::kEpoch);
}

void PersistCommand(Context& ctx) {
  EntryRef ref = ctx.db().LookupWrite(ctx.Key(1));
  if (!ref || !ref->has_expiry()) {
    ctx.reply.Integer(0);
    return;
  }
  ctx.db().ClearExpiry(ref);
  ctx.MarkDirty();
  ctx.reply.Integer(1);
}

}  // namespace tidemark::commands
