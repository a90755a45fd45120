// XINFO: what is known of a stream, its groups and their consumers. Main thread.
#include <algorithm>
#include <optional>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/help.h"
#include "commands/stream/handlers.h"
#include "commands/stream/idempotency.h"
#include "commands/stream/replies.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::ConsumerGroup;
using values::IdempotentProducers;
using values::IdMap;
using values::PendingEntry;
using values::PendingId;
using values::Stream;
using values::StreamConsumer;
using values::StreamDirection;
using values::StreamId;
using values::StreamIterator;
using values::Type;

namespace {

// The stream that the second argument names. Empty after having written the error reply.
EntryRef FindStream(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(2));
  if (!ref) {
    ctx.reply.Error(errors::kNoSuchKey);
    return {};
  }
  return CheckType(ctx, ref, Type::kStream) ? ref : EntryRef{};
}

void Field(Context& ctx, std::string_view name, int64_t value) {
  ctx.reply.Bulk(name);
  ctx.reply.Integer(value);
}

void Field(Context& ctx, std::string_view name, const StreamId& id) {
  ctx.reply.Bulk(name);
  ReplyStreamId(ctx, id);
}

void Field(Context& ctx, std::string_view name, std::string_view text) {
  ctx.reply.Bulk(name);
  ctx.reply.Bulk(text);
}

void OptionalField(Context& ctx, std::string_view name, std::optional<int64_t> value) {
  ctx.reply.Bulk(name);
  if (value) {
    ctx.reply.Integer(*value);
  } else {
    ctx.reply.Null();
  }
}

void ReplyProgress(Context& ctx, const Stream& stream, const ConsumerGroup& group) {
  Field(ctx, "last-delivered-id", group.last_id);
  std::optional<int64_t> entries_read;
  if (group.entries_read != ConsumerGroup::kUnknownEntriesRead) entries_read = group.entries_read;
  OptionalField(ctx, "entries-read", entries_read);
  OptionalField(ctx, "lag", stream.LagOf(group));
}

void ReplyCounters(Context& ctx, const Stream& stream) {
  Field(ctx, "length", static_cast<int64_t>(stream.length()));
  Field(ctx, "radix-tree-keys", static_cast<int64_t>(stream.nodes().size()));
  Field(ctx, "radix-tree-nodes", static_cast<int64_t>(stream.RadixTreeNodeCount()));
  Field(ctx, "last-generated-id", stream.last_id());
  Field(ctx, "max-deleted-entry-id", stream.max_deleted_id());
  Field(ctx, "entries-added", static_cast<int64_t>(stream.entries_added()));
  Field(ctx, "recorded-first-entry-id", stream.first_id());
}

void ReplyProducers(Context& ctx, const Stream& stream) {
  const IdempotentProducers* const producers = stream.producers();
  const values::IdempotencyLimits limits = producers == nullptr ? DefaultIdempotencyLimits(ctx) : producers->limits();
  IdempotentProducers::Tracked tracked;
  if (producers != nullptr) tracked = producers->CountTracked(ctx.now_ms());
  Field(ctx, "idmp-duration", limits.duration_seconds);
  Field(ctx, "idmp-maxsize", limits.iids_max);
  Field(ctx, "pids-tracked", static_cast<int64_t>(tracked.producers));
  Field(ctx, "iids-tracked", static_cast<int64_t>(tracked.iids));
  Field(ctx, "iids-added", producers == nullptr ? 0 : static_cast<int64_t>(producers->iids_added));
  Field(ctx, "iids-duplicates", producers == nullptr ? 0 : static_cast<int64_t>(producers->iids_duplicates));
}

void ReplyEdge(Context& ctx, const Stream& stream, StreamDirection direction) {
  StreamIterator entry = stream.Range({}, StreamId::Max(), direction);
  if (entry.Next()) {
    ReplyStreamEntry(ctx, entry);
  } else {
    ctx.reply.Null();
  }
}

// How many of `size` are shown; 0: all.
size_t Shown(size_t size, uint64_t count) {
  return count == 0 ? size : std::min<size_t>(size, count);
}

void ReplyGroupPending(Context& ctx, const ConsumerGroup& group, uint64_t count) {
  const IdMap<PendingEntry>& pending = group.pending();
  size_t left = Shown(pending.size(), count);
  ctx.reply.Array(left);
  for (auto at = pending.Begin(); left > 0; --left, at = pending.Next(at)) {
    const PendingEntry& entry = pending.At(at);
    ctx.reply.Array(4);
    ReplyStreamId(ctx, entry.id);
    ctx.reply.Bulk(entry.released() ? std::string_view() : entry.consumer->name());
    ctx.reply.Integer(entry.released() ? 0 : entry.delivered_ms);
    ctx.reply.Integer(static_cast<int64_t>(entry.delivery_count));
  }
}

void ReplyConsumerPending(Context& ctx, const ConsumerGroup& group, const StreamConsumer& consumer, uint64_t count) {
  const IdMap<PendingId>& pending = consumer.pending();
  size_t left = Shown(pending.size(), count);
  ctx.reply.Array(left);
  for (auto at = pending.Begin(); left > 0; --left, at = pending.Next(at)) {
    const PendingEntry& entry = *group.pending().Find(pending.At(at).id);
    ctx.reply.Array(3);
    ReplyStreamId(ctx, entry.id);
    ctx.reply.Integer(entry.delivered_ms);
    ctx.reply.Integer(static_cast<int64_t>(entry.delivery_count));
  }
}

void ReplyFullGroup(Context& ctx, const Stream& stream, const ConsumerGroup& group, uint64_t count) {
  ctx.reply.Map(8);
  Field(ctx, "name", group.name());
  ReplyProgress(ctx, stream, group);
  Field(ctx, "pel-count", static_cast<int64_t>(group.pending().size()));
  Field(ctx, "nacked-count", static_cast<int64_t>(group.released_count()));
  ctx.reply.Bulk("pending");
  ReplyGroupPending(ctx, group, count);
  ctx.reply.Bulk("consumers");
  ctx.reply.Array(group.consumers().size());
  for (const auto& consumer : group.consumers()) {
    ctx.reply.Map(5);
    Field(ctx, "name", consumer->name());
    Field(ctx, "seen-time", consumer->seen_ms);
    Field(ctx, "active-time", consumer->active_ms);
    Field(ctx, "pel-count", static_cast<int64_t>(consumer->pending().size()));
    ctx.reply.Bulk("pending");
    ReplyConsumerPending(ctx, group, *consumer, count);
  }
}

void ReplyFull(Context& ctx, const Stream& stream, uint64_t count) {
  ctx.reply.Map(15);
  ReplyCounters(ctx, stream);
  ReplyProducers(ctx, stream);
  ctx.reply.Bulk("entries");
  ReplyStreamRange(ctx, stream.Range({}, StreamId::Max()), count);
  ctx.reply.Bulk("groups");
  ctx.reply.Array(stream.groups().size());
  for (const auto& group : stream.groups()) ReplyFullGroup(ctx, stream, *group, count);
}

}  // namespace

void XInfoStreamCommand(Context& ctx) {
  const EntryRef ref = FindStream(ctx);
  if (!ref) return;
  const Stream& stream = StreamOf(ref);
  const size_t options = ctx.args.size() - 3;
  if (options == 0) {
    ctx.reply.Map(16);
    ReplyCounters(ctx, stream);
    ReplyProducers(ctx, stream);
    Field(ctx, "groups", static_cast<int64_t>(stream.groups().size()));
    ctx.reply.Bulk("first-entry");
    ReplyEdge(ctx, stream, StreamDirection::kForward);
    ctx.reply.Bulk("last-entry");
    ReplyEdge(ctx, stream, StreamDirection::kBackward);
    return;
  }
  constexpr int64_t kCountDefault = 10;
  int64_t count = kCountDefault;
  if ((options != 1 && options != 3) || !IsWord(ctx.args[3], "full")) return ReplySubcommandSyntaxError(ctx);
  if (options == 3) {
    if (!IsWord(ctx.args[4], "count")) return ReplySubcommandSyntaxError(ctx);
    const std::optional<int64_t> given = IntegerArgument(ctx, 5);
    if (!given) return;
    if (*given >= 0) count = *given;
  }
  ReplyFull(ctx, stream, static_cast<uint64_t>(count));
}

void XInfoGroupsCommand(Context& ctx) {
  const EntryRef ref = FindStream(ctx);
  if (!ref) return;
  const Stream& stream = StreamOf(ref);
  ctx.reply.Array(stream.groups().size());
  for (const auto& group : stream.groups()) {
    ctx.reply.Map(6);
    Field(ctx, "name", group->name());
    Field(ctx, "consumers", static_cast<int64_t>(group->consumers().size()));
    Field(ctx, "pending", static_cast<int64_t>(group->pending().size()));
    ReplyProgress(ctx, stream, *group);
  }
}

void XInfoConsumersCommand(Context& ctx) {
  const EntryRef ref = FindStream(ctx);
  if (!ref) return;
  const ConsumerGroup* const group = StreamOf(ref).FindGroup(ctx.args[3]);
  if (group == nullptr) return ReplyNoGroup(ctx, ctx.args[2], ctx.args[3]);
  const int64_t now_ms = ctx.now_ms();
  ctx.reply.Array(group->consumers().size());
  for (const auto& consumer : group->consumers()) {
    ctx.reply.Map(4);
    Field(ctx, "name", consumer->name());
    Field(ctx, "pending", static_cast<int64_t>(consumer->pending().size()));
    Field(ctx, "idle", std::max<int64_t>(now_ms - consumer->seen_ms, 0));
    const bool never = consumer->active_ms == StreamConsumer::kNeverActive;
    Field(ctx, "inactive", never ? -1 : std::max<int64_t>(now_ms - consumer->active_ms, 0));
  }
}

void XInfoHelpCommand(Context& ctx) {
  ReplyHelp(ctx, "XINFO",
            {"CONSUMERS <key> <groupname>", "    List the consumers of a group.", "GROUPS <key>",
             "    List the consumer groups of a stream.", "STREAM <key> [FULL [COUNT <count>]]",
             "    Describe a stream, with FULL its groups and pending entries too."});
}

}  // namespace tidemark::commands
