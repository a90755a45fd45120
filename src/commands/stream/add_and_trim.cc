// What makes streams longer and shorter: XADD, XTRIM, XSETID. Main thread.
#include <optional>
#include <string>

#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/idempotency.h"
#include "commands/stream/ids.h"
#include "commands/stream/replies.h"
#include "commands/stream/trim_options.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::ValueChange;
using values::IdempotentProducers;
using values::Stream;
using values::StreamId;
using values::StreamReferences;
using values::StreamTrim;
using values::Type;

namespace {

// The ID of the new entry. Empty if it would not come behind the last one.
std::optional<StreamId> ChooseId(const Stream& stream, const std::optional<RequestedId>& requested, int64_t now_ms) {
  const StreamId& last = stream.last_id();
  std::optional<StreamId> id;
  if (!requested) {
    const auto now = static_cast<uint64_t>(now_ms);
    id = now > last.ms ? StreamId{now, 0} : last.Next();
  } else {
    id = requested->id;
    if (!requested->seq_given && last.ms == id->ms) {
      if (last.seq == UINT64_MAX) return std::nullopt;
      id->seq = last.seq + 1;
    }
  }
  return id && *id > last ? id : std::nullopt;
}

// The entry has been added before: answers its ID, be it still there or not.
bool AnswerDuplicate(Context& ctx, ContainerEdit& edit, std::string_view pid, std::string_view iid) {
  IdempotentProducers* const producers = Stream::Of(edit.object()).producers();
  if (producers == nullptr) return false;
  const std::optional<StreamId> id = producers->Find(pid, iid, ctx.now_ms());
  if (!id) return false;
  ++producers->iids_duplicates;
  edit.MarkChanged(ValueChange::kSilent);
  edit.Finish();
  ctx.MarkDirty();
  // Later the producer might have been forgotten.
  ctx.effects.AddNothing();
  ReplyStreamId(ctx, *id);
  return true;
}

bool TooLarge(std::span<const std::string_view> texts) {
  size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  return bytes > Stream::kMaxEntryBytes;
}

// How a trim is repeated. One that was approximate took entries from the front (of those that could go) until so many
// were left.
void AppendTrim(ComposedEffect& effect, const StreamTrim& trim, uint64_t length_after) {
  if (trim.by == StreamTrim::By::kNothing) return;
  if (trim.by == StreamTrim::By::kMinId && !trim.approximate) {
    effect.Word("MINID").Word("=").Text(trim.min_id.ToString());
  } else {
    const uint64_t length = trim.approximate ? length_after : trim.length_max;
    effect.Word("MAXLEN").Word("=").Number(static_cast<int64_t>(length));
  }
  if (trim.references == StreamReferences::kDelete) effect.Word("DELREF");
  if (trim.references == StreamReferences::kAcknowledged) effect.Word("ACKED");
}

void AddTrimEffect(const Context& ctx, const StreamTrim& trim, uint64_t length_after) {
  if (!ctx.effects.wanted() || trim.by == StreamTrim::By::kNothing) return;
  ComposedEffect effect({"XTRIM", ctx.args[1]});
  AppendTrim(effect, trim, length_after);
  effect.AddTo(ctx);
}

// What XADD has added, with its ID.
void AddEntryEffect(const Context& ctx, const AddOrTrim& options, const Stream& stream, const StreamId& id) {
  const bool plain = options.id && options.id->seq_given && options.id_index == 2;
  if (plain || !ctx.effects.wanted()) return;
  ComposedEffect effect({"XADD", ctx.args[1]});
  if (!options.make_stream) effect.Word("NOMKSTREAM");
  AppendTrim(effect, options.trim, stream.length());
  effect.Text(id.ToString()).Words(ctx.args.subspan(options.id_index + 1)).AddTo(ctx);
}

struct Recorded {
  StreamId id;
  std::string_view iid;
  bool first_producer;  // the stream had none before, and has taken limits for them
};

// The same for an idempotent producer. The entry must be there while its iid is recorded.
void AddIdempotentEffects(const Context& ctx, const AddOrTrim& options, const Stream& stream,
                          const Recorded& recorded) {
  if (!ctx.effects.wanted()) return;
  const std::string_view key = ctx.args[1];
  const std::string id = recorded.id.ToString();
  ComposedEffect({"XADD", key, id}).Words(ctx.args.subspan(options.id_index + 1)).AddTo(ctx);
  if (recorded.first_producer) AddLimitsEffect(ctx, key, stream.producers()->limits());
  ctx.effects.Add({"XIDMPRECORD", key, options.idempotency->pid, recorded.iid, id});
  AddTrimEffect(ctx, options.trim, stream.length());
}

}  // namespace

void XAddCommand(Context& ctx) {
  const std::optional<AddOrTrim> options = ParseAddOrTrim(ctx, TrimGrammar::kXAdd);
  if (!options) return;
  const size_t first = options->id_index + 1;
  if (first + 2 > ctx.args.size() || (ctx.args.size() - first) % 2 != 0) return ReplyWrongArity(ctx);
  if (options->id && options->id->seq_given && options->id->id.zero()) return ctx.reply.Error(errors::kXAddZeroId);

  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  if (!ref && !options->make_stream) return ctx.reply.Null();

  const std::span<const std::string_view> pairs = ctx.args.subspan(first);
  ContainerEdit edit = EditStream(ctx, key, ref);
  Stream& stream = Stream::Of(edit.object());
  std::string iid;
  if (options->idempotency) {
    iid = options->idempotency->iid.has_value() ? *options->idempotency->iid : values::IidOfContent(pairs);
    if (AnswerDuplicate(ctx, edit, options->idempotency->pid, iid)) return;
  }
  if (stream.last_id() == StreamId::Max()) return ctx.reply.Error(errors::kXAddExhausted);
  const std::optional<StreamId> id = ChooseId(stream, options->id, ctx.now_ms());
  if (!id) return ctx.reply.Error(errors::kXAddSmallerId);
  if (TooLarge(pairs)) return ctx.reply.Error(errors::kXAddTooLarge);
  stream.Append(*id, pairs, ctx.limits());
  const bool first_producer = stream.producers() == nullptr;
  if (options->idempotency) {
    stream.GetProducers(DefaultIdempotencyLimits(ctx)).Record(options->idempotency->pid, iid, *id, ctx.now_ms());
  }
  stream.Trim(options->trim);
  edit.MarkChanged();
  edit.Finish();
  ctx.MarkDirty();
  if (options->idempotency) {
    AddIdempotentEffects(ctx, *options, stream, {*id, iid, first_producer});
  } else {
    AddEntryEffect(ctx, *options, stream, *id);
  }
  ReplyStreamId(ctx, *id);
}

void XTrimCommand(Context& ctx) {
  const std::optional<AddOrTrim> options = ParseAddOrTrim(ctx, TrimGrammar::kXTrim);
  if (!options) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Integer(0);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  ContainerEdit edit(ctx.db(), key, ref);
  const uint64_t removed = Stream::Of(edit.object()).Trim(options->trim);
  if (removed > 0) {
    edit.MarkChanged();
    ctx.MarkDirty(removed);
    if (options->trim.approximate) AddTrimEffect(ctx, options->trim, Stream::Of(edit.object()).length());
  }
  edit.Finish();
  ctx.reply.Integer(static_cast<int64_t>(removed));
}

namespace {

struct SetIdOptions {
  StreamId last_id;
  std::optional<uint64_t> entries_added;
  StreamId max_deleted_id;
};

// Empty after having written the error reply.
std::optional<SetIdOptions> ParseSetId(Context& ctx) {
  SetIdOptions options;
  const std::optional<StreamId> last_id = StreamIdArgument(ctx, 2);
  if (!last_id) return std::nullopt;
  options.last_id = *last_id;
  for (size_t i = 3; i < ctx.args.size(); i += 2) {
    const bool has_value = i + 1 < ctx.args.size();
    if (has_value && IsWord(ctx.args[i], "entriesadded")) {
      const std::optional<int64_t> count = IntegerArgument(ctx, i + 1);
      if (!count) return std::nullopt;
      if (*count < 0) {
        ctx.reply.Error(errors::kEntriesAddedNegative);
        return std::nullopt;
      }
      options.entries_added = static_cast<uint64_t>(*count);
    } else if (has_value && IsWord(ctx.args[i], "maxdeletedid")) {
      const std::optional<StreamId> id = StreamIdArgument(ctx, i + 1);
      if (!id) return std::nullopt;
      if (options.last_id < *id) {
        ctx.reply.Error(errors::kXSetIdBelowGivenDeleted);
        return std::nullopt;
      }
      options.max_deleted_id = *id;
    } else {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

// False, after having written the error reply, if the stream's entries forbid what is to be set.
bool CheckSetId(Context& ctx, const Stream& stream, const SetIdOptions& options) {
  std::string_view error;
  const std::optional<StreamId> top = stream.LastEntryId();
  if (top && options.last_id < *top) {
    error = errors::kXSetIdBelowTop;
  } else if (top && options.entries_added && stream.length() > *options.entries_added) {
    error = errors::kXSetIdFewEntries;
  } else {
    return true;
  }
  ctx.reply.Error(error);
  return false;
}

}  // namespace

void XSetIdCommand(Context& ctx) {
  const std::optional<SetIdOptions> options = ParseSetId(ctx);
  if (!options) return;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!ref) return ctx.reply.Error(errors::kNoSuchKey);
  if (!CheckType(ctx, ref, Type::kStream) || !CheckSetId(ctx, StreamOf(ref), *options)) return;
  ContainerEdit edit(ctx.db(), key, ref);
  Stream& stream = Stream::Of(edit.object());
  stream.set_last_id(options->last_id);
  if (options->entries_added) stream.set_entries_added(*options->entries_added);
  if (!options->max_deleted_id.zero()) stream.set_max_deleted_id(options->max_deleted_id);
  edit.MarkChanged(keyspace::ValueChange::kSilent);
  edit.Finish();
  ctx.MarkDirty();
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
