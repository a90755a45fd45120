// Strings as numbers: INCR and its kin. Main thread.
#include "base/numbers.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/string/handlers.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::KeepExpiry;

namespace {

void AddInteger(Context& ctx, int64_t increment) {
  const HashedKey key = ctx.Key(1);
  EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckString(ctx, ref)) return;
  const std::optional<int64_t> old = IntegerOf(ref);
  if (!old) {
    ctx.reply.Error(errors::kNotInteger);
    return;
  }
  int64_t sum = 0;
  if (__builtin_add_overflow(*old, increment, &sum)) {
    ctx.reply.Error(errors::kOverflow);
    return;
  }
  if (ref) {
    ctx.db().SetInteger(ref, sum);
  } else {
    char scratch[kInt64Chars];
    ctx.db().SetString({}, key, FormatInt64(sum, scratch));
  }
  ctx.MarkDirty();
  ctx.reply.Integer(sum);
}

}  // namespace

void IncrCommand(Context& ctx) {
  AddInteger(ctx, 1);
}

void DecrCommand(Context& ctx) {
  AddInteger(ctx, -1);
}

void IncrByCommand(Context& ctx) {
  if (const std::optional<int64_t> increment = IntegerArgument(ctx, 2)) AddInteger(ctx, *increment);
}

void DecrByCommand(Context& ctx) {
  const std::optional<int64_t> decrement = IntegerArgument(ctx, 2);
  if (!decrement) return;
  if (*decrement == std::numeric_limits<int64_t>::min()) {
    ctx.reply.Error(errors::kDecrementOverflow);
    return;
  }
  AddInteger(ctx, -*decrement);
}

void IncrByFloatCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckString(ctx, ref)) return;
  const std::optional<long double> old = FloatOf(ref);
  const std::optional<long double> increment = ParseLongDouble(ctx.args[2]);
  if (!old || !increment) {
    ctx.reply.Error(errors::kNotFloat);
    return;
  }
  const long double sum = *old + *increment;
  if (!std::isfinite(sum)) {
    ctx.reply.Error(errors::kNanOrInfinity);
    return;
  }
  const std::string text = FormatLongDouble(sum);
  ctx.db().SetText(ref, key, text, KeepExpiry::kYes);
  ctx.MarkDirty();
  AddStringEffect(ctx, ctx.args[1], text, {}, KeepExpiry::kYes);
  ctx.reply.Bulk(text);
}

}  // namespace tidemark::commands
