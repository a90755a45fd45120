// Walks over the keys of a database: KEYS, all at once, and SCAN, step by step. Main thread.
#include <cstdint>
#include <optional>
#include <vector>

#include "commands/arguments.h"
#include "commands/handlers.h"
#include "commands/scan_options.h"

namespace tidemark::commands {

using keyspace::Database;
using keyspace::Entry;
using keyspace::EntryDict;
using keyspace::EntryRef;

namespace {

// What a walk gathers. Entries stay where they are while nothing is inserted or deleted.
struct Harvest {
  std::vector<const Entry*> found;
  std::vector<EntryRef> expired;
};

bool Admits(const ScanOptions& filter, const Entry& entry) {
  if (filter.type && !IsWord(*filter.type, values::TypeName(entry.type()))) return false;
  return filter.Admits(entry.key());
}

auto Gatherer(const Database& db, const ScanOptions& filter, Harvest& harvest) {
  return [&](EntryDict::Slot slot) {
    const Entry& entry = *db.dict().Get(slot);
    if (db.HasExpired(entry)) {
      harvest.expired.push_back(db.RefAt(slot));
    } else if (Admits(filter, entry)) {
      harvest.found.push_back(&entry);
    }
  };
}

void ReplyKeys(Context& ctx, const Harvest& harvest) {
  ctx.reply.Array(harvest.found.size());
  for (const Entry* entry : harvest.found) ctx.reply.Bulk(entry->key());
}

void DeleteExpired(Database& db, const Harvest& harvest) {
  for (const EntryRef& seen : harvest.expired) db.DeleteExpired(db.RefOf(seen.hash, seen.entry));
}

}  // namespace

void KeysCommand(Context& ctx) {
  Database& db = ctx.db();
  const ScanOptions filter{.pattern = ctx.args[1], .type = std::nullopt};
  Harvest harvest;
  for (size_t index = 0; index < db.dict().bucket_count(); ++index) {
    db.dict().VisitChain(index, Gatherer(db, filter, harvest));
  }
  ReplyKeys(ctx, harvest);
  DeleteExpired(db, harvest);
}

void ScanCommand(Context& ctx) {
  const std::optional<uint64_t> cursor = ScanCursorArgument(ctx, 1);
  if (!cursor) return;
  const std::optional<ScanOptions> options = ParseScanOptions(ctx, 2, ScanTarget::kKeys);
  if (!options) return;

  // COUNT is of keys seen, whatever the filter leaves of them.
  Database& db = ctx.db();
  Harvest harvest;
  const uint64_t next = ScanSome(db.dict(), *cursor, options->count, Gatherer(db, *options, harvest));
  ReplyScanCursor(ctx, next);
  ReplyKeys(ctx, harvest);
  DeleteExpired(db, harvest);
}

}  // namespace tidemark::commands
