// What SCAN, HSCAN, SSCAN and ZSCAN share: the cursor, the options, and how long one step goes on. The command of a
// container goes like this:
//
//   const std::optional<uint64_t> cursor = ScanCursorArgument(ctx, 2);
//   if (!cursor) return;
//   ... look the key up: ReplyEmptyScan if it is missing ...
//   const std::optional<ScanOptions> options = ParseScanOptions(ctx, 3, ScanTarget::kMembers);
//   if (!options) return;
//   std::vector<values::PackedItem> found;
//   const uint64_t next = ScanSome(set, *cursor, options->count, [&](const values::PackedItem& member) {
//     if (options->Admits(member)) found.push_back(member);
//   });
//   ReplyScan(ctx, next, found);
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "commands/context.h"
#include "values/listpack.h"

namespace tidemark::commands {

// Which options are allowed: TYPE for keys only, NOVALUES for hash fields only, NOSCORES for members with scores only.
enum class ScanTarget : uint8_t { kKeys, kMembers, kHashFields, kScored };

struct ScanOptions {
  std::string_view pattern = "*";
  std::optional<std::string_view> type;
  int64_t count = 10;  // at least 1
  bool values = true;  // false: NOVALUES, NOSCORES

  bool Admits(std::string_view text) const;
  bool Admits(const values::PackedItem& item) const;
};

// The argument as a cursor. Empty after having written the error reply.
std::optional<uint64_t> ScanCursorArgument(Context& ctx, size_t index);
// The options from the argument `first` on. Empty after having written the error reply.
std::optional<ScanOptions> ParseScanOptions(Context& ctx, size_t first, ScanTarget target);

// The beginning of a reply: the elements must follow, an array of them.
void ReplyScanCursor(Context& ctx, uint64_t cursor);
// A whole reply of these elements.
void ReplyScan(Context& ctx, uint64_t cursor, std::span<const values::PackedItem> found);
// The reply for a key that is missing.
void ReplyEmptyScan(Context& ctx);

// One step of an iteration: from.Scan(cursor, visit) again and again, until `count` items were seen or it has answered
// cursor 0. A container whose encoding is packed gives everything at the first call, with cursor 0. Answers the next
// cursor.
template <typename Scannable, typename Visit>
uint64_t ScanSome(const Scannable& from, uint64_t cursor, int64_t count, Visit&& visit) {
  // The bound on calls is for a sparse table.
  int64_t calls_left = std::min(count, std::numeric_limits<int64_t>::max() / 10) * 10;
  int64_t seen = 0;
  do {
    cursor = from.Scan(cursor, [&](const auto&... item) {
      ++seen;
      visit(item...);
    });
  } while (cursor != 0 && --calls_left > 0 && seen < count);
  return cursor;
}

}  // namespace tidemark::commands
