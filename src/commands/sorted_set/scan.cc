// ZSCAN. Main thread.
#include <optional>
#include <vector>

#include "base/numbers.h"
#include "commands/container.h"
#include "commands/scan_options.h"
#include "commands/sorted_set/handlers.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using values::Listpack;
using values::MemberBlock;
using values::SortedSetView;

namespace {

// All of a listpack, with the scores in the form in which it holds them.
void ScanPacked(Context& ctx, const Listpack& list, const ScanOptions& options) {
  std::vector<values::PackedItem> found;
  for (Listpack::Position at = list.First(); at != nullptr;) {
    const Listpack::Position score = list.Next(at);
    const values::PackedItem member = Listpack::Get(at);
    if (options.Admits(member)) {
      found.push_back(member);
      if (options.values) found.push_back(Listpack::Get(score));
    }
    at = list.Next(score);
  }
  ReplyScan(ctx, 0, found);
}

void ScanTree(Context& ctx, const values::ScoredTree& tree, uint64_t cursor, const ScanOptions& options) {
  std::vector<const MemberBlock*> found;
  const uint64_t next = ScanSome(tree, cursor, options.count, [&](const MemberBlock& block) {
    if (options.Admits(block.member())) found.push_back(&block);
  });
  ReplyScanCursor(ctx, next);
  ctx.reply.Array(found.size() * (options.values ? 2 : 1));
  char scratch[kDoubleChars];
  for (const MemberBlock* block : found) {
    ctx.reply.Bulk(block->member());
    if (options.values) ctx.reply.Bulk(FormatDouble(block->score(), scratch));
  }
}

}  // namespace

void ZscanCommand(Context& ctx) {
  const std::optional<uint64_t> cursor = ScanCursorArgument(ctx, 2);
  if (!cursor) return;
  const keyspace::EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) return ReplyEmptyScan(ctx);
  if (!CheckType(ctx, ref, values::Type::kZSet)) return;
  const std::optional<ScanOptions> options = ParseScanOptions(ctx, 3, ScanTarget::kScored);
  if (!options) return;
  const SortedSetView set(ref->object());
  if (set.packed()) {
    ScanPacked(ctx, set.listpack(), *options);
  } else {
    ScanTree(ctx, set.tree(), *cursor, *options);
  }
}

}  // namespace tidemark::commands
