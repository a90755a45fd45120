#include "commands/hash/field_effects.h"

#include "commands/composed_effect.h"

namespace tidemark::commands {
namespace {

void AddCounted(const Context& ctx, ComposedEffect effect, FieldNames fields) {
  effect.Word("FIELDS").Number(static_cast<int64_t>(fields.size())).Words(fields).AddTo(ctx);
}

bool NothingToTell(const Context& ctx, FieldNames fields) {
  return fields.empty() || !ctx.effects.wanted();
}

}  // namespace

void AddFieldExpiryEffect(const Context& ctx, int64_t expiry_ms, FieldNames fields) {
  if (NothingToTell(ctx, fields)) return;
  AddCounted(ctx, std::move(ComposedEffect({"HPEXPIREAT", ctx.args[1]}).Number(expiry_ms)), fields);
}

void AddFieldPersistEffect(const Context& ctx, FieldNames fields) {
  if (!NothingToTell(ctx, fields)) AddCounted(ctx, {"HPERSIST", ctx.args[1]}, fields);
}

void AddFieldDeletionEffect(const Context& ctx, FieldNames fields) {
  if (!NothingToTell(ctx, fields)) ComposedEffect({"HDEL", ctx.args[1]}).Words(fields).AddTo(ctx);
}

}  // namespace tidemark::commands
