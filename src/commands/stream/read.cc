// XREAD: what came behind an ID, in several streams, or a wait for it. Main thread.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/ids.h"
#include "commands/stream/read_options.h"
#include "commands/stream/read_replies.h"
#include "commands/stream/replies.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::Stream;
using values::StreamId;
using values::StreamIterator;
using values::Type;

namespace {

// XREAD's "+": one before the last entry, which is thereby the only one behind it.
StreamId BeforeLastEntry(const Stream& stream) {
  const std::optional<StreamId> last = stream.LastEntryId();
  if (!last) return stream.last_id();
  return last->Previous().value_or(StreamId{});
}

// The ID behind which to read. `$` and "+" mean what they mean now, also when the client has to wait: `rewritten` is
// told. Empty after having written the error reply.
std::optional<StreamId> ResolveId(Context& ctx, size_t id_index, const EntryRef& ref,
                                  std::vector<std::pair<size_t, std::string>>& rewritten) {
  const std::string_view text = ctx.args[id_index];
  StreamId id;
  if (text == "$") {
    if (ref) id = StreamOf(ref).last_id();
  } else if (text == "+") {
    if (ref) id = BeforeLastEntry(StreamOf(ref));
  } else if (text == ">") {
    ctx.reply.Error(errors::kGreaterOutsideGroup);
    return std::nullopt;
  } else {
    return StreamIdArgument(ctx, id_index);
  }
  rewritten.emplace_back(id_index, id.ToString());
  return id;
}

// What is behind `after`, up to the end.
bool HasEntriesBehind(const Stream& stream, const StreamId& after) {
  const std::optional<StreamId> last = stream.LastEntryId();
  return last && *last > after;
}

}  // namespace

void XReadCommand(Context& ctx) {
  const std::optional<ReadOptions> options = ParseReadOptions(ctx, ReadGrammar::kXRead);
  if (!options) return;
  std::vector<StreamId> after(options->key_count);
  std::vector<std::pair<size_t, std::string>> rewritten;
  for (size_t i = 0; i < options->key_count; ++i) {
    const size_t key_index = options->first_key + i;
    if (!ctx.Considers(key_index)) continue;
    EntryRef ref = ctx.db().LookupRead(ctx.Key(key_index));
    if (ref && ref->type() != Type::kStream && ctx.woken_key) ref = {};
    if (!CheckType(ctx, ref, Type::kStream)) return;
    const std::optional<StreamId> id = ResolveId(ctx, key_index + options->key_count, ref, rewritten);
    if (!id) return;
    after[i] = *id;
  }

  std::vector<size_t> served;
  for (size_t i = 0; i < options->key_count; ++i) {
    const size_t key_index = options->first_key + i;
    if (!ctx.Considers(key_index)) continue;
    const EntryRef ref = ctx.db().LookupRead(ctx.Key(key_index));
    if (ref && ref->type() == Type::kStream && HasEntriesBehind(StreamOf(ref), after[i])) served.push_back(i);
  }
  if (served.empty()) return WaitForStreams(ctx, *options, {.rewritten = std::move(rewritten)});

  StreamsReply reply(ctx, *options, served.size());
  const uint64_t count = CountOf(ctx, *options);
  for (const size_t i : served) {
    if (reply.full()) break;
    const size_t key_index = options->first_key + i;
    const EntryRef ref = ctx.db().Find(ctx.Key(key_index));
    StreamIterator range = StreamOf(ref).Range(*after[i].Next(), StreamId::Max());
    uint64_t left = range.CountAhead(count == 0 ? UINT64_MAX : count);
    reply.BeginStream(key_index, left);
    for (; left > 0 && reply.TakeEntry(); --left) {
      range.Next();
      ReplyStreamEntry(ctx, range);
    }
    reply.EndStream();
  }
}

}  // namespace tidemark::commands
