// XREADGROUP: entries handed out to a consumer, new ones and (CLAIM) those that nobody has dealt with for long, or
// those it has not acknowledged itself. Main thread.
#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/ids.h"
#include "commands/stream/read_options.h"
#include "commands/stream/read_replies.h"
#include "commands/stream/replies.h"
#include "commands/stream/stream_effects.h"

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

// One stream among those of the call.
struct Source {
  size_t key_index;
  Request request;
  bool serves = false;
};

// Entries for CLAIM, those that have been idle longest first. What is no longer in the stream is dropped from what is
// pending: there is nothing to deal with.
std::vector<StreamId> ClaimableEntries(Context& ctx, const ReadOptions& options, std::string_view key,
                                       ContainerEdit& edit, ConsumerGroup& group) {
  if (!options.claim_min_idle_ms) return {};
  const Stream& stream = Stream::Of(edit.object());
  const uint64_t count = CountOf(ctx, options);
  const size_t wanted = count == 0 ? SIZE_MAX : count;
  std::vector<StreamId> gone;
  const auto drop_if_gone = [&](const StreamId& id) {
    if (stream.Contains(id) || !group.Acknowledge(id)) return false;
    gone.push_back(id);
    return true;
  };
  // So that many which are gone do not take many searches, each looks for more.
  constexpr size_t kMore = 4;
  for (size_t asked = wanted;; asked = asked > SIZE_MAX / kMore ? SIZE_MAX : asked * kMore) {
    std::vector<StreamId> ids = group.ClaimableIds(ctx.now_ms(), *options.claim_min_idle_ms, asked);
    const size_t dropped = std::erase_if(ids, drop_if_gone);
    if (dropped > 0) edit.MarkChanged(ValueChange::kSilent);
    ctx.MarkDirty(dropped);
    if (dropped > 0 && ids.size() < wanted) continue;
    if (ids.size() > wanted) ids.resize(wanted);
    AddAcknowledgementEffect(ctx, {key, options.group}, gone);
    return ids;
  }
}

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
  ConsumerGroup& group = *stream.FindGroup(options.group);
  // Nobody who watches the key is told of this, nor is it worth writing to flash.
  if (StreamConsumer* const consumer = group.FindConsumer(options.consumer)) consumer->seen_ms = ctx.now_ms();
  source.serves = !source.request.fresh || HasFreshEntries(ctx, options, stream, group, source, before) ||
                  !ClaimableEntries(ctx, options, key.bytes, edit, group).empty();
}

// What serving a stream works on.
struct Serving {
  Context& ctx;
  const ReadOptions& options;
  StreamsReply& reply;
  ContainerEdit& edit;
  Stream& stream;
  ConsumerGroup& group;
  StreamConsumer& consumer;
  ClaimEffects& claims;
};

// An entry, with CLAIM also for how long it has been idle and how often it was delivered before; 0 for new ones.
void ReplyHandedOut(Serving& on, StreamIterator& entry, int64_t idle_ms, uint64_t delivery_count) {
  if (!on.options.claim_min_idle_ms) return ReplyStreamEntry(on.ctx, entry);
  on.ctx.reply.Array(4);
  ReplyStreamEntryParts(on.ctx, entry);
  on.ctx.reply.Integer(idle_ms);
  on.ctx.reply.Integer(static_cast<int64_t>(delivery_count));
}

void ServeClaimed(Serving& on, const std::vector<StreamId>& ids) {
  const int64_t now_ms = on.ctx.now_ms();
  for (const StreamId& id : ids) {
    if (!on.reply.TakeEntry()) return;
    PendingEntry& entry = *on.group.FindPending(id);
    const int64_t delivered_ms = entry.released() ? 0 : entry.delivered_ms;
    StreamIterator found = on.stream.Range(id, id);
    found.Next();
    ReplyHandedOut(on, found, std::max<int64_t>(now_ms - delivered_ms, 0), entry.delivery_count);
    on.group.Deliver(entry, on.consumer, now_ms);
    entry.CountDelivery();
    on.claims.Add(entry);
    on.consumer.active_ms = now_ms;
  }
}

// The entry is handed out to the consumer, who may not be the first.
const PendingEntry& MakePending(ConsumerGroup& group, StreamConsumer& consumer, const StreamId& id, int64_t now_ms) {
  PendingEntry* const entry = group.FindPending(id);
  if (entry == nullptr) {
    return group.AddPending({.id = id, .delivered_ms = now_ms, .delivery_count = 1, .consumer = &consumer});
  }
  group.Deliver(*entry, consumer, now_ms);
  entry->delivery_count = 1;
  return *entry;
}

// Entries behind the group's last, which moves on.
void ServeFresh(Serving& on, uint64_t fresh_count) {
  StreamIterator range = on.stream.Range(*on.group.last_id.Next(), StreamId::Max());
  for (; fresh_count > 0 && on.reply.TakeEntry(); --fresh_count) {
    range.Next();
    const StreamId id = range.id();
    on.stream.AdvanceGroup(on.group, id);
    ReplyHandedOut(on, range, 0, 0);
    if (!on.options.no_ack) on.claims.Add(MakePending(on.group, on.consumer, id, on.ctx.now_ms()));
  }
  if (!on.options.no_ack) on.consumer.active_ms = on.ctx.now_ms();
}

void ServeNew(Serving& on, size_t key_index) {
  const std::vector<StreamId> claimed = ClaimableEntries(on.ctx, on.options, on.ctx.args[key_index], on.edit, on.group);
  const uint64_t count = CountOf(on.ctx, on.options);
  const uint64_t wanted = count == 0 ? UINT64_MAX : count - claimed.size();
  const uint64_t fresh = on.group.last_id == StreamId::Max()
                             ? 0
                             : on.stream.Range(*on.group.last_id.Next(), StreamId::Max()).CountAhead(wanted);
  on.reply.BeginStream(key_index, claimed.size() + fresh);
  ServeClaimed(on, claimed);
  if (fresh > 0) ServeFresh(on, fresh);
  on.edit.MarkChanged(ValueChange::kSilent);
}

// Pending entries of the consumer; those that are no longer in the stream without their fields.
void ServeHistory(Serving& on, size_t key_index, const StreamId& after) {
  const IdMap<PendingId>& own = on.consumer.pending();
  std::vector<StreamId> ids;
  for (auto at = own.LowerBound(*after.Next()); !own.AtEnd(at); at = own.Next(at)) {
    if (on.options.count != 0 && ids.size() == on.options.count) break;
    ids.push_back(own.At(at).id);
  }
  on.reply.BeginStream(key_index, ids.size());
  for (const StreamId& id : ids) {
    if (!on.reply.TakeEntry()) break;
    if (ReplyEntryOf(on.ctx, on.stream, id)) {
      PendingEntry& entry = *on.group.FindPending(id);
      entry.delivered_ms = on.ctx.now_ms();
      entry.CountDelivery();
      on.claims.Add(entry);
      on.edit.MarkChanged(ValueChange::kSilent);
    } else {
      on.ctx.reply.Array(2);
      ReplyStreamId(on.ctx, id);
      on.ctx.reply.NullArray();
    }
  }
}

void Serve(Context& ctx, const ReadOptions& options, StreamsReply& reply, const Source& source) {
  const keyspace::HashedKey key = ctx.Key(source.key_index);
  ContainerEdit edit(ctx.db(), key, ctx.db().Find(key));
  Stream& stream = Stream::Of(edit.object());
  ConsumerGroup& group = *stream.FindGroup(options.group);
  const GroupNames names{key.bytes, options.group};
  // Whatever comes of it is told piece by piece.
  ctx.effects.AddNothing();
  // A consumer comes to be when it is answered, not by asking.
  StreamConsumer* consumer = group.FindConsumer(options.consumer);
  if (consumer == nullptr) {
    consumer = &group.AddConsumer(options.consumer);
    consumer->seen_ms = ctx.now_ms();
    edit.MarkChanged(ValueChange::kSilent);
    ctx.MarkDirty();
    ctx.effects.Add({"XGROUP", "CREATECONSUMER", names.key, names.group, options.consumer});
  }
  const StreamId last_id = group.last_id;
  {
    ClaimEffects claims(ctx, names, group, options.consumer);
    Serving on{ctx, options, reply, edit, stream, group, *consumer, claims};
    if (source.request.fresh) {
      ServeNew(on, source.key_index);
    } else {
      ServeHistory(on, source.key_index, source.request.after);
    }
  }
  reply.EndStream();
  ctx.MarkDirty();
  if (group.last_id != last_id) AddGroupPositionEffect(ctx, names, group);
}

// When an entry may come to be idle enough for CLAIM, of all the streams of the call; 0: not by time alone.
int64_t NextClaimMs(Context& ctx, const ReadOptions& options) {
  if (!options.claim_min_idle_ms) return 0;
  int64_t next_ms = INT64_MAX;
  for (size_t i = 0; i < options.key_count; ++i) {
    const EntryRef ref = ctx.db().Find(ctx.Key(options.first_key + i));
    if (!ref || ref->type() != Type::kStream) continue;
    const ConsumerGroup* const group = StreamOf(ref).FindGroup(options.group);
    if (group == nullptr) continue;
    next_ms = std::min(next_ms, group->NextClaimableMs(*options.claim_min_idle_ms).value_or(INT64_MAX));
  }
  return next_ms == INT64_MAX ? 0 : std::max<int64_t>(next_ms, 1);
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
    sources.push_back({.key_index = key_index, .request = *request});
  }
  size_t serving = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    Prepare(ctx, *options, sources[i], std::span(sources).first(i));
    serving += sources[i].serves ? 1 : 0;
  }
  if (serving == 0) {
    return WaitForStreams(ctx, *options, {.wake_when_gone = true, .look_again_ms = NextClaimMs(ctx, *options)});
  }
  StreamsReply reply(ctx, *options, serving);
  for (const Source& source : sources) {
    if (source.serves && !reply.full()) Serve(ctx, *options, reply, source);
  }
}

}  // namespace tidemark::commands
