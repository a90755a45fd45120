// Walks over the keys of a database: KEYS, all at once, and SCAN, step by step. Main thread.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/glob.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"

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

struct KeyFilter {
  std::string_view pattern = "*";
  std::optional<std::string_view> type;

  bool Admits(const Entry& entry) const {
    if (type && !IsWord(*type, values::TypeName(entry.type()))) return false;
    return pattern == "*" || GlobMatch(pattern, entry.key());
  }
};

auto Gatherer(const Database& db, const KeyFilter& filter, Harvest& harvest) {
  return [&](EntryDict::Slot slot) {
    const Entry& entry = *db.dict().Get(slot);
    if (db.HasExpired(entry)) {
      harvest.expired.push_back(db.RefAt(slot));
    } else if (filter.Admits(entry)) {
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

// As strtoul reads it: nothing at all is zero, a sign is allowed, a minus wraps around.
std::optional<uint64_t> ParseCursor(std::string_view text) {
  if (text.empty()) return 0;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return negative ? -value : value;
}

struct ScanOptions {
  KeyFilter filter;
  int64_t count = 10;
};

std::optional<ScanOptions> ParseScanOptions(Context& ctx) {
  ScanOptions options;
  for (size_t i = 2; i < ctx.args.size(); i += 2) {
    const std::string_view word = ctx.args[i];
    const bool has_value = i + 1 < ctx.args.size();
    if (IsWord(word, "count") && has_value) {
      const std::optional<int64_t> count = IntegerArgument(ctx, i + 1);
      if (!count) return std::nullopt;
      options.count = *count;
    } else if (IsWord(word, "match") && has_value) {
      options.filter.pattern = ctx.args[i + 1];
    } else if (IsWord(word, "type") && has_value) {
      options.filter.type = ctx.args[i + 1];
    } else {
      options.count = 0;
    }
    if (options.count < 1) {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

}  // namespace

void KeysCommand(Context& ctx) {
  Database& db = ctx.db();
  const KeyFilter filter{.pattern = ctx.args[1], .type = std::nullopt};
  Harvest harvest;
  for (size_t index = 0; index < db.dict().bucket_count(); ++index) {
    db.dict().VisitChain(index, Gatherer(db, filter, harvest));
  }
  ReplyKeys(ctx, harvest);
  DeleteExpired(db, harvest);
}

void ScanCommand(Context& ctx) {
  std::optional<uint64_t> cursor = ParseCursor(ctx.args[1]);
  if (!cursor) {
    ctx.reply.Error(errors::kInvalidCursor);
    return;
  }
  const std::optional<ScanOptions> options = ParseScanOptions(ctx);
  if (!options) return;

  // COUNT is of keys seen, whatever the filter leaves of them; the bound on steps is for a sparse table.
  Database& db = ctx.db();
  Harvest harvest;
  const auto gather = Gatherer(db, options->filter, harvest);
  int64_t seen = 0;
  int64_t steps_left = std::min(options->count, std::numeric_limits<int64_t>::max() / 10) * 10;
  do {
    *cursor = db.dict().Scan(*cursor, [&](EntryDict::Slot slot) {
      ++seen;
      gather(slot);
    });
  } while (*cursor != 0 && --steps_left > 0 && seen < options->count);

  char scratch[24];
  const char* const end = std::to_chars(scratch, scratch + sizeof(scratch), *cursor).ptr;
  ctx.reply.Array(2);
  ctx.reply.Bulk({scratch, static_cast<size_t>(end - scratch)});
  ReplyKeys(ctx, harvest);
  DeleteExpired(db, harvest);
}

}  // namespace tidemark::commands
