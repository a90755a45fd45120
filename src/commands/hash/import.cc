// HIMPORT: hashes from values alone, whose fields the connection has named before. Main thread.
#include <optional>
#include <span>
#include <string_view>

#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/hash/access.h"
#include "commands/hash/fieldsets.h"
#include "commands/hash/handlers.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;

namespace {

enum class Replaces : uint8_t { kNo, kYes };

// Only this connection knows the fieldset.
void AddImportEffects(const Context& ctx, Replaces replaces, const Fieldsets::Fieldset& fieldset,
                      std::span<const std::string_view> values) {
  if (!ctx.effects.wanted()) return;
  if (replaces == Replaces::kYes) ctx.effects.Add({"DEL", ctx.args[2]});
  ComposedEffect hset({"HSET", ctx.args[2]});
  for (const Fieldsets::Field& field : fieldset) hset.Word(field.name).Word(values[field.value_index]);
  hset.AddTo(ctx);
}

}  // namespace

void HImportPrepareCommand(Context& ctx) {
  if (!ctx.client.fieldsets.Prepare(ctx.args[2], ctx.args.subspan(3))) {
    return ctx.reply.Error(errors::kDuplicateField);
  }
  ctx.reply.Ok();
}

void HImportSetCommand(Context& ctx) {
  const HashedKey key = ctx.Key(2);
  // A hash is replaced, anything else refused, before the fieldset is looked for.
  const std::optional<EntryRef> existing = LookupHashToWrite(ctx, key);
  if (!existing) return;
  const Fieldsets::Fieldset* fieldset = ctx.client.fieldsets.Find(ctx.args[3]);
  if (fieldset == nullptr) return ctx.reply.Error(errors::kNoFieldset);
  const std::span<const std::string_view> values = ctx.args.subspan(4);
  if (values.size() != fieldset->size()) return ctx.reply.Error(errors::kFieldsetValues);
  values::Object object = values::NewHash();
  {
    values::Hash hash(object, ctx.limits(), ctx.expiry_now_ms());
    for (const Fieldsets::Field& field : *fieldset) hash.Set(field.name, values[field.value_index]);
  }
  ctx.db().SetObject(*existing, key, object);
  ctx.MarkDirty();
  AddImportEffects(ctx, *existing ? Replaces::kYes : Replaces::kNo, *fieldset, values);
  ctx.reply.Ok();
}

void HImportDiscardCommand(Context& ctx) {
  ctx.reply.Integer(ctx.client.fieldsets.Discard(ctx.args[2]) ? 1 : 0);
}

void HImportDiscardAllCommand(Context& ctx) {
  ctx.reply.Integer(static_cast<int64_t>(ctx.client.fieldsets.DiscardAll()));
}

}  // namespace tidemark::commands
