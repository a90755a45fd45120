// Streams read and cut by ID: XLEN, XRANGE, XREVRANGE, XDEL, XDELEX. Main thread.
#include <optional>
#include <vector>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/id_list.h"
#include "commands/stream/ids.h"
#include "commands/stream/replies.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::Stream;
using values::StreamDirection;
using values::StreamId;
using values::StreamReferences;
using values::Type;

void XLenCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kStream)) return;
  ctx.reply.Integer(ref ? static_cast<int64_t>(ref->ContainerSize().value_or(0)) : 0);
}

namespace {

void ReplyRange(Context& ctx, StreamDirection direction) {
  const bool forward = direction == StreamDirection::kForward;
  const std::optional<StreamId> start = RangeArgument(ctx, forward ? 2 : 3, RangeEnd::kStart);
  if (!start) return;
  const std::optional<StreamId> end = RangeArgument(ctx, forward ? 3 : 2, RangeEnd::kEnd);
  if (!end) return;
  std::optional<int64_t> count;
  for (size_t i = 4; i < ctx.args.size(); i += 2) {
    if (!IsWord(ctx.args[i], "count") || i + 1 == ctx.args.size()) return ctx.reply.Error(errors::kSyntax);
    count = IntegerArgument(ctx, i + 1);
    if (!count) return;
  }
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) return ctx.reply.Array(0);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  if (count && *count <= 0) return ctx.reply.NullArray();
  ReplyStreamRange(ctx, StreamOf(ref).Range(*start, *end, direction), static_cast<uint64_t>(count.value_or(0)));
}

}  // namespace

void XRangeCommand(Context& ctx) {
  ReplyRange(ctx, StreamDirection::kForward);
}

void XRevRangeCommand(Context& ctx) {
  ReplyRange(ctx, StreamDirection::kBackward);
}

void XDelCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Integer(0);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  const std::optional<std::vector<StreamId>> ids = StreamIdArguments(ctx, 2, ctx.args.size());
  if (!ids) return;
  ContainerEdit edit(ctx.db(), key, ref);
  const uint64_t deleted = Stream::Of(edit.object()).Delete(*ids);
  if (deleted > 0) {
    edit.MarkChanged();
    ctx.MarkDirty(deleted);
  }
  edit.Finish();
  ctx.reply.Integer(static_cast<int64_t>(deleted));
}

void XDelExCommand(Context& ctx) {
  const std::optional<IdList> list = ParseIdList(ctx, 2);
  if (!list) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  ctx.reply.Array(list->ids.size());
  if (!ref) {
    for (size_t i = 0; i < list->ids.size(); ++i) ctx.reply.Integer(kIdMissing);
    return;
  }
  ContainerEdit edit(ctx.db(), key, ref);
  Stream& stream = Stream::Of(edit.object());
  EntryDeletion deletion(stream, list->references);
  uint64_t deleted = 0;
  for (const StreamId& id : list->ids) {
    const IdOutcome outcome = stream.Contains(id) ? deletion.Delete(id) : kIdMissing;
    deleted += outcome == kIdDeleted ? 1 : 0;
    ctx.reply.Integer(outcome);
  }
  if (deleted > 0) {
    stream.RefreshFirstId();
    edit.MarkChanged();
    ctx.MarkDirty(deleted);
    deletion.AddEffects(ctx, ctx.args[1]);
  }
  edit.Finish();
}

}  // namespace tidemark::commands
