// Moving several elements at once: LMOVEM, and BLMOVEM, which waits until there are enough. Main thread.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "commands/blocking.h"
#include "commands/composed_effect.h"
#include "commands/list/elements.h"
#include "commands/list/handlers.h"
#include "commands/list/move.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::Touch;
using values::List;
using values::ListEnd;
using values::PackedItem;

namespace {

// kOneByOne: as so many LMOVEs. kBulk: the elements keep the order in which they stood.
enum class MoveOrder : uint8_t { kOneByOne, kBulk };

struct ManyToMove {
  MoveEnds ends;
  uint64_t count = 1;
  bool exactly = false;
  MoveOrder order = MoveOrder::kOneByOne;

  uint64_t fewest() const { return exactly ? count : 1; }
};

// The ends, and [COUNT count|EXACTLY count OBO|BULK] from `options` on. Empty after having written the error reply.
std::optional<ManyToMove> ManyToMoveArguments(Context& ctx, size_t options) {
  const std::optional<MoveEnds> ends = MoveEndsArguments(ctx, 3);
  if (!ends) return std::nullopt;
  ManyToMove many{.ends = *ends};
  if (ctx.args.size() == options) return many;
  const bool complete = ctx.args.size() == options + 3;
  many.exactly = complete && IsWord(ctx.args[options], "exactly");
  const bool bulk = complete && IsWord(ctx.args[options + 2], "bulk");
  const bool counted = many.exactly || (complete && IsWord(ctx.args[options], "count"));
  if (!counted || !(bulk || IsWord(ctx.args[options + 2], "obo"))) {
    ctx.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  const std::optional<uint64_t> count = PositiveArgument(ctx, options + 1, errors::kCountNotPositive);
  if (!count) return std::nullopt;
  many.count = *count;
  many.order = bulk ? MoveOrder::kBulk : MoveOrder::kOneByOne;
  return many;
}

// Takes the elements out, in the order in which they are to stand in the target.
std::vector<std::string> PopInTargetOrder(List& source, const ManyToMove& many) {
  std::vector<std::string> moved;
  source.Pop(many.ends.from, many.count, [&](const PackedItem& item) { moved.push_back(item.ToString()); });
  const bool bulk = many.order == MoveOrder::kBulk;
  const bool reversed = bulk ? many.ends.from == ListEnd::kTail : many.ends.to == ListEnd::kHead;
  if (reversed) std::reverse(moved.begin(), moved.end());
  return moved;
}

void PushInOrder(List& target, ListEnd end, const std::vector<std::string>& elements) {
  std::vector<std::string_view> texts(elements.begin(), elements.end());
  // What is pushed first in front of a list stands last.
  if (end == ListEnd::kHead) std::reverse(texts.begin(), texts.end());
  target.Push(end, texts);
}

// The elements that it moved, in the target's order.
std::vector<std::string> MoveBetween(Context& ctx, const ManyToMove& many, EntryRef source, EntryRef target) {
  const bool same = target.entry == source.entry;
  const HashedKey source_key = ctx.Key(kMoveSource);
  std::vector<std::string> moved;
  {
    ContainerEdit edit(ctx.db(), source_key, source);
    List list(edit.object(), ctx.limits());
    moved = PopInTargetOrder(list, many);
    if (same) PushInOrder(list, many.ends.to, moved);
    edit.MarkChanged();
  }
  if (same) return moved;
  // The source may be gone, and the target have moved.
  const HashedKey target_key = ctx.Key(kMoveTarget);
  target = ctx.db().LookupWrite(target_key);
  ContainerEdit edit(ctx.db(), target_key, target, values::NewList());
  List list(edit.object(), ctx.limits());
  PushInOrder(list, many.ends.to, moved);
  edit.MarkChanged();
  return moved;
}

std::string_view EndWord(ListEnd end) {
  return end == ListEnd::kHead ? "LEFT" : "RIGHT";
}

// Effects in commands that older servers know, too.
void AddTransfer(const Context& ctx, const ManyToMove& many, const std::vector<std::string>& moved) {
  if (!ctx.effects.wanted()) return;
  const bool from_head = many.ends.from == ListEnd::kHead;
  ComposedEffect pop({from_head ? "LPOP" : "RPOP", ctx.args[kMoveSource]});
  pop.Number(static_cast<int64_t>(moved.size())).AddTo(ctx);
  const bool to_head = many.ends.to == ListEnd::kHead;
  ComposedEffect push({to_head ? "LPUSH" : "RPUSH", ctx.args[kMoveTarget]});
  for (size_t i = 0; i < moved.size(); ++i) push.Word(moved[to_head ? moved.size() - 1 - i : i]);
  push.AddTo(ctx);
}

// Within one list, which must not go in between, as its expiry would go with it. From an end to the same end elements
// change places, but in bulk.
void AddRotation(const Context& ctx, const ManyToMove& many, const std::vector<std::string>& moved) {
  ctx.effects.AddNothing();
  if (!ctx.effects.wanted()) return;
  const std::string_view key = ctx.args[kMoveSource];
  const MoveEnds& ends = many.ends;
  if (ends.from == ends.to && many.order == MoveOrder::kBulk) return;
  const int64_t first = ends.to == ListEnd::kHead ? 0 : -static_cast<int64_t>(moved.size());
  for (size_t i = 0; i < moved.size(); ++i) {
    if (ends.from != ends.to) {
      ctx.effects.Add({"LMOVE", key, key, EndWord(ends.from), EndWord(ends.to)});
    } else {
      ComposedEffect({"LSET", key}).Number(first + static_cast<int64_t>(i)).Word(moved[i]).AddTo(ctx);
    }
  }
}

MoveOutcome TryMoveMany(Context& ctx, const ManyToMove& many) {
  // The target first: should it have expired, looking it up would take away the ground under the source.
  const EntryRef target = ctx.db().LookupWrite(ctx.Key(kMoveTarget), Touch::kNo);
  const EntryRef source = ctx.db().LookupWrite(ctx.Key(kMoveSource));
  if (!source || (ctx.woken_key && source->type() != values::Type::kList)) return MoveOutcome::kTooFew;
  if (!CheckType(ctx, source, values::Type::kList)) return MoveOutcome::kReplied;
  if (values::ListSize(source->object()) < many.fewest()) return MoveOutcome::kTooFew;
  if (!CheckType(ctx, target, values::Type::kList)) return MoveOutcome::kReplied;
  const bool same = target.entry == source.entry;
  const std::vector<std::string> moved = MoveBetween(ctx, many, source, target);
  ctx.MarkDirty(moved.size());
  same ? AddRotation(ctx, many, moved) : AddTransfer(ctx, many, moved);
  ctx.reply.Array(moved.size());
  for (const std::string& element : moved) ctx.reply.Bulk(element);
  return MoveOutcome::kReplied;
}

}  // namespace

void LMoveMCommand(Context& ctx) {
  const std::optional<ManyToMove> many = ManyToMoveArguments(ctx, 5);
  if (!many || TryMoveMany(ctx, *many) == MoveOutcome::kReplied) return;
  if (many->exactly) return ctx.reply.NullArray();
  ctx.reply.Array(0);
}

void BLMoveMCommand(Context& ctx) {
  const std::optional<ManyToMove> many = ManyToMoveArguments(ctx, 6);
  if (!many) return;
  const std::optional<int64_t> deadline_ms = TimeoutArgument(ctx, 5);
  if (!deadline_ms || TryMoveMany(ctx, *many) == MoveOutcome::kReplied) return;
  ctx.Block({.keys = {kMoveSource}, .type = values::Type::kList, .deadline_ms = *deadline_ms, .rewritten = {}});
}

}  // namespace tidemark::commands
