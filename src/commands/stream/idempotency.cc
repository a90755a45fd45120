// What a stream remembers of its producers, set and added to: XCFGSET, XIDMPRECORD. Main thread.
#include "commands/stream/idempotency.h"

#include <optional>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/ids.h"
#include "commands/stream/replies.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::ValueChange;
using values::IdempotencyLimits;
using values::IdempotentProducers;
using values::Stream;
using values::StreamId;
using values::Type;

namespace {

// The limits with what the arguments change of them. Empty after having written the error reply.
std::optional<IdempotencyLimits> ParseLimits(Context& ctx, IdempotencyLimits limits) {
  const auto fail = [&](std::string_view error) -> std::optional<IdempotencyLimits> {
    ctx.reply.Error(error);
    return std::nullopt;
  };
  if (ctx.args.size() == 2) return fail(errors::kXCfgSetNothing);
  for (size_t i = 2; i < ctx.args.size(); i += 2) {
    const bool duration = IsWord(ctx.args[i], "idmp-duration");
    if (i + 1 == ctx.args.size() || (!duration && !IsWord(ctx.args[i], "idmp-maxsize"))) return fail(errors::kSyntax);
    const std::optional<int64_t> value = IntegerArgument(ctx, i + 1);
    if (!value) return std::nullopt;
    (duration ? limits.duration_seconds : limits.iids_max) = *value;
    if (!limits.valid()) return fail(duration ? errors::kIdmpDurationRange : errors::kIdmpMaxSizeRange);
  }
  return limits;
}

// The stream in the first argument. Empty after having written the error reply.
EntryRef FindStream(Context& ctx, const HashedKey& key) {
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) {
    ctx.reply.Error(errors::kNoSuchKey);
    return {};
  }
  return CheckType(ctx, ref, Type::kStream) ? ref : EntryRef{};
}

void Finish(Context& ctx, ContainerEdit& edit) {
  edit.MarkChanged(ValueChange::kSilent);
  edit.Finish();
  ctx.MarkDirty();
  ctx.reply.Ok();
}

}  // namespace

void AddLimitsEffect(const Context& ctx, std::string_view key, const IdempotencyLimits& limits) {
  if (!ctx.effects.wanted()) return;
  ComposedEffect effect({"XCFGSET", key});
  effect.Word("IDMP-DURATION").Number(limits.duration_seconds);
  effect.Word("IDMP-MAXSIZE").Number(limits.iids_max).AddTo(ctx);
}

void XCfgSetCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = FindStream(ctx, key);
  if (!ref) return;
  const IdempotentProducers* const before = StreamOf(ref).producers();
  const std::optional<IdempotencyLimits> limits =
      ParseLimits(ctx, before == nullptr ? DefaultIdempotencyLimits(ctx) : before->limits());
  if (!limits) return;
  ContainerEdit edit(ctx.db(), key, ref);
  Stream::Of(edit.object()).GetProducers(*limits).SetLimits(*limits);
  Finish(ctx, edit);
  AddLimitsEffect(ctx, ctx.args[1], *limits);
}

void XIdmpRecordCommand(Context& ctx) {
  const std::string_view pid = ctx.args[2];
  const std::string_view iid = ctx.args[3];
  if (pid.empty()) return ctx.reply.Error(errors::kXIdmpRecordNoPid);
  if (iid.empty()) return ctx.reply.Error(errors::kXIdmpRecordNoIid);
  const std::optional<StreamId> id = StreamIdArgument(ctx, 4);
  if (!id) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = FindStream(ctx, key);
  if (!ref) return;
  if (!StreamOf(ref).Contains(*id)) return ctx.reply.Error(errors::kXIdmpRecordNoEntry);
  if (const IdempotentProducers* const producers = StreamOf(ref).producers()) {
    const std::optional<StreamId> known = producers->Find(pid, iid, ctx.now_ms());
    if (known) return known == id ? ctx.reply.Ok() : ctx.reply.Error(errors::kXIdmpRecordOther);
  }
  ContainerEdit edit(ctx.db(), key, ref);
  Stream& stream = Stream::Of(edit.object());
  if (stream.producers() == nullptr) {
    AddLimitsEffect(ctx, ctx.args[1], DefaultIdempotencyLimits(ctx));
    ctx.effects.Add(ctx.args);
  }
  stream.GetProducers(DefaultIdempotencyLimits(ctx)).Record(pid, iid, *id, ctx.now_ms());
  Finish(ctx, edit);
}

}  // namespace tidemark::commands
