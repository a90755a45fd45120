// SSCAN: the members of a set, step by step. Main thread.
#include <cstdint>
#include <optional>
#include <vector>

#include "commands/container.h"
#include "commands/scan_options.h"
#include "commands/set/handlers.h"
#include "values/set.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using values::PackedItem;
using values::SetView;

void SScanCommand(Context& ctx) {
  const std::optional<uint64_t> cursor = ScanCursorArgument(ctx, 2);
  if (!cursor) return;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) return ReplyEmptyScan(ctx);
  if (!CheckType(ctx, ref, values::Type::kSet)) return;
  const std::optional<ScanOptions> options = ParseScanOptions(ctx, 3, ScanTarget::kMembers);
  if (!options) return;
  std::vector<PackedItem> found;
  const uint64_t next = ScanSome(SetView(ref->object()), *cursor, options->count, [&](const PackedItem& member) {
    if (options->Admits(member)) found.push_back(member);
  });
  ReplyScan(ctx, next, found);
}

}  // namespace tidemark::commands
