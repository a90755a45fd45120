#include "commands/scan_options.h"

#include <charconv>

#include "base/glob.h"
#include "commands/arguments.h"
#include "commands/errors.h"

namespace tidemark::commands {
namespace {

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

// Reads the option at `at`; answers how many arguments it takes, 0 after having written the error reply.
size_t ParseOption(Context& ctx, size_t at, ScanTarget target, ScanOptions& options) {
  const std::string_view word = ctx.args[at];
  const bool has_value = at + 1 < ctx.args.size();
  if (IsWord(word, "count") && has_value) {
    const std::optional<int64_t> count = IntegerArgument(ctx, at + 1);
    if (!count) return 0;
    options.count = *count;
    if (*count >= 1) return 2;
  } else if (IsWord(word, "match") && has_value) {
    options.pattern = ctx.args[at + 1];
    return 2;
  } else if (IsWord(word, "type") && has_value && target == ScanTarget::kKeys) {
    options.type = ctx.args[at + 1];
    return 2;
  } else if (IsWord(word, "noscores") && target == ScanTarget::kScored) {
    options.values = false;
    return 1;
  } else if (IsWord(word, "novalues")) {
    if (target == ScanTarget::kHashFields) {
      options.values = false;
      return 1;
    }
    ctx.reply.Error(errors::kNoValuesOfHashOnly);
    return 0;
  }
  ctx.reply.Error(errors::kSyntax);
  return 0;
}

}  // namespace

bool ScanOptions::Admits(std::string_view text) const {
  return pattern == "*" || GlobMatch(pattern, text);
}

bool ScanOptions::Admits(const values::PackedItem& item) const {
  char scratch[kInt64Chars];
  return pattern == "*" || GlobMatch(pattern, item.View(scratch));
}

std::optional<uint64_t> ScanCursorArgument(Context& ctx, size_t index) {
  const std::optional<uint64_t> cursor = ParseCursor(ctx.args[index]);
  if (!cursor) ctx.reply.Error(errors::kInvalidCursor);
  return cursor;
}

std::optional<ScanOptions> ParseScanOptions(Context& ctx, size_t first, ScanTarget target) {
  ScanOptions options;
  for (size_t at = first; at < ctx.args.size();) {
    const size_t taken = ParseOption(ctx, at, target, options);
    if (taken == 0) return std::nullopt;
    at += taken;
  }
  return options;
}

void ReplyScanCursor(Context& ctx, uint64_t cursor) {
  char scratch[kInt64Chars];
  const char* const end = std::to_chars(scratch, scratch + sizeof(scratch), cursor).ptr;
  ctx.reply.Array(2);
  ctx.reply.Bulk({scratch, static_cast<size_t>(end - scratch)});
}

void ReplyScan(Context& ctx, uint64_t cursor, std::span<const values::PackedItem> found) {
  char scratch[kInt64Chars];
  ReplyScanCursor(ctx, cursor);
  ctx.reply.Array(found.size());
  for (const values::PackedItem& item : found) ctx.reply.Bulk(item.View(scratch));
}

void ReplyEmptyScan(Context& ctx) {
  ReplyScan(ctx, 0, {});
}

}  // namespace tidemark::commands
