// Commands that answer many fields of a hash: all of them, one step after the other, or random ones. Main thread.
#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/hash/access.h"
#include "commands/hash/handlers.h"
#include "commands/scan_options.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::HashPair;
using values::HashView;
using values::PackedItem;

namespace {

enum class Part : uint8_t { kFields, kValues, kBoth };

void ReplyAll(Context& ctx, Part part) {
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  const uint64_t count = *ref ? ViewHash(ctx, *ref).LiveSize() : 0;
  if (part == Part::kBoth) {
    ctx.reply.Map(count);
  } else {
    ctx.reply.Array(count);
  }
  if (count == 0) return;
  ViewHash(ctx, *ref).ForEach([&](const PackedItem& field, const PackedItem& value) {
    if (part != Part::kValues) ReplyItem(ctx, field);
    if (part != Part::kFields) ReplyItem(ctx, value);
  });
}

enum class WithValues : uint8_t { kNo, kYes };

void ReplyPairs(Context& ctx, const std::vector<HashPair>& pairs, WithValues with_values) {
  for (const HashPair& pair : pairs) {
    if (with_values == WithValues::kYes && ctx.reply.resp3()) ctx.reply.Array(2);
    ReplyItem(ctx, pair.field);
    if (with_values == WithValues::kYes) ReplyItem(ctx, pair.value);
  }
}

// The header for so many pairs.
void ReplyPairsHeader(Context& ctx, uint64_t count, WithValues with_values) {
  ctx.reply.Array(with_values == WithValues::kYes && !ctx.reply.resp3() ? count * 2 : count);
}

// HRANDFIELD's count. Empty after having written the error reply.
std::optional<int64_t> CountArgument(Context& ctx) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const std::optional<int64_t> count = IntegerArgument(ctx, 2);
  if (!count) return std::nullopt;
  if (*count < -kMost) {
    ctx.reply.Error(errors::kLongNotInRange);
    return std::nullopt;
  }
  if (ctx.args.size() == 3) return count;
  if (ctx.args.size() > 4 || !IsWord(ctx.args[3], "withvalues")) {
    ctx.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  if (*count < -kMost / 2 || *count > kMost / 2) {
    ctx.reply.Error(errors::kValueOutOfRange);
    return std::nullopt;
  }
  return count;
}

void ReplyRandomField(Context& ctx) {
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  const std::optional<HashPair> pair = *ref ? ViewHash(ctx, *ref).Pick(ctx.keyspace.random()) : std::nullopt;
  ReplyItem(ctx, pair ? std::optional(pair->field) : std::nullopt);
}

}  // namespace

void HGetAllCommand(Context& ctx) {
  ReplyAll(ctx, Part::kBoth);
}

void HKeysCommand(Context& ctx) {
  ReplyAll(ctx, Part::kFields);
}

void HValsCommand(Context& ctx) {
  ReplyAll(ctx, Part::kValues);
}

void HRandFieldCommand(Context& ctx) {
  if (ctx.args.size() == 2) return ReplyRandomField(ctx);
  const std::optional<int64_t> count = CountArgument(ctx);
  if (!count) return;
  const WithValues with_values = ctx.args.size() == 4 ? WithValues::kYes : WithValues::kNo;
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  if (!*ref || *count == 0 || ViewHash(ctx, *ref).LiveSize() == 0) {
    ctx.reply.Array(0);
    return;
  }
  const HashView hash = ViewHash(ctx, *ref);
  Random& random = ctx.keyspace.random();
  if (*count > 0) {
    const std::vector<HashPair> sample = hash.Sample(static_cast<uint64_t>(*count), random);
    ReplyPairsHeader(ctx, sample.size(), with_values);
    ReplyPairs(ctx, sample, with_values);
    return;
  }
  // With repetition the client may ask for more than anybody should hold at once.
  constexpr uint64_t kBatch = 1024;
  auto left = static_cast<uint64_t>(-*count);
  ReplyPairsHeader(ctx, left, with_values);
  for (; left > 0; left -= std::min(left, kBatch)) {
    ReplyPairs(ctx, hash.Draw(std::min(left, kBatch), random), with_values);
  }
}

void HScanCommand(Context& ctx) {
  const std::optional<uint64_t> cursor = ScanCursorArgument(ctx, 2);
  if (!cursor) return;
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  if (!*ref) {
    ReplyEmptyScan(ctx);
    return;
  }
  const std::optional<ScanOptions> options = ParseScanOptions(ctx, 3, ScanTarget::kHashFields);
  if (!options) return;
  std::vector<PackedItem> found;
  const uint64_t next =
      ScanSome(ViewHash(ctx, *ref), *cursor, options->count, [&](const PackedItem& field, const PackedItem& value) {
        if (!options->Admits(field)) return;
        found.push_back(field);
        if (options->values) found.push_back(value);
      });
  ReplyScan(ctx, next, found);
}

}  // namespace tidemark::commands
