// Parts of strings: APPEND, SETRANGE, GETRANGE. Main thread.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/string/handlers.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;

namespace {

// False, with the error written, if a string of `bytes` and `more` would be longer than a client could ever send.
bool CheckLength(Context& ctx, uint64_t bytes, uint64_t more) {
  uint64_t total = 0;
  if (!__builtin_add_overflow(bytes, more, &total) && total <= ctx.server.proto_max_bulk_bytes()) return true;
  ctx.reply.Error(errors::kStringTooLong);
  return false;
}

}  // namespace

void AppendCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const std::string_view more = ctx.args[2];
  EntryRef ref = ctx.db().LookupWrite(key);
  size_t total = more.size();
  if (!ref) {
    ctx.db().SetString({}, key, more);
  } else {
    if (!CheckString(ctx, ref)) return;
    const size_t bytes = ref->StringBytes();
    if (!CheckLength(ctx, bytes, more.size())) return;
    total = bytes + more.size();
    char* const data = ctx.db().ResizeString(ref, total);
    std::copy(more.begin(), more.end(), data + bytes);
  }
  ctx.MarkDirty();
  ctx.reply.Integer(static_cast<int64_t>(total));
}

void SetRangeCommand(Context& ctx) {
  const std::optional<int64_t> offset = IntegerArgument(ctx, 2);
  if (!offset) return;
  if (*offset < 0) {
    ctx.reply.Error(errors::kOffsetOutOfRange);
    return;
  }
  const HashedKey key = ctx.Key(1);
  const std::string_view patch = ctx.args[3];
  EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckString(ctx, ref)) return;
  const size_t bytes = ref ? ref->StringBytes() : 0;
  if (patch.empty()) {
    ctx.reply.Integer(static_cast<int64_t>(bytes));
    return;
  }
  const auto start = static_cast<uint64_t>(*offset);
  if (!CheckLength(ctx, start, patch.size())) return;
  if (!ref) ref = ctx.db().SetString({}, key, "");
  const size_t total = std::max<size_t>(bytes, start + patch.size());
  char* const data = ctx.db().ResizeString(ref, total);
  std::copy(patch.begin(), patch.end(), data + start);
  ctx.MarkDirty();
  ctx.reply.Integer(static_cast<int64_t>(total));
}

void GetRangeCommand(Context& ctx) {
  const std::optional<int64_t> first = IntegerArgument(ctx, 2);
  if (!first) return;
  const std::optional<int64_t> last = IntegerArgument(ctx, 3);
  if (!last) return;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  char scratch[kInt64Chars];
  const std::string_view text = ref ? ctx.db().StringOf(*ref, scratch) : "";
  const auto bytes = static_cast<int64_t>(text.size());
  // A range before the start of the string is empty when it runs backwards, and else is cut to the first byte.
  const bool backwards = *first < 0 && *last < 0 && *first > *last;
  const int64_t from = std::max<int64_t>(*first < 0 ? bytes + *first : *first, 0);
  const int64_t to = std::min(std::max<int64_t>(*last < 0 ? bytes + *last : *last, 0), bytes - 1);
  if (backwards || from > to) {
    ctx.reply.Bulk("");
    return;
  }
  ctx.reply.Bulk(text.substr(static_cast<size_t>(from), static_cast<size_t>(to - from + 1)));
}

}  // namespace tidemark::commands
