// XGROUP: consumer groups and consumers made, moved and removed. Main thread.
#include <optional>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/help.h"
#include "commands/stream/handlers.h"
#include "commands/stream/ids.h"
#include "commands/stream/replies.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::ValueChange;
using values::ConsumerGroup;
using values::Stream;
using values::StreamConsumer;
using values::StreamId;
using values::Type;

namespace {

struct GroupOptions {
  bool make_stream = false;
  int64_t entries_read = ConsumerGroup::kUnknownEntriesRead;
};

enum class GroupGrammar : uint8_t { kCreate, kSetId };

// What stands behind key, group and ID. Empty after having written the error reply.
std::optional<GroupOptions> ParseGroupOptions(Context& ctx, GroupGrammar grammar) {
  GroupOptions options;
  for (size_t i = 5; i < ctx.args.size(); ++i) {
    if (grammar == GroupGrammar::kCreate && IsWord(ctx.args[i], "mkstream")) {
      options.make_stream = true;
    } else if (IsWord(ctx.args[i], "entriesread") && i + 1 < ctx.args.size()) {
      const std::optional<int64_t> count = IntegerArgument(ctx, ++i);
      if (!count) return std::nullopt;
      if (*count < ConsumerGroup::kUnknownEntriesRead) {
        ctx.reply.Error(errors::kEntriesReadNegative);
        return std::nullopt;
      }
      options.entries_read = *count;
    } else {
      ReplySubcommandSyntaxError(ctx);
      return std::nullopt;
    }
  }
  return options;
}

enum class NeedGroup : uint8_t { kNo, kYes };

// The key and its stream, as all subcommands look them up: there must be one, but for a stream about to be made.
// False after having written the error reply.
bool FindStream(Context& ctx, EntryRef& ref, NeedGroup need, bool make_stream = false) {
  ref = ctx.db().LookupWrite(ctx.Key(2));
  if (!CheckType(ctx, ref, Type::kStream)) return false;
  if (!ref && make_stream) return true;
  if (!ref) {
    ctx.reply.Error(errors::kXGroupNoKey);
    return false;
  }
  if (need == NeedGroup::kYes && StreamOf(ref).FindGroup(ctx.args[3]) == nullptr) {
    ReplyNoGroup(ctx, ctx.args[2], ctx.args[3]);
    return false;
  }
  return true;
}

void Finish(Context& ctx, ContainerEdit& edit, ValueChange change = ValueChange::kSilent) {
  edit.MarkChanged(change);
  edit.Finish();
  ctx.MarkDirty();
}

}  // namespace

void XGroupCreateCommand(Context& ctx) {
  const std::optional<GroupOptions> options = ParseGroupOptions(ctx, GroupGrammar::kCreate);
  if (!options) return;
  EntryRef ref;
  if (!FindStream(ctx, ref, NeedGroup::kNo, options->make_stream)) return;
  constexpr size_t kArgumentsMax = 8;
  if (ctx.args.size() > kArgumentsMax) return ReplySubcommandSyntaxError(ctx);
  StreamId id;
  if (ctx.args[4] == "$") {
    if (ref) id = StreamOf(ref).last_id();
  } else {
    const std::optional<StreamId> given = StreamIdArgument(ctx, 4);
    if (!given) return;
    id = *given;
  }
  ContainerEdit edit = EditStream(ctx, ctx.Key(2), ref);
  if (Stream::Of(edit.object()).AddGroup(ctx.args[3], id, options->entries_read) == nullptr) {
    return ctx.reply.Error(errors::kBusyGroup);
  }
  Finish(ctx, edit);
  ctx.reply.Ok();
}

void XGroupSetIdCommand(Context& ctx) {
  const std::optional<GroupOptions> options = ParseGroupOptions(ctx, GroupGrammar::kSetId);
  if (!options) return;
  EntryRef ref;
  if (!FindStream(ctx, ref, NeedGroup::kYes)) return;
  if (ctx.args.size() != 5 && ctx.args.size() != 7) return ReplySubcommandSyntaxError(ctx);
  StreamId id = StreamOf(ref).last_id();
  if (ctx.args[4] != "$") {
    const std::optional<StreamId> given = EdgeIdArgument(ctx, 4, 0);
    if (!given) return;
    id = *given;
  }
  ContainerEdit edit(ctx.db(), ctx.Key(2), ref);
  ConsumerGroup& group = *Stream::Of(edit.object()).FindGroup(ctx.args[3]);
  group.last_id = id;
  group.entries_read = options->entries_read;
  Finish(ctx, edit);
  ctx.reply.Ok();
}

void XGroupDestroyCommand(Context& ctx) {
  EntryRef ref;
  if (!FindStream(ctx, ref, NeedGroup::kNo)) return;
  ContainerEdit edit(ctx.db(), ctx.Key(2), ref);
  const bool removed = Stream::Of(edit.object()).RemoveGroup(ctx.args[3]);
  if (removed) Finish(ctx, edit, ValueChange::kToldToWaiters);
  ctx.reply.Integer(removed ? 1 : 0);
}

void XGroupCreateConsumerCommand(Context& ctx) {
  EntryRef ref;
  if (!FindStream(ctx, ref, NeedGroup::kYes)) return;
  ContainerEdit edit(ctx.db(), ctx.Key(2), ref);
  ConsumerGroup& group = *Stream::Of(edit.object()).FindGroup(ctx.args[3]);
  const bool is_new = group.FindConsumer(ctx.args[4]) == nullptr;
  if (is_new) {
    group.AddConsumer(ctx.args[4]).seen_ms = ctx.now_ms();
    Finish(ctx, edit);
  }
  ctx.reply.Integer(is_new ? 1 : 0);
}

void XGroupDelConsumerCommand(Context& ctx) {
  EntryRef ref;
  if (!FindStream(ctx, ref, NeedGroup::kYes)) return;
  ContainerEdit edit(ctx.db(), ctx.Key(2), ref);
  ConsumerGroup& group = *Stream::Of(edit.object()).FindGroup(ctx.args[3]);
  StreamConsumer* const consumer = group.FindConsumer(ctx.args[4]);
  size_t pending = 0;
  if (consumer != nullptr) {
    pending = group.RemoveConsumer(*consumer);
    Finish(ctx, edit);
  }
  ctx.reply.Integer(static_cast<int64_t>(pending));
}

void XGroupHelpCommand(Context& ctx) {
  ReplyHelp(
      ctx, "XGROUP",
      {"CREATE <key> <groupname> <id|$> [option]", "    Make a consumer group that reads from behind an ID. Options:",
       "    * MKSTREAM", "      Make an empty stream if there is none.", "    * ENTRIESREAD entries_read",
       "      Say how many entries the group has read, for its lag.", "CREATECONSUMER <key> <groupname> <consumer>",
       "    Make a consumer in a group.", "DELCONSUMER <key> <groupname> <consumer>",
       "    Remove a consumer and what is pending for it.", "DESTROY <key> <groupname>",
       "    Remove a group with its consumers.", "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
       "    Move the ID behind which a group reads."});
}

}  // namespace tidemark::commands
