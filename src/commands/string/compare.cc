// Strings looked at by their contents: DIGEST, and deletion on a condition (DELIFEQ, DELEX). Main thread.
#include <optional>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/string/handlers.h"
#include "commands/string/value_condition.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::DeleteCause;
using keyspace::EntryRef;

namespace {

// Answers 1 after having deleted the key, 0 if it is not to be deleted.
void DeleteIf(Context& ctx, const EntryRef& ref, bool wanted) {
  if (wanted) {
    ctx.db().Delete(ref, DeleteCause::kUser);
    ctx.MarkDirty();
    AddDeletionEffect(ctx, ctx.args[1], DeleteCause::kUser);
  }
  ctx.reply.Integer(wanted ? 1 : 0);
}

}  // namespace

void DigestCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) return ctx.reply.Null();
  if (!CheckString(ctx, ref)) return;
  char scratch[kInt64Chars];
  ctx.reply.Bulk(DigestText(ctx.db().StringOf(*ref, scratch)));
}

void DelIfEqCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupWrite(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  DeleteIf(ctx, ref, ref && *Holds(ctx, {ValueCondition::Kind::kEqual, ctx.args[2]}, *ref));
}

void DelExCommand(Context& ctx) {
  if (ctx.args.size() == 2) {
    const EntryRef ref = ctx.db().LookupWrite(ctx.Key(1));
    return DeleteIf(ctx, ref, bool{ref});
  }
  if (ctx.args.size() != 4) return ReplyWrongArity(ctx);
  const std::optional<ValueCondition::Kind> kind = ValueConditionKind(ctx.args[2]);
  if (!kind) return ctx.reply.Error(errors::kDelexCondition);
  const EntryRef ref = ctx.db().LookupWrite(ctx.Key(1));
  if (!ref) return ctx.reply.Integer(0);
  if (ref->type() != values::Type::kString) return ctx.reply.Error(errors::kDelexType);
  if (const std::optional<bool> holds = Holds(ctx, {*kind, ctx.args[3]}, *ref)) DeleteIf(ctx, ref, *holds);
}

}  // namespace tidemark::commands
