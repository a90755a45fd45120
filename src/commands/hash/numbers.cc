// Fields as numbers: HINCRBY and HINCRBYFLOAT. Main thread.
#include "base/numbers.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/hash/access.h"
#include "commands/hash/field_effects.h"
#include "commands/hash/handlers.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::HashView;
using values::PackedItem;

namespace {

std::optional<int64_t> IntegerOf(const PackedItem& value) {
  if (value.is_integer) return value.integer;
  return ParseInt64(value.text);
}

std::optional<long double> FloatOf(const PackedItem& value) {
  if (value.is_integer) return value.integer;
  return ParseLongDouble(value.text);
}

// Puts a number into the field of the third argument; an expiry that it has stays.
void Store(const Context& ctx, HashEdit& edit, const HashView::Place& place, std::string_view number) {
  if (place) {
    edit.hash().Replace(place, ctx.args[2], number);
  } else {
    edit.hash().Insert(place, ctx.args[2], number);
  }
  edit.MarkChanged();
}

}  // namespace

void HIncrByCommand(Context& ctx) {
  const std::optional<int64_t> increment = IntegerArgument(ctx, 3);
  if (!increment) return;
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  HashEdit edit(ctx, key, *ref);
  const HashView::Place place = edit.hash().Find(ctx.args[2]);
  const std::optional<int64_t> old = place ? IntegerOf(edit.hash().ValueAt(place)) : 0;
  if (!old) {
    ctx.reply.Error(errors::kHashNotInteger);
    return;
  }
  int64_t sum = 0;
  if (__builtin_add_overflow(*old, *increment, &sum)) {
    ctx.reply.Error(errors::kOverflow);
    return;
  }
  char scratch[kInt64Chars];
  Store(ctx, edit, place, FormatInt64(sum, scratch));
  ctx.reply.Integer(sum);
}

void HIncrByFloatCommand(Context& ctx) {
  const std::optional<long double> increment = ParseLongDouble(ctx.args[3]);
  if (!increment || std::isnan(*increment)) {
    ctx.reply.Error(errors::kNotFloat);
    return;
  }
  if (std::isinf(*increment)) {
    ctx.reply.Error(errors::kValueNanOrInfinity);
    return;
  }
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  HashEdit edit(ctx, key, *ref);
  const HashView::Place place = edit.hash().Find(ctx.args[2]);
  const std::optional<long double> old = place ? FloatOf(edit.hash().ValueAt(place)) : 0.0L;
  if (!old) {
    ctx.reply.Error(errors::kHashNotFloat);
    return;
  }
  const long double sum = *old + *increment;
  if (!std::isfinite(sum)) {
    ctx.reply.Error(errors::kNanOrInfinity);
    return;
  }
  const std::string text = FormatLongDouble(sum);
  const int64_t expiry_ms = place ? edit.hash().ExpiryAt(place) : 0;
  Store(ctx, edit, place, text);
  ctx.effects.Add({"HSET", ctx.args[1], ctx.args[2], text});
  // HSET takes it away.
  if (expiry_ms != 0) AddFieldExpiryEffect(ctx, expiry_ms, ctx.args.subspan(2, 1));
  ctx.reply.Bulk(text);
}

}  // namespace tidemark::commands
