// XNACK: pending entries given back to their group. Main thread.
#include <optional>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/ids.h"
#include "commands/stream/replies.h"
#include "commands/words.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::ValueChange;
using values::ConsumerGroup;
using values::PendingEntry;
using values::Stream;
using values::StreamId;
using values::Type;

namespace {

// What becomes of the count of deliveries: the last one did not count, it did, or there are to be no more.
enum class NackMode : uint8_t { kSilent, kFail, kFatal };

struct NackOptions {
  NackMode mode = NackMode::kFail;
  std::vector<StreamId> ids;
  std::optional<uint64_t> retry_count;
  bool force = false;
};

std::optional<NackMode> ParseMode(std::string_view word) {
  if (IsWord(word, "silent")) return NackMode::kSilent;
  if (IsWord(word, "fail")) return NackMode::kFail;
  if (IsWord(word, "fatal")) return NackMode::kFatal;
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(Context& ctx) : ctx_(ctx) {}

  // Empty after having written the error reply.
  std::optional<NackOptions> Parse() {
    const std::optional<NackMode> mode = ParseMode(ctx_.args[3]);
    if (!mode) return Refuse(errors::kXNackMode);
    options_.mode = *mode;
    for (at_ = 4; at_ < ctx_.args.size(); ++at_) {
      if (!ParseOption()) return std::nullopt;
    }
    if (options_.ids.empty()) return Refuse(errors::kXNackNoIds);
    return options_;
  }

 private:
  bool ParseOption() {
    const std::string_view word = ctx_.args[at_];
    const bool has_value = at_ + 1 < ctx_.args.size();
    if (has_value && IsWord(word, "ids")) return ParseIds();
    if (has_value && IsWord(word, "retrycount")) {
      const std::optional<int64_t> count = ParseInt64(ctx_.args[++at_]);
      if (!count || *count < 0) return Fail(errors::kXNackRetryCount);
      options_.retry_count = static_cast<uint64_t>(*count);
      return true;
    }
    if (IsWord(word, "force")) {
      options_.force = true;
      return true;
    }
    std::string text = "ERR Unrecognized XNACK option '";
    return Fail(text.append(Quotable(word)).append("'"));
  }

  bool ParseIds() {
    const std::optional<int64_t> count = ParseInt64(ctx_.args[++at_]);
    if (!count || *count <= 0) return Fail(errors::kXNackIdCount);
    const size_t first = at_ + 1;
    if (static_cast<uint64_t>(*count) > ctx_.args.size() - first) return Fail(errors::kXNackIdCountMismatch);
    at_ += static_cast<size_t>(*count);
    std::optional<std::vector<StreamId>> ids = StreamIdArguments(ctx_, first, at_ + 1);
    if (!ids) return false;
    options_.ids = std::move(*ids);
    return true;
  }

  bool Fail(std::string_view error) {
    ctx_.reply.Error(error);
    return false;
  }
  std::optional<NackOptions> Refuse(std::string_view error) {
    Fail(error);
    return std::nullopt;
  }

  Context& ctx_;
  NackOptions options_;
  size_t at_ = 0;
};

// False if there is nothing to release.
bool Release(const Stream& stream, ConsumerGroup& group, const StreamId& id, const NackOptions& options) {
  PendingEntry* entry = group.FindPending(id);
  if (entry == nullptr) {
    if (!options.force || !stream.Contains(id)) return false;
    entry = &group.AddPending({.id = id});
    group.Release(*entry);
  } else if (!entry->released()) {
    group.Release(*entry);
  }
  if (options.retry_count) {
    entry->delivery_count = *options.retry_count;
  } else if (options.mode == NackMode::kFatal) {
    entry->delivery_count = PendingEntry::kDeliveriesMax;
  } else if (options.mode == NackMode::kSilent && entry->delivery_count > 0) {
    --entry->delivery_count;
  }
  return true;
}

}  // namespace

void XNackCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kStream)) return;
  if (!ref || StreamOf(ref).FindGroup(ctx.args[2]) == nullptr) {
    return ReplyNoKeyOrGroup(ctx, ctx.args[1], ctx.args[2]);
  }
  const std::optional<NackOptions> options = Parser(ctx).Parse();
  if (!options) return;
  ContainerEdit edit(ctx.db(), key, ref);
  Stream& stream = Stream::Of(edit.object());
  ConsumerGroup& group = *stream.FindGroup(ctx.args[2]);
  uint64_t released = 0;
  for (const StreamId& id : options->ids) released += Release(stream, group, id, *options) ? 1 : 0;
  if (released > 0) {
    // Those who wait for entries that nobody deals with.
    edit.MarkChanged(ValueChange::kToldToWaiters);
    ctx.MarkDirty(released);
  }
  edit.Finish();
  ctx.reply.Integer(static_cast<int64_t>(released));
}

}  // namespace tidemark::commands
