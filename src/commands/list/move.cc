// Moving an element from one list to another: LMOVE, RPOPLPUSH, and BLMOVE, BRPOPLPUSH, which wait for one. Main
// thread.
#include "commands/list/move.h"

#include <string>
#include <string_view>

#include "commands/blocking.h"
#include "commands/composed_effect.h"
#include "commands/list/elements.h"
#include "commands/list/handlers.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::Touch;
using values::List;
using values::ListEnd;
using values::PackedItem;

namespace {

std::string PopOne(List& list, ListEnd end) {
  std::string popped;
  list.Pop(end, 1, [&](const PackedItem& item) { popped = item.ToString(); });
  return popped;
}

std::string Take(Context& ctx, const HashedKey& key, EntryRef ref, ListEnd end) {
  ContainerEdit edit(ctx.db(), key, ref);
  List list(edit.object(), ctx.limits());
  edit.MarkChanged();
  return PopOne(list, end);
}

std::string Rotate(Context& ctx, const HashedKey& key, EntryRef ref, MoveEnds ends) {
  ContainerEdit edit(ctx.db(), key, ref);
  List list(edit.object(), ctx.limits());
  std::string moved = PopOne(list, ends.from);
  list.Push(ends.to, moved);
  edit.MarkChanged();
  return moved;
}

// `at_once` is the command that does the same without a wait, empty for that one itself.
MoveOutcome TryMove(Context& ctx, MoveEnds ends, std::string_view at_once = {}) {
  const HashedKey source_key = ctx.Key(kMoveSource);
  const HashedKey target_key = ctx.Key(kMoveTarget);
  // The target first: should it have expired, looking it up would take away the ground under the source.
  EntryRef target = ctx.db().LookupWrite(target_key, Touch::kNo);
  const EntryRef source = ctx.db().LookupWrite(source_key);
  if (!source || (ctx.woken_key && source->type() != values::Type::kList)) return MoveOutcome::kTooFew;
  if (!CheckType(ctx, source, values::Type::kList)) return MoveOutcome::kReplied;
  if (!CheckType(ctx, target, values::Type::kList)) return MoveOutcome::kReplied;
  std::string moved;
  if (target.entry == source.entry) {
    moved = Rotate(ctx, source_key, source, ends);
  } else {
    moved = Take(ctx, source_key, source, ends.from);
    // The source may be gone, and the target have moved.
    target = ctx.db().LookupWrite(target_key);
    ContainerEdit edit(ctx.db(), target_key, target, values::NewList());
    List(edit.object(), ctx.limits()).Push(ends.to, moved);
    edit.MarkChanged();
  }
  ctx.MarkDirty();
  // All but the timeout, which comes last.
  if (!at_once.empty()) ComposedEffect({at_once}).Words(ctx.args.subspan(1, ctx.args.size() - 2)).AddTo(ctx);
  ctx.reply.Bulk(moved);
  return MoveOutcome::kReplied;
}

void MoveAtOnce(Context& ctx, MoveEnds ends) {
  if (TryMove(ctx, ends) == MoveOutcome::kTooFew) ctx.reply.Null();
}

void MoveOrWait(Context& ctx, MoveEnds ends, std::string_view at_once) {
  const std::optional<int64_t> deadline_ms = TimeoutArgument(ctx, ctx.args.size() - 1);
  if (!deadline_ms || TryMove(ctx, ends, at_once) == MoveOutcome::kReplied) return;
  // Where it must not wait it answers as LMOVE does; after a wait, as BLPOP does.
  if (ctx.block == nullptr) return ctx.reply.Null();
  ctx.Block({.keys = {kMoveSource}, .type = values::Type::kList, .deadline_ms = *deadline_ms, .rewritten = {}});
}

}  // namespace

std::optional<MoveEnds> MoveEndsArguments(Context& ctx, size_t first) {
  const std::optional<ListEnd> from = EndArgument(ctx, first);
  if (!from) return std::nullopt;
  const std::optional<ListEnd> to = EndArgument(ctx, first + 1);
  if (!to) return std::nullopt;
  return MoveEnds{*from, *to};
}

void LMoveCommand(Context& ctx) {
  if (const std::optional<MoveEnds> ends = MoveEndsArguments(ctx, 3)) MoveAtOnce(ctx, *ends);
}

void RPopLPushCommand(Context& ctx) {
  MoveAtOnce(ctx, {ListEnd::kTail, ListEnd::kHead});
}

void BLMoveCommand(Context& ctx) {
  if (const std::optional<MoveEnds> ends = MoveEndsArguments(ctx, 3)) MoveOrWait(ctx, *ends, "LMOVE");
}

void BRPopLPushCommand(Context& ctx) {
  MoveOrWait(ctx, {ListEnd::kTail, ListEnd::kHead}, "RPOPLPUSH");
}

}  // namespace tidemark::commands
