// Members by chance: SPOP and SRANDMEMBER. Main thread.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/container.h"
#include "commands/errors.h"
#include "commands/set/handlers.h"
#include "commands/set/replies.h"
#include "values/set.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;
using values::Object;
using values::PackedItem;
using values::Set;
using values::SetView;
using values::Type;

namespace {

// What SPOP has taken out, told as SREMs.
class Removal {
 public:
  explicit Removal(const Context& ctx) : ctx_(ctx) {}
  ~Removal() { Flush(); }
  Removal(const Removal&) = delete;
  Removal& operator=(const Removal&) = delete;

  void Add(const PackedItem& member) {
    if (!ctx_.effects.wanted()) return;
    if (!srem_) srem_.emplace(std::initializer_list<std::string_view>{"SREM", ctx_.args[1]});
    srem_->Text(member.ToString());
    if (srem_->size() == kWordsMax) Flush();
  }

 private:
  static constexpr size_t kWordsMax = 1024;

  void Flush() {
    if (srem_) srem_->AddTo(ctx_);
    srem_.reset();
  }

  const Context& ctx_;
  std::optional<ComposedEffect> srem_;
};

void PopOne(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kSet)) return;
  if (!ref) {
    ctx.reply.Null();
    return;
  }
  ContainerEdit edit(ctx.db(), key, ref);
  Set set(edit.object(), ctx.limits());
  const PackedItem member = set.Pick(ctx.keyspace.random());
  ReplyMember(ctx, member);
  Removal(ctx).Add(member);
  set.Remove(member);
  edit.MarkChanged();
  ctx.MarkDirty();
}

// Answers and removes `count` members, fewer than there are.
void PopSome(Context& ctx, Set set, uint64_t count) {
  Removal removal(ctx);
  ctx.reply.Set(count);
  for (uint64_t i = 0; i < count; ++i) {
    const PackedItem member = set.Pick(ctx.keyspace.random());
    ReplyMember(ctx, member);
    removal.Add(member);
    set.Remove(member);
  }
}

// The same where few members stay: draws those, puts them in a set of their own, and answers the others.
void PopAllBut(Context& ctx, Object& object, uint64_t keep) {
  Object kept = object.encoding == values::Encoding::kIntset ? values::NewIntsetSet() : values::NewListpackSet();
  Set rest(kept, ctx.limits());
  Set set(object, ctx.limits());
  for (uint64_t i = 0; i < keep; ++i) {
    const PackedItem member = set.Pick(ctx.keyspace.random());
    rest.Add(member);
    set.Remove(member);
  }
  ReplyMembers(ctx, set);
  if (ctx.effects.wanted()) {
    Removal removal(ctx);
    set.ForEach([&](const PackedItem& member) { removal.Add(member); });
  }
  values::FreeObject(std::exchange(object, kept));
}

void PopCount(Context& ctx) {
  const std::optional<int64_t> count = ParseInt64(ctx.args[2]);
  if (!count || *count < 0) {
    ctx.reply.Error(errors::kNotPositive);
    return;
  }
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kSet)) return;
  if (!ref || *count == 0) {
    ctx.reply.Set(0);
    return;
  }
  const SetView all(ref->object());
  const uint64_t size = all.size();
  const uint64_t popped = std::min(static_cast<uint64_t>(*count), size);
  ctx.MarkDirty(popped);
  if (popped == size) {
    ReplyMembers(ctx, all);
    ctx.db().Delete(ref, DeleteCause::kServer);
    AddDeletionEffect(ctx, ctx.args[1], DeleteCause::kServer);
    return;
  }
  // Taking members out one by one costs several times what putting them into a new set does.
  constexpr uint64_t kRebuildFactor = 5;
  ContainerEdit edit(ctx.db(), key, ref);
  if ((size - popped) * kRebuildFactor > popped) {
    PopSome(ctx, Set(edit.object(), ctx.limits()), popped);
  } else {
    PopAllBut(ctx, edit.object(), size - popped);
  }
  edit.MarkChanged();
}

void ReplyRandomMembers(Context& ctx) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const std::optional<int64_t> count = IntegerArgument(ctx, 2);
  if (!count) return;
  if (*count < -kMax) {
    ctx.reply.Error(errors::kLongNotInRange);
    return;
  }
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kSet)) return;
  if (!ref || *count == 0) {
    ctx.reply.Array(0);
    return;
  }
  const SetView set(ref->object());
  if (*count > 0) {
    const auto sample = set.Sample(static_cast<uint64_t>(*count), ctx.keyspace.random());
    ctx.reply.Array(sample.size());
    for (const PackedItem& member : sample) ReplyMember(ctx, member);
    return;
  }
  // The same member may come again.
  ctx.reply.Array(static_cast<size_t>(-*count));
  for (int64_t i = *count; i < 0; ++i) ReplyMember(ctx, set.Pick(ctx.keyspace.random()));
}

}  // namespace

void SPopCommand(Context& ctx) {
  if (ctx.args.size() > 3) {
    ctx.reply.Error(errors::kSyntax);
  } else if (ctx.args.size() == 3) {
    PopCount(ctx);
  } else {
    PopOne(ctx);
  }
}

void SRandMemberCommand(Context& ctx) {
  if (ctx.args.size() > 3) {
    ctx.reply.Error(errors::kSyntax);
    return;
  }
  if (ctx.args.size() == 3) {
    ReplyRandomMembers(ctx);
    return;
  }
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kSet)) return;
  if (ref) {
    ReplyMember(ctx, SetView(ref->object()).Pick(ctx.keyspace.random()));
  } else {
    ctx.reply.Null();
  }
}

}  // namespace tidemark::commands
