// What the string commands have in common: the type check, the reply, numbers, and a batch of keys whose memory is on
// its way.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/numbers.h"
#include "commands/container.h"
#include "keyspace/database.h"

namespace tidemark::commands {

// False, after having written the error reply, if there is a value and it is no string.
inline bool CheckString(Context& ctx, const keyspace::EntryRef& ref) {
  return CheckType(ctx, ref, values::Type::kString);
}

// The string as a bulk reply.
inline void ReplyString(Context& ctx, const keyspace::Entry& entry) {
  char scratch[kInt64Chars];
  ctx.reply.Bulk(ctx.db().StringOf(entry, scratch));
}

// The string as a number, 0 if there is none; empty if it is no number.
inline std::optional<int64_t> IntegerOf(const keyspace::EntryRef& ref) {
  if (!ref) return 0;
  if (ref->is_integer()) return ref->integer();
  return ParseInt64(ref->StringView(nullptr));
}
inline std::optional<long double> FloatOf(const keyspace::EntryRef& ref) {
  if (!ref) return 0.0L;
  char scratch[kInt64Chars];
  return ParseLongDouble(ref->StringView(scratch));
}

// Calls visit(size_t index, const HashedKey&) for the keys at `first`, `first + step`, and so on in front of the
// argument `end`, or of the end of them all, and has their memory on its way into the cache a batch ahead. Stops when
// `visit` returns false; says whether it never did.
template <typename Visit>
bool ForEachKey(Context& ctx, size_t first, size_t step, Visit&& visit, size_t end = SIZE_MAX) {
  constexpr size_t kBatch = 16;
  keyspace::HashedKey keys[kBatch];
  const keyspace::EntryDict& dict = ctx.db().dict();
  end = std::min(end, ctx.args.size());
  for (size_t start = first; start < end; start += kBatch * step) {
    const size_t count = std::min(kBatch, (end - start + step - 1) / step);
    for (size_t i = 0; i < count; ++i) {
      keys[i] = ctx.Key(start + i * step);
      dict.PrefetchBucket(keys[i].hash);
    }
    for (size_t i = 0; i < count; ++i) dict.PrefetchItem(keys[i].hash);
    for (size_t i = 0; i < count; ++i) {
      if (!visit(start + i * step, keys[i])) return false;
    }
  }
  return true;
}

}  // namespace tidemark::commands
