// Pending entries that change their consumer: XCLAIM, XAUTOCLAIM. Main thread.
#include <optional>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/stream/handlers.h"
#include "commands/stream/ids.h"
#include "commands/stream/replies.h"
#include "commands/stream/stream_effects.h"
#include "commands/words.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::ValueChange;
using values::ConsumerGroup;
using values::PendingEntry;
using values::Stream;
using values::StreamConsumer;
using values::StreamId;
using values::Type;

namespace {

enum class ClaimReply : uint8_t { kEntries, kIds };

// The argument as a number; empty after having written `error`.
std::optional<int64_t> NumberArgument(Context& ctx, size_t index, std::string_view error) {
  const std::optional<int64_t> value = ParseInt64(ctx.args[index]);
  if (!value) ctx.reply.Error(error);
  return value;
}

// The argument as a least idle time; a negative one is none.
std::optional<int64_t> MinIdleArgument(Context& ctx, size_t index, std::string_view error) {
  const std::optional<int64_t> value = NumberArgument(ctx, index, error);
  if (!value) return std::nullopt;
  return std::max<int64_t>(*value, 0);
}

// The consumer that claims. It comes to be with the first entry it gets, not by asking.
class Claimant {
 public:
  Claimant(Context& ctx, ConsumerGroup& group, std::string_view name)
      : ctx_(ctx), group_(group), name_(name), consumer_(group.FindConsumer(name)) {
    if (consumer_ != nullptr) consumer_->seen_ms = ctx.now_ms();
  }

  // For an entry that it gets.
  StreamConsumer& Get() {
    if (consumer_ == nullptr) {
      consumer_ = &group_.AddConsumer(name_);
      consumer_->seen_ms = ctx_.now_ms();
      ctx_.MarkDirty();
    }
    consumer_->active_ms = ctx_.now_ms();
    return *consumer_;
  }

 private:
  Context& ctx_;
  ConsumerGroup& group_;
  std::string_view name_;
  StreamConsumer* consumer_;
};

void ReplyClaimed(Context& ctx, const Stream& stream, const std::vector<StreamId>& ids, ClaimReply form) {
  ctx.reply.Array(ids.size());
  for (const StreamId& id : ids) {
    if (form == ClaimReply::kIds) {
      ReplyStreamId(ctx, id);
    } else {
      ReplyEntryOf(ctx, stream, id);
    }
  }
}

struct ClaimOptions {
  int64_t min_idle_ms = 0;
  std::vector<StreamId> ids;
  int64_t delivered_ms = 0;
  std::optional<uint64_t> retry_count;
  StreamId last_id;
  bool force = false;
  ClaimReply form = ClaimReply::kEntries;
};

class ClaimParser {
 public:
  explicit ClaimParser(Context& ctx) : ctx_(ctx) {}

  // Empty after having written the error reply.
  std::optional<ClaimOptions> Parse() {
    const std::optional<int64_t> min_idle = MinIdleArgument(ctx_, 4, errors::kXClaimMinIdle);
    if (!min_idle) return std::nullopt;
    options_.min_idle_ms = *min_idle;
    size_t at = 5;
    for (; at < ctx_.args.size(); ++at) {
      const std::optional<StreamId> id = ParseStreamId(ctx_.args[at]);
      if (!id) break;
      options_.ids.push_back(*id);
    }
    for (; at < ctx_.args.size(); ++at) {
      if (!ParseOption(at)) return std::nullopt;
    }
    // A time that cannot be is no error: clients compute it from clocks of their own.
    const int64_t now_ms = ctx_.now_ms();
    if (!delivered_ms_ || *delivered_ms_ < 0 || *delivered_ms_ > now_ms) delivered_ms_ = now_ms;
    options_.delivered_ms = *delivered_ms_;
    return options_;
  }

 private:
  bool ParseOption(size_t& at) {
    const std::string_view word = ctx_.args[at];
    const bool has_value = at + 1 < ctx_.args.size();
    if (IsWord(word, "force")) {
      options_.force = true;
    } else if (IsWord(word, "justid")) {
      options_.form = ClaimReply::kIds;
    } else if (has_value && IsWord(word, "idle")) {
      const std::optional<int64_t> idle = NumberArgument(ctx_, ++at, errors::kXClaimIdle);
      if (!idle) return false;
      delivered_ms_ = static_cast<int64_t>(static_cast<uint64_t>(ctx_.now_ms()) - static_cast<uint64_t>(*idle));
    } else if (has_value && IsWord(word, "time")) {
      delivered_ms_ = NumberArgument(ctx_, ++at, errors::kXClaimTime);
      return delivered_ms_.has_value();
    } else if (has_value && IsWord(word, "retrycount")) {
      const std::optional<int64_t> count = NumberArgument(ctx_, ++at, errors::kXClaimRetryCount);
      if (!count) return false;
      options_.retry_count.reset();
      if (*count >= 0) options_.retry_count = static_cast<uint64_t>(*count);
    } else if (has_value && IsWord(word, "lastid")) {
      const std::optional<StreamId> id = StreamIdArgument(ctx_, ++at);
      if (!id) return false;
      options_.last_id = *id;
    } else {
      std::string text = "ERR Unrecognized XCLAIM option '";
      text.append(Quotable(word)).append("'");
      ctx_.reply.Error(text);
      return false;
    }
    return true;
  }

  Context& ctx_;
  ClaimOptions options_;
  std::optional<int64_t> delivered_ms_;
};

enum class Claimed : uint8_t { kNo, kYes, kDropped };

// Gives one entry to the consumer. An entry that is no longer in the stream is dropped from what is pending.
Claimed Claim(const Stream& stream, ConsumerGroup& group, Claimant& claimant, const StreamId& id,
              const ClaimOptions& options, int64_t now_ms) {
  if (!stream.Contains(id)) return group.Acknowledge(id) ? Claimed::kDropped : Claimed::kNo;
  PendingEntry* entry = group.FindPending(id);
  if (entry == nullptr) {
    if (!options.force) return Claimed::kNo;
    entry = &group.AddPending({.id = id, .delivered_ms = now_ms, .delivery_count = 1, .consumer = &claimant.Get()});
  } else if (!entry->ClaimableAt(now_ms, options.min_idle_ms)) {
    return Claimed::kNo;
  }
  group.Deliver(*entry, claimant.Get(), options.delivered_ms);
  if (options.retry_count) {
    entry->delivery_count = *options.retry_count;
  } else if (options.form == ClaimReply::kEntries) {
    entry->CountDelivery();
  }
  return Claimed::kYes;
}

GroupNames NamesOf(const Context& ctx) {
  return {ctx.args[1], ctx.args[2]};
}

void AddClaimEffects(const Context& ctx, ConsumerGroup& group, const std::vector<StreamId>& claimed,
                     const std::vector<StreamId>& dropped) {
  if (!ctx.effects.wanted()) return;
  AddAcknowledgementEffect(ctx, NamesOf(ctx), dropped);
  ClaimEffects claims(ctx, NamesOf(ctx), group, ctx.args[3]);
  for (const StreamId& id : claimed) claims.Add(*group.FindPending(id));
}

// Answers NOGROUP, or that the key holds something else, if the stream and its group cannot be worked on.
bool CheckStreamAndGroup(Context& ctx, const EntryRef& ref) {
  if (!CheckType(ctx, ref, Type::kStream)) return false;
  if (ref && StreamOf(ref).FindGroup(ctx.args[2]) != nullptr) return true;
  ReplyNoKeyOrGroup(ctx, ctx.args[1], ctx.args[2]);
  return false;
}

}  // namespace

void XClaimCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupRead(key);
  if (!CheckStreamAndGroup(ctx, ref)) return;
  const std::optional<ClaimOptions> options = ClaimParser(ctx).Parse();
  if (!options) return;

  ContainerEdit edit(ctx.db(), key, ref);
  Stream& stream = Stream::Of(edit.object());
  ConsumerGroup& group = *stream.FindGroup(ctx.args[2]);
  uint64_t changes = 0;
  const bool moves = options->last_id > group.last_id;
  if (moves) {
    group.last_id = options->last_id;
    edit.MarkChanged(ValueChange::kSilent);
  }
  Claimant claimant(ctx, group, ctx.args[3]);
  std::vector<StreamId> claimed;
  std::vector<StreamId> dropped;
  for (const StreamId& id : options->ids) {
    const Claimed outcome = Claim(stream, group, claimant, id, *options, ctx.now_ms());
    if (outcome == Claimed::kNo) continue;
    ++changes;
    (outcome == Claimed::kYes ? claimed : dropped).push_back(id);
  }
  if (changes > 0) edit.MarkChanged(ValueChange::kSilent);
  ctx.MarkDirty(changes == 0 && moves ? 1 : changes);
  AddClaimEffects(ctx, group, claimed, dropped);
  if (moves && claimed.empty()) AddGroupPositionEffect(ctx, NamesOf(ctx), group);
  ReplyClaimed(ctx, stream, claimed, options->form);
}

namespace {

struct AutoClaimOptions {
  int64_t min_idle_ms = 0;
  StreamId start;
  int64_t count = 100;
  ClaimReply form = ClaimReply::kEntries;
};

// Pending entries looked at for each one that may be answered.
constexpr int64_t kAttemptsFactor = 10;

// Empty after having written the error reply.
std::optional<AutoClaimOptions> ParseAutoClaim(Context& ctx) {
  AutoClaimOptions options;
  const std::optional<int64_t> min_idle = MinIdleArgument(ctx, 4, errors::kXAutoClaimMinIdle);
  if (!min_idle) return std::nullopt;
  options.min_idle_ms = *min_idle;
  const std::optional<StreamId> start = RangeArgument(ctx, 5, RangeEnd::kStart);
  if (!start) return std::nullopt;
  options.start = *start;
  for (size_t i = 6; i < ctx.args.size(); ++i) {
    if (IsWord(ctx.args[i], "count") && i + 1 < ctx.args.size()) {
      const std::optional<int64_t> count = NumberArgument(ctx, ++i, errors::kXAutoClaimCount);
      if (!count) return std::nullopt;
      if (*count < 1 || *count > INT64_MAX / static_cast<int64_t>(sizeof(StreamId))) {
        ctx.reply.Error(errors::kXAutoClaimCount);
        return std::nullopt;
      }
      options.count = *count;
    } else if (IsWord(ctx.args[i], "justid")) {
      options.form = ClaimReply::kIds;
    } else {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

}  // namespace

void XAutoClaimCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupRead(key);
  const std::optional<AutoClaimOptions> options = ParseAutoClaim(ctx);
  if (!options) return;
  if (!CheckStreamAndGroup(ctx, ref)) return;
  // Redis sets memory aside for so many IDs, and there is an end to that.
  constexpr int64_t kCountMax = int64_t{1} << 36;
  if (options->count > kCountMax) return ctx.reply.Error(errors::kXAutoClaimCountTooHigh);

  ContainerEdit edit(ctx.db(), key, ref);
  Stream& stream = Stream::Of(edit.object());
  ConsumerGroup& group = *stream.FindGroup(ctx.args[2]);
  Claimant claimant(ctx, group, ctx.args[3]);
  const int64_t now_ms = ctx.now_ms();
  std::vector<StreamId> claimed;
  std::vector<StreamId> dropped;
  auto at = group.pending().LowerBound(options->start);
  int64_t left = options->count;
  for (int64_t attempts = left * kAttemptsFactor; attempts > 0 && left > 0; --attempts) {
    if (group.pending().AtEnd(at)) break;
    PendingEntry& entry = group.PendingAt(at);
    const StreamId id = entry.id;
    if (!stream.Contains(id)) {
      at = group.AcknowledgeAt(at);
      dropped.push_back(id);
      --left;
      continue;
    }
    at = group.pending().Next(at);
    if (!entry.ClaimableAt(now_ms, options->min_idle_ms)) continue;
    group.Deliver(entry, claimant.Get(), now_ms);
    if (options->form == ClaimReply::kEntries) entry.CountDelivery();
    claimed.push_back(id);
    --left;
  }
  if (!claimed.empty() || !dropped.empty()) edit.MarkChanged(ValueChange::kSilent);
  ctx.MarkDirty(claimed.size() + dropped.size());
  AddClaimEffects(ctx, group, claimed, dropped);
  ctx.reply.Array(3);
  ReplyStreamId(ctx, group.pending().AtEnd(at) ? StreamId{} : group.pending().At(at).id);
  ReplyClaimed(ctx, stream, claimed, options->form);
  ReplyClaimed(ctx, stream, dropped, ClaimReply::kIds);
}

}  // namespace tidemark::commands
