// XREADGROUP: new entries handed out to a consumer, or those it has not acknowledged. Main thread.
#include <optional>
#include <span>
#include <vector>

#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/ids.h"
#include "commands/stream/read_options.h"
#include "commands/stream/read_replies.h"
#include "commands/stream/replies.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::ValueChange;
using values::ConsumerGroup;
using values::IdMap;
using values::PendingEntry;
using values::PendingId;
using values::Stream;
using values::StreamConsumer;
using values::StreamId;
using values::StreamIterator;
using values::Type;

namespace {

// What is asked of one stream: new entries, or those pending behind an ID.
struct Request {
  bool fresh = false;
  StreamId after;
};

// Finds the stream and the group. False after having written the error reply.
bool CheckGroup(Context& ctx, const ReadOptions& options, size_t key_index, EntryRef& ref) {
  ref = ctx.db().LookupRead(ctx.Key(key_index));
  if (ctx.woken_key && (!ref || ref->type() != Type::kStream)) {
    ctx.reply.Error(errors::kStreamGone);
    return false;
  }
  if (!CheckType(ctx, ref, Type::kStream)) return false;
  if (ref && StreamOf(ref).FindGroup(options.group) != nullptr) return true;
  if (ctx.woken_key) {
    ctx.reply.Error(errors::kGroupGone);
  } else {
    ReplyNoKeyOrGroup(ctx, ctx.args[key_index], options.group, " in XREADGROUP with GROUP option");
  }
  return false;
}

std::optional<Request> ParseRequest(Context& ctx, size_t id_index) {
  const std::string_view text = ctx.args[id_index];
  if (text == ">") return Request{.fresh = true, .after = {}};
  if (text == "$" || text == "+") {
    ctx.reply.Error(text == "$" ? errors::kDollarInGroup : errors::kPlusInGroup);
    return std::nullopt;
  }
  const std::optional<StreamId> id = StreamIdArgument(ctx, id_index);
  if (!id) return std::nullopt;
  // The highest ID is how new entries are asked for inside Redis, and from outside it means the same.
  return Request{.fresh = *id == StreamId::Max(), .after = *id};
}

// The entry is handed out to the consumer, who may not be the first.
void MakePending(ConsumerGroup& group, StreamConsumer& consumer, const StreamId& id, int64_t now_ms) {
  PendingEntry* const entry = group.FindPending(id);
  if (entry == nullptr) {
    group.AddPending({.id = id, .delivered_ms = now_ms, .delivery_count = 1, .consumer = &consumer});
    return;
  }
  group.Deliver(*entry, consumer, now_ms);
  entry->delivery_count = 1;
}

// Entries behind the group's last, which moves on.
void ServeFresh(Context& ctx, const ReadOptions& options, const Stream& stream, ConsumerGroup& group,
                StreamConsumer& consumer) {
  const uint64_t count = CountOf(ctx, options);
  StreamIterator range = stream.Range(*group.last_id.Next(), StreamId::Max());
  uint64_t left = range.Next() ? 1 + range.CountAhead(count == 0 ? UINT64_MAX : count - 1) : 0;
  ctx.reply.Array(left);
  for (; left > 0; --left) {
    const StreamId id = range.id();
    stream.AdvanceGroup(group, id);
    ReplyStreamEntry(ctx, range);
    if (!options.no_ack) MakePending(group, consumer, id, ctx.now_ms());
    if (left > 1) range.Next();
  }
  if (!options.no_ack) consumer.active_ms = ctx.now_ms();
}

// Pending entries of the consumer; those that are no longer in the stream without their fields. Answers whether one was
// delivered once more.
bool ServePending(Context& ctx, const ReadOptions& options, const Stream& stream, ConsumerGroup& group,
                  const StreamConsumer& consumer, const StreamId& after) {
  const IdMap<PendingId>& own = consumer.pending();
  std::vector<StreamId> ids;
  for (auto at = own.LowerBound(*after.Next()); !own.AtEnd(at); at = own.Next(at)) {
    if (options.count != 0 && ids.size() == options.count) break;
    ids.push_back(own.At(at).id);
  }
  ctx.reply.Array(ids.size());
  bool delivered = false;
  for (const StreamId& id : ids) {
    if (ReplyEntryOf(ctx, stream, id)) {
      PendingEntry& entry = *group.FindPending(id);
      entry.delivered_ms = ctx.now_ms();
      entry.CountDelivery();
      delivered = true;
    } else {
      ctx.reply.Array(2);
      ReplyStreamId(ctx, id);
      ctx.reply.NullArray();
    }
  }
  return delivered;
}

// One stream among those of the call.
struct Source {
  size_t key_index;
  Request request;
  bool serves = false;
};

// Whether the group has not read so far as to leave nothing once `before`, who come first, have been served: the same
// stream may be named more than once.
bool HasFreshEntries(Context& ctx, const ReadOptions& options, const Stream& stream, const ConsumerGroup& group,
                     const Source& source, std::span<const Source> before) {
  const std::optional<StreamId> last = stream.LastEntryId();
  if (!last || *last <= group.last_id) return false;
  const uint64_t count = CountOf(ctx, options);
  uint64_t taken = 0;
  for (const Source& other : before) {
    if (!other.request.fresh || !other.serves || ctx.args[other.key_index] != ctx.args[source.key_index]) continue;
    if (count == 0) return false;
    taken += count;
  }
  return taken == 0 || stream.Range(*group.last_id.Next(), StreamId::Max()).CountAhead(taken + 1) > taken;
}

// Notes that the consumer has asked, and finds out whether there is anything to answer.
void Prepare(Context& ctx, const ReadOptions& options, Source& source, std::span<const Source> before) {
  const keyspace::HashedKey key = ctx.Key(source.key_index);
  ContainerEdit edit(ctx.db(), key, ctx.db().LookupRead(key));
  const Stream& stream = Stream::Of(edit.object());
  const ConsumerGroup& group = *stream.FindGroup(options.group);
  // Nobody who watches the key is told of this, nor is it worth writing to flash.
  if (StreamConsumer* const consumer = group.FindConsumer(options.consumer)) consumer->seen_ms = ctx.now_ms();
  source.serves = !source.request.fresh || HasFreshEntries(ctx, options, stream, group, source, before);
}

void Serve(Context& ctx, const ReadOptions& options, const Source& source) {
  const keyspace::HashedKey key = ctx.Key(source.key_index);
  ContainerEdit edit(ctx.db(), key, ctx.db().Find(key));
  Stream& stream = Stream::Of(edit.object());
  ConsumerGroup& group = *stream.FindGroup(options.group);
  // A consumer comes to be when it is answered, not by asking.
  StreamConsumer* consumer = group.FindConsumer(options.consumer);
  if (consumer == nullptr) {
    consumer = &group.AddConsumer(options.consumer);
    consumer->seen_ms = ctx.now_ms();
    edit.MarkChanged(ValueChange::kSilent);
    ctx.MarkDirty();
  }
  BeginStream(ctx, source.key_index);
  if (source.request.fresh) {
    ServeFresh(ctx, options, stream, group, *consumer);
    edit.MarkChanged(ValueChange::kSilent);
  } else if (ServePending(ctx, options, stream, group, *consumer, source.request.after)) {
    edit.MarkChanged(ValueChange::kSilent);
  }
  ctx.MarkDirty();
}

}  // namespace

void XReadGroupCommand(Context& ctx) {
  const std::optional<ReadOptions> options = ParseReadOptions(ctx, ReadGrammar::kXReadGroup);
  if (!options) return;
  std::vector<Source> sources;
  for (size_t i = 0; i < options->key_count; ++i) {
    const size_t key_index = options->first_key + i;
    if (!ctx.Considers(key_index)) continue;
    EntryRef ref;
    if (!CheckGroup(ctx, *options, key_index, ref)) return;
    const std::optional<Request> request = ParseRequest(ctx, key_index + options->key_count);
    if (!request) return;
    sources.push_back({key_index, *request});
  }
  size_t serving = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    Prepare(ctx, *options, sources[i], std::span(sources).first(i));
    serving += sources[i].serves ? 1 : 0;
  }
  if (serving == 0) return WaitForStreams(ctx, *options, ReadGrammar::kXReadGroup, {});
  BeginStreams(ctx, serving);
  for (const Source& source : sources) {
    if (source.serves) Serve(ctx, *options, source);
  }
}

}  // namespace tidemark::commands
