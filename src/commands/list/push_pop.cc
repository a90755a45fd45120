// Adding to and taking from the ends of lists. Main thread.
#include <algorithm>

#include "base/numbers.h"
#include "commands/list/elements.h"
#include "commands/list/handlers.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::List;
using values::ListEnd;
using values::PackedItem;

namespace {

void PushValues(Context& ctx, const HashedKey& key, EntryRef ref, ListEnd end) {
  const auto texts = ctx.args.subspan(2);
  ContainerEdit edit(ctx.db(), key, ref, values::NewList());
  List list(edit.object(), ctx.limits());
  list.Push(end, texts);
  edit.MarkChanged();
  ctx.MarkDirty(texts.size());
  ctx.reply.Integer(static_cast<int64_t>(list.size()));
  edit.Finish();
}

void Push(Context& ctx, ListEnd end) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (CheckType(ctx, ref, values::Type::kList)) PushValues(ctx, key, ref, end);
}

void PushIfPresent(Context& ctx, ListEnd end) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Integer(0);
  if (CheckType(ctx, ref, values::Type::kList)) PushValues(ctx, key, ref, end);
}

template <typename Visit>
void PopFrom(Context& ctx, const HashedKey& key, EntryRef ref, ListEnd end, uint64_t count, Visit&& visit) {
  ContainerEdit edit(ctx.db(), key, ref);
  List list(edit.object(), ctx.limits());
  list.Pop(end, count, visit);
  if (count > 0) edit.MarkChanged();
  ctx.MarkDirty(count);
}

void Pop(Context& ctx, ListEnd end) {
  if (ctx.args.size() > 3) return ReplyWrongArity(ctx);
  const bool counted = ctx.args.size() == 3;
  std::optional<int64_t> count = 1;
  if (counted) {
    count = ParseInt64(ctx.args[2]);
    if (!count || *count < 0) return ctx.reply.Error(errors::kNotPositive);
  }
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return counted ? ctx.reply.NullArray() : ctx.reply.Null();
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  if (counted) {
    PopAndReply(ctx, key, ref, end, static_cast<uint64_t>(*count));
  } else {
    PopAndReplyOne(ctx, key, ref, end);
  }
}

}  // namespace

uint64_t PopAndReply(Context& ctx, const HashedKey& key, EntryRef ref, ListEnd end, uint64_t count) {
  count = std::min(count, values::ListSize(ref->object()));
  ctx.reply.Array(count);
  PopFrom(ctx, key, ref, end, count, [&](const PackedItem& item) { ReplyElement(ctx.reply, item); });
  return count;
}

void PopAndReplyOne(Context& ctx, const HashedKey& key, EntryRef ref, ListEnd end) {
  PopFrom(ctx, key, ref, end, 1, [&](const PackedItem& item) { ReplyElement(ctx.reply, item); });
}

void LPushCommand(Context& ctx) {
  Push(ctx, ListEnd::kHead);
}

void RPushCommand(Context& ctx) {
  Push(ctx, ListEnd::kTail);
}

void LPushXCommand(Context& ctx) {
  PushIfPresent(ctx, ListEnd::kHead);
}

void RPushXCommand(Context& ctx) {
  PushIfPresent(ctx, ListEnd::kTail);
}

void LPopCommand(Context& ctx) {
  Pop(ctx, ListEnd::kHead);
}

void RPopCommand(Context& ctx) {
  Pop(ctx, ListEnd::kTail);
}

}  // namespace tidemark::commands
