// Reading and changing lists by index and by value. Main thread.
#include "commands/list/elements.h"

#include <algorithm>

#include "base/numbers.h"
#include "commands/list/handlers.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::List;
using values::ListEnd;
using values::ListView;
using values::PackedItem;
using Direction = values::ListView::Direction;

namespace {

// The element that an index argument means; negative counts from the end.
std::optional<uint64_t> IndexIn(uint64_t size, int64_t index) {
  if (index < 0) index += static_cast<int64_t>(size);
  if (index < 0 || static_cast<uint64_t>(index) >= size) return std::nullopt;
  return static_cast<uint64_t>(index);
}

struct Range {
  uint64_t start = 0;
  uint64_t count = 0;
};

// Elements from `start` to `stop` of a list; negative counts from the end.
Range RangeIn(uint64_t size, int64_t start, int64_t stop) {
  const auto end = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(start + end, 0);
  if (stop < 0) stop += end;
  stop = std::min(stop, end - 1);
  if (start > stop || start >= end) return {};
  return {static_cast<uint64_t>(start), static_cast<uint64_t>(stop - start) + 1};
}

// Where `pivot` first stands.
std::optional<uint64_t> FindElement(const ListView& list, std::string_view pivot) {
  const values::ElementMatcher matcher(pivot);
  std::optional<uint64_t> found;
  uint64_t index = 0;
  list.VisitFrom(0, Direction::kForward, [&](const PackedItem& item) {
    if (matcher.Matches(item)) found = index;
    ++index;
    return !found;
  });
  return found;
}

}  // namespace

std::optional<uint64_t> PositiveArgument(Context& ctx, size_t index, std::string_view error) {
  const std::optional<int64_t> value = ParseInt64(ctx.args[index]);
  if (value && *value > 0) return static_cast<uint64_t>(*value);
  ctx.reply.Error(error);
  return std::nullopt;
}

std::optional<ListEnd> EndArgument(Context& ctx, size_t index) {
  if (IsWord(ctx.args[index], "left")) return ListEnd::kHead;
  if (IsWord(ctx.args[index], "right")) return ListEnd::kTail;
  ctx.reply.Error(errors::kSyntax);
  return std::nullopt;
}

void LLenCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  ctx.reply.Integer(ref ? static_cast<int64_t>(ref->ContainerSize().value_or(0)) : 0);
}

void LIndexCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) return ctx.reply.Null();
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  const std::optional<int64_t> argument = IntegerArgument(ctx, 2);
  if (!argument) return;
  const ListView list(ref->object());
  const std::optional<uint64_t> index = IndexIn(list.size(), *argument);
  if (!index) return ctx.reply.Null();
  list.ForRange(*index, 1, Direction::kForward, [&](const PackedItem& item) { ReplyElement(ctx.reply, item); });
}

void LRangeCommand(Context& ctx) {
  const std::optional<int64_t> start = IntegerArgument(ctx, 2);
  if (!start) return;
  const std::optional<int64_t> stop = IntegerArgument(ctx, 3);
  if (!stop) return;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) return ctx.reply.Array(0);
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  const ListView list(ref->object());
  const Range range = RangeIn(list.size(), *start, *stop);
  ctx.reply.Array(range.count);
  list.ForRange(range.start, range.count, Direction::kForward,
                [&](const PackedItem& item) { ReplyElement(ctx.reply, item); });
}

void LSetCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Error(errors::kNoSuchKey);
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  const std::optional<int64_t> argument = IntegerArgument(ctx, 2);
  if (!argument) return;
  const std::optional<uint64_t> index = IndexIn(values::ListSize(ref->object()), *argument);
  if (!index) return ctx.reply.Error(errors::kOutOfRange);
  ContainerEdit edit(ctx.db(), key, ref);
  List(edit.object(), ctx.limits()).Replace(*index, ctx.args[3]);
  edit.MarkChanged();
  ctx.MarkDirty();
  ctx.reply.Ok();
}

void LInsertCommand(Context& ctx) {
  const bool after = IsWord(ctx.args[2], "after");
  if (!after && !IsWord(ctx.args[2], "before")) return ctx.reply.Error(errors::kSyntax);
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Integer(0);
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  const std::optional<uint64_t> pivot = FindElement(ListView(ref->object()), ctx.args[3]);
  if (!pivot) return ctx.reply.Integer(-1);
  ContainerEdit edit(ctx.db(), key, ref);
  List list(edit.object(), ctx.limits());
  list.Insert(after ? *pivot + 1 : *pivot, ctx.args[4]);
  edit.MarkChanged();
  ctx.MarkDirty();
  ctx.reply.Integer(static_cast<int64_t>(list.size()));
}

void LTrimCommand(Context& ctx) {
  const std::optional<int64_t> start = IntegerArgument(ctx, 2);
  if (!start) return;
  const std::optional<int64_t> stop = IntegerArgument(ctx, 3);
  if (!stop) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Ok();
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  ContainerEdit edit(ctx.db(), key, ref);
  List list(edit.object(), ctx.limits());
  const uint64_t size = list.size();
  const Range kept = RangeIn(size, *start, *stop);
  list.EraseRange(kept.start + kept.count, size - kept.start - kept.count);
  list.EraseRange(0, kept.start);
  if (kept.count < size) edit.MarkChanged();
  ctx.MarkDirty(size - kept.count);
  ctx.reply.Ok();
}

void LRemCommand(Context& ctx) {
  const std::optional<int64_t> count = IntegerArgument(ctx, 2);
  if (!count) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Integer(0);
  if (!CheckType(ctx, ref, values::Type::kList)) return;
  const ListEnd end = *count < 0 ? ListEnd::kTail : ListEnd::kHead;
  const uint64_t magnitude = *count < 0 ? -static_cast<uint64_t>(*count) : static_cast<uint64_t>(*count);
  ContainerEdit edit(ctx.db(), key, ref);
  const uint64_t removed =
      List(edit.object(), ctx.limits()).Remove(end, ctx.args[3], magnitude == 0 ? UINT64_MAX : magnitude);
  if (removed > 0) edit.MarkChanged();
  ctx.MarkDirty(removed);
  ctx.reply.Integer(static_cast<int64_t>(removed));
}

}  // namespace tidemark::commands
