// The expiry of fields: HEXPIRE and its kin set it, HPERSIST removes it, HTTL and its kin tell it. Main thread.
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/hash/access.h"
#include "commands/hash/field_effects.h"
#include "commands/hash/field_options.h"
#include "commands/hash/handlers.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::Hash;
using values::HashView;

namespace {

// What is answered for a field.
constexpr int64_t kNoField = -2;
constexpr int64_t kNoExpiry = -1;
constexpr int64_t kConditionFailed = 0;
constexpr int64_t kDone = 1;
constexpr int64_t kDeleted = 2;

enum class ExpiryCondition : uint8_t { kAlways, kIfNone, kIfSome, kIfLater, kIfEarlier };

ExpiryCondition ConditionOf(std::string_view word) {
  if (IsWord(word, "nx")) return ExpiryCondition::kIfNone;
  if (IsWord(word, "xx")) return ExpiryCondition::kIfSome;
  if (IsWord(word, "gt")) return ExpiryCondition::kIfLater;
  if (IsWord(word, "lt")) return ExpiryCondition::kIfEarlier;
  return ExpiryCondition::kAlways;
}

// A field without an expiry expires later than any other.
bool Holds(ExpiryCondition condition, int64_t old_ms, int64_t new_ms) {
  switch (condition) {
    case ExpiryCondition::kAlways:
      return true;
    case ExpiryCondition::kIfNone:
      return old_ms == 0;
    case ExpiryCondition::kIfSome:
      return old_ms != 0;
    case ExpiryCondition::kIfLater:
      return old_ms != 0 && old_ms < new_ms;
    case ExpiryCondition::kIfEarlier:
      return old_ms == 0 || old_ms > new_ms;
  }
  return false;
}

void ReplyNoFields(Context& ctx, const FieldNames& fields) {
  ctx.reply.Array(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) ctx.reply.Integer(kNoField);
}

void Expire(Context& ctx, TimeUnit unit, TimeBase base) {
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  const std::optional<int64_t> deadline = FieldDeadlineArgument(ctx, 2, unit, base);
  if (!deadline) return;
  const ExpiryCondition condition = ConditionOf(ctx.args[3]);
  const size_t at = condition == ExpiryCondition::kAlways ? 3 : 4;
  const std::optional<FieldNames> fields = FieldArguments(ctx, at, errors::kNumFieldsTooSmall);
  if (!fields) return;
  if (!*ref) return ReplyNoFields(ctx, *fields);

  HashEdit edit(ctx, key, *ref);
  Hash& hash = edit.hash();
  const bool past = *deadline <= ctx.expiry_now_ms();
  std::vector<std::string_view> changed;
  ctx.reply.Array(fields->size());
  for (const std::string_view field : *fields) {
    const HashView::Place place = hash.Find(field);
    if (!place) {
      ctx.reply.Integer(kNoField);
    } else if (!Holds(condition, hash.ExpiryAt(place), *deadline)) {
      ctx.reply.Integer(kConditionFailed);
    } else {
      past ? hash.Erase(place) : hash.SetExpiry(place, *deadline);
      edit.MarkChanged();
      changed.push_back(field);
      ctx.reply.Integer(past ? kDeleted : kDone);
    }
  }
  past ? AddFieldDeletionEffect(ctx, changed) : AddFieldExpiryEffect(ctx, *deadline, changed);
}

// Calls tell(int64_t expiry_ms), whose result is answered, for the fields that expire.
template <typename Tell>
void TellExpiry(Context& ctx, Tell&& tell) {
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  const std::optional<FieldNames> fields = FieldArguments(ctx, 2, errors::kNumFieldsNotPositive);
  if (!fields) return;
  if (!*ref) return ReplyNoFields(ctx, *fields);
  const HashView hash = ViewHash(ctx, *ref);
  ctx.reply.Array(fields->size());
  for (const std::string_view field : *fields) {
    const HashView::Place place = hash.Find(field);
    const int64_t expiry_ms = place ? hash.ExpiryAt(place) : 0;
    ctx.reply.Integer(!place ? kNoField : expiry_ms == 0 ? kNoExpiry : tell(expiry_ms));
  }
}

constexpr int64_t SecondsUp(int64_t ms) {
  return (ms + 999) / 1000;
}

}  // namespace

void HExpireCommand(Context& ctx) {
  Expire(ctx, TimeUnit::kSeconds, TimeBase::kNow);
}

void HPExpireCommand(Context& ctx) {
  Expire(ctx, TimeUnit::kMilliseconds, TimeBase::kNow);
}

void HExpireAtCommand(Context& ctx) {
  Expire(ctx, TimeUnit::kSeconds, TimeBase::kEpoch);
}

void HPExpireAtCommand(Context& ctx) {
  Expire(ctx, TimeUnit::kMilliseconds, TimeBase::kEpoch);
}

void HPersistCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  const std::optional<FieldNames> fields = FieldArguments(ctx, 2, errors::kNumFieldsNotPositive);
  if (!fields) return;
  if (!*ref) return ReplyNoFields(ctx, *fields);
  HashEdit edit(ctx, key, *ref);
  ctx.reply.Array(fields->size());
  for (const std::string_view field : *fields) {
    const HashView::Place place = edit.hash().Find(field);
    if (!place || edit.hash().ExpiryAt(place) == 0) {
      ctx.reply.Integer(place ? kNoExpiry : kNoField);
      continue;
    }
    edit.hash().SetExpiry(place, 0);
    edit.MarkChanged();
    ctx.reply.Integer(kDone);
  }
}

void HTtlCommand(Context& ctx) {
  TellExpiry(ctx, [&](int64_t expiry_ms) { return SecondsUp(expiry_ms - ctx.now_ms()); });
}

void HPTtlCommand(Context& ctx) {
  TellExpiry(ctx, [&](int64_t expiry_ms) { return expiry_ms - ctx.now_ms(); });
}

void HExpireTimeCommand(Context& ctx) {
  TellExpiry(ctx, [](int64_t expiry_ms) { return SecondsUp(expiry_ms); });
}

void HPExpireTimeCommand(Context& ctx) {
  TellExpiry(ctx, [](int64_t expiry_ms) { return expiry_ms; });
}

}  // namespace tidemark::commands
