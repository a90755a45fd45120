// Entries that consumers were given, and have or have not dealt with: XACK, XACKDEL, XPENDING. Main thread.
#include <algorithm>
#include <optional>
#include <vector>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/id_list.h"
#include "commands/stream/ids.h"
#include "commands/stream/replies.h"
#include "commands/stream/stream_effects.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::ValueChange;
using values::ConsumerGroup;
using values::IdMap;
using values::PendingEntry;
using values::PendingId;
using values::Stream;
using values::StreamConsumer;
using values::StreamId;
using values::Type;

void XAckCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupRead(key);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  if (!ref || StreamOf(ref).FindGroup(ctx.args[2]) == nullptr) return ctx.reply.Integer(0);
  const std::optional<std::vector<StreamId>> ids = StreamIdArguments(ctx, 3, ctx.args.size());
  if (!ids) return;
  ContainerEdit edit(ctx.db(), key, ref);
  ConsumerGroup& group = *Stream::Of(edit.object()).FindGroup(ctx.args[2]);
  uint64_t acknowledged = 0;
  for (const StreamId& id : *ids) acknowledged += group.Acknowledge(id) ? 1 : 0;
  if (acknowledged > 0) {
    edit.MarkChanged(ValueChange::kSilent);
    ctx.MarkDirty(acknowledged);
  }
  edit.Finish();
  ctx.reply.Integer(static_cast<int64_t>(acknowledged));
}

void XAckDelCommand(Context& ctx) {
  const std::optional<IdList> list = ParseIdList(ctx, 3);
  if (!list) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  ctx.reply.Array(list->ids.size());
  if (!ref || StreamOf(ref).FindGroup(ctx.args[2]) == nullptr) {
    for (size_t i = 0; i < list->ids.size(); ++i) ctx.reply.Integer(kIdMissing);
    return;
  }
  ContainerEdit edit(ctx.db(), key, ref);
  Stream& stream = Stream::Of(edit.object());
  ConsumerGroup& group = *stream.FindGroup(ctx.args[2]);
  EntryDeletion deletion(stream, list->references);
  std::vector<StreamId> acknowledged;
  for (const StreamId& id : list->ids) {
    if (!group.Acknowledge(id)) {
      ctx.reply.Integer(kIdMissing);
      continue;
    }
    acknowledged.push_back(id);
    ctx.reply.Integer(deletion.Delete(id));
  }
  if (!acknowledged.empty()) {
    stream.RefreshFirstId();
    edit.MarkChanged();
    ctx.MarkDirty(acknowledged.size());
    AddAcknowledgementEffect(ctx, {ctx.args[1], ctx.args[2]}, acknowledged);
    deletion.AddEffects(ctx, ctx.args[1]);
  }
  edit.Finish();
}

namespace {

struct PendingQuery {
  int64_t min_idle_ms = 0;
  StreamId start;
  StreamId end;
  uint64_t count = 0;
  std::optional<std::string_view> consumer;
};

// "[IDLE ms] start end count [consumer]". Empty after having written the error reply.
std::optional<PendingQuery> ParseQuery(Context& ctx) {
  PendingQuery query;
  size_t at = 3;
  if (IsWord(ctx.args[at], "idle")) {
    const std::optional<int64_t> idle = IntegerArgument(ctx, at + 1);
    if (!idle) return std::nullopt;
    if (ctx.args.size() < 8) {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
    query.min_idle_ms = *idle;
    at += 2;
  }
  const std::optional<int64_t> count = IntegerArgument(ctx, at + 2);
  if (!count) return std::nullopt;
  const std::optional<StreamId> start = RangeArgument(ctx, at, RangeEnd::kStart);
  if (!start) return std::nullopt;
  const std::optional<StreamId> end = RangeArgument(ctx, at + 1, RangeEnd::kEnd);
  if (!end) return std::nullopt;
  query.count = static_cast<uint64_t>(std::max<int64_t>(*count, 0));
  query.start = *start;
  query.end = *end;
  if (at + 3 < ctx.args.size()) query.consumer = ctx.args[at + 3];
  return query;
}

void ReplySummary(Context& ctx, const ConsumerGroup& group) {
  const IdMap<PendingEntry>& pending = group.pending();
  ctx.reply.Array(4);
  ctx.reply.Integer(static_cast<int64_t>(pending.size()));
  if (pending.empty()) {
    ctx.reply.Null();
    ctx.reply.Null();
    ctx.reply.NullArray();
    return;
  }
  ReplyStreamId(ctx, pending.At(pending.Begin()).id);
  ReplyStreamId(ctx, pending.At(pending.Last()).id);
  const auto has_pending = [](const auto& consumer) { return !consumer->pending().empty(); };
  const auto& consumers = group.consumers();
  ctx.reply.Array(static_cast<size_t>(std::count_if(consumers.begin(), consumers.end(), has_pending)));
  for (const auto& consumer : consumers) {
    if (!has_pending(consumer)) continue;
    ctx.reply.Array(2);
    ctx.reply.Bulk(consumer->name());
    ctx.reply.BulkInteger(static_cast<int64_t>(consumer->pending().size()));
  }
}

// visit(const PendingEntry&) for those in the query's range, the consumer's if there is one, until it answers false.
template <typename Visit>
void VisitPending(const ConsumerGroup& group, const StreamConsumer* consumer, const PendingQuery& query,
                  Visit&& visit) {
  const IdMap<PendingEntry>& all = group.pending();
  if (consumer == nullptr) {
    for (auto at = all.LowerBound(query.start); !all.AtEnd(at) && all.At(at).id <= query.end; at = all.Next(at)) {
      if (!visit(all.At(at))) return;
    }
    return;
  }
  const IdMap<PendingId>& own = consumer->pending();
  for (auto at = own.LowerBound(query.start); !own.AtEnd(at) && own.At(at).id <= query.end; at = own.Next(at)) {
    if (!visit(*all.Find(own.At(at).id))) return;
  }
}

void ReplyPending(Context& ctx, const ConsumerGroup& group, const PendingQuery& query) {
  const StreamConsumer* consumer = nullptr;
  if (query.consumer) {
    consumer = group.FindConsumer(*query.consumer);
    if (consumer == nullptr) return ctx.reply.Array(0);
  }
  const int64_t now_ms = ctx.now_ms();
  std::vector<const PendingEntry*> found;
  if (query.count > 0) {
    VisitPending(group, consumer, query, [&](const PendingEntry& entry) {
      if (entry.ClaimableAt(now_ms, query.min_idle_ms)) found.push_back(&entry);
      return found.size() < query.count;
    });
  }
  ctx.reply.Array(found.size());
  for (const PendingEntry* entry : found) {
    ctx.reply.Array(4);
    ReplyStreamId(ctx, entry->id);
    ctx.reply.Bulk(entry->released() ? std::string_view() : entry->consumer->name());
    ctx.reply.Integer(entry->released() ? -1 : std::max<int64_t>(now_ms - entry->delivered_ms, 0));
    ctx.reply.Integer(static_cast<int64_t>(entry->delivery_count));
  }
}

}  // namespace

void XPendingCommand(Context& ctx) {
  const size_t args = ctx.args.size();
  const bool summary = args == 3;
  if (!summary && (args < 6 || args > 9)) return ctx.reply.Error(errors::kSyntax);
  std::optional<PendingQuery> query;
  if (!summary) {
    query = ParseQuery(ctx);
    if (!query) return;
  }
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kStream)) return;
  const ConsumerGroup* const group = ref ? StreamOf(ref).FindGroup(ctx.args[2]) : nullptr;
  if (group == nullptr) return ReplyNoKeyOrGroup(ctx, ctx.args[1], ctx.args[2]);
  if (summary) {
    ReplySummary(ctx, *group);
  } else {
    ReplyPending(ctx, *group, *query);
  }
}

}  // namespace tidemark::commands
