// Commands that read or write fields and do something to them besides: HGETDEL, HGETEX, HSETEX. Main thread.
#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "commands/composed_effect.h"
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

void ReplyNulls(Context& ctx, size_t count) {
  ctx.reply.Array(count);
  for (size_t i = 0; i < count; ++i) ctx.reply.Null();
}

bool IsPast(const Context& ctx, const FieldOptions& options) {
  return options.expiry == FieldExpiry::kDeadline && options.deadline_ms <= ctx.expiry_now_ms();
}

// HGETEX, after the value has been answered. Whether the field has changed.
bool ApplyExpiry(const Context& ctx, Hash& hash, const HashView::Place& place, const FieldOptions& options) {
  switch (options.expiry) {
    case FieldExpiry::kNone:
    case FieldExpiry::kKeep:
      return false;
    case FieldExpiry::kPersist:
      if (hash.ExpiryAt(place) == 0) return false;
      hash.SetExpiry(place, 0);
      return true;
    case FieldExpiry::kDeadline:
      if (IsPast(ctx, options)) {
        hash.Erase(place);
      } else {
        hash.SetExpiry(place, options.deadline_ms);
      }
      return true;
  }
  return false;
}

// What HGETEX has done to these fields.
void AddExpiryEffects(const Context& ctx, const FieldOptions& options, FieldNames changed) {
  if (options.expiry == FieldExpiry::kPersist) {
    AddFieldPersistEffect(ctx, changed);
  } else if (IsPast(ctx, options)) {
    AddFieldDeletionEffect(ctx, changed);
  } else {
    AddFieldExpiryEffect(ctx, options.deadline_ms, changed);
  }
}

bool Holds(Condition condition, bool exists) {
  return condition == Condition::kAlways || (condition == Condition::kIfPresent) == exists;
}

// HSETEX: sets one field as the options say.
void SetField(Hash& hash, std::string_view field, std::string_view value, const FieldOptions& options) {
  const HashView::Place place = hash.Find(field);
  if (!place) {
    hash.Insert(place, field, value, options.deadline_ms);
    return;
  }
  hash.Replace(place, field, value);
  // The hash may be laid out anew.
  if (options.expiry != FieldExpiry::kKeep) hash.SetExpiry(hash.Find(field), options.deadline_ms);
}

// The same where the deadline has passed: the fields go.
void DeleteFields(const Context& ctx, Hash& hash, std::span<const std::string_view> elements) {
  std::vector<std::string_view> deleted;
  for (size_t i = 0; i < elements.size(); i += 2) {
    if (hash.Erase(elements[i])) deleted.push_back(elements[i]);
  }
  ctx.effects.AddNothing();
  AddFieldDeletionEffect(ctx, deleted);
}

// HSET, where the expiries of the fields go too; else HSETEX without its conditions, which hold.
void AddSetEffect(const Context& ctx, const FieldOptions& options) {
  if (!ctx.effects.wanted()) return;
  if (options.expiry == FieldExpiry::kNone) {
    return ComposedEffect({"HSET", ctx.args[1]}).Words(options.elements).AddTo(ctx);
  }
  ComposedEffect effect({"HSETEX", ctx.args[1]});
  if (options.expiry == FieldExpiry::kKeep) {
    effect.Word("KEEPTTL");
  } else {
    effect.Word("PXAT").Number(options.deadline_ms);
  }
  const auto count = static_cast<int64_t>(options.elements.size() / 2);
  effect.Word("FIELDS").Number(count).Words(options.elements).AddTo(ctx);
}

void SetFields(const Context& ctx, Hash& hash, const FieldOptions& options) {
  if (IsPast(ctx, options)) return DeleteFields(ctx, hash, options.elements);
  const std::span<const std::string_view> elements = options.elements;
  for (size_t i = 0; i < elements.size(); i += 2) SetField(hash, elements[i], elements[i + 1], options);
  AddSetEffect(ctx, options);
}

}  // namespace

void HGetDelCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  const auto fields = FieldArguments(ctx, 2, errors::kNumFieldsNotPositive);
  if (!fields) return;
  if (!*ref) return ReplyNulls(ctx, fields->size());
  HashEdit edit(ctx, key, *ref);
  std::vector<std::string_view> deleted;
  ctx.reply.Array(fields->size());
  for (const std::string_view field : *fields) {
    const HashView::Place place = edit.hash().Find(field);
    if (!place) {
      ctx.reply.Null();
      continue;
    }
    ReplyItem(ctx, edit.hash().ValueAt(place));
    edit.hash().Erase(place);
    edit.MarkChanged();
    deleted.push_back(field);
  }
  AddFieldDeletionEffect(ctx, deleted);
}

void HGetExCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  const std::optional<FieldOptions> options = ParseFieldOptions(ctx, FieldGrammar::kGetEx);
  if (!options) return;
  if (!*ref) return ReplyNulls(ctx, options->elements.size());
  HashEdit edit(ctx, key, *ref);
  std::vector<std::string_view> changed;
  ctx.reply.Array(options->elements.size());
  for (const std::string_view field : options->elements) {
    const HashView::Place place = edit.hash().Find(field);
    if (!place) {
      ctx.reply.Null();
      continue;
    }
    ReplyItem(ctx, edit.hash().ValueAt(place));
    if (!ApplyExpiry(ctx, edit.hash(), place, *options)) continue;
    edit.MarkChanged();
    changed.push_back(field);
  }
  AddExpiryEffects(ctx, *options, changed);
}

void HSetExCommand(Context& ctx) {
  const std::optional<FieldOptions> options = ParseFieldOptions(ctx, FieldGrammar::kSetEx);
  if (!options) return;
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  HashEdit edit(ctx, key, *ref);
  Hash& hash = edit.hash();
  const std::span<const std::string_view> elements = options->elements;
  bool holds = Holds(options->key, static_cast<bool>(*ref));
  for (size_t i = 0; holds && options->fields != Condition::kAlways && i < elements.size(); i += 2) {
    holds = Holds(options->fields, static_cast<bool>(hash.Find(elements[i])));
  }
  if (holds) {
    SetFields(ctx, hash, *options);
    edit.MarkChanged(elements.size() / 2);
  }
  ctx.reply.Integer(holds ? 1 : 0);
}

}  // namespace tidemark::commands
