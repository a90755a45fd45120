// Single bits, counts and positions: SETBIT, GETBIT, BITCOUNT, BITPOS. Main thread.
#include <algorithm>
#include <cstdint>
#include <optional>

#include "commands/arguments.h"
#include "commands/bitmap/bit_arguments.h"
#include "commands/bitmap/handlers.h"
#include "commands/errors.h"
#include "commands/string/changing_string.h"
#include "commands/string/values.h"
#include "values/bitmap.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::Bit;

namespace {

enum class Unit : uint8_t { kByte, kBit };

// The BYTE or BIT in an argument. Empty after having written the error reply.
std::optional<Unit> UnitArgument(Context& ctx, size_t index) {
  if (IsWord(ctx.args[index], "bit")) return Unit::kBit;
  if (IsWord(ctx.args[index], "byte")) return Unit::kByte;
  ctx.reply.Error(errors::kSyntax);
  return std::nullopt;
}

// A part of a string as the client asked for it; negative positions count from the end.
struct Range {
  int64_t start = 0;
  int64_t end = -1;
  Unit unit = Unit::kByte;
  bool end_given = false;

  bool Backwards() const { return start < 0 && end < 0 && start > end; }
};

// [start [end [BYTE|BIT]]] from argument `first` on. Empty after having written the error reply, in the order in which
// the arguments are looked at: `kEndFirst` or the unit before the end.
enum class Order : uint8_t { kEndFirst, kUnitFirst };
std::optional<Range> RangeArguments(Context& ctx, size_t first, Order order) {
  Range range;
  const size_t count = ctx.args.size() - first;
  if (count == 0) return range;
  if (count > 3) {
    ctx.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  const std::optional<int64_t> start = IntegerArgument(ctx, first);
  if (!start) return std::nullopt;
  range.start = *start;
  const auto read_unit = [&] {
    const std::optional<Unit> unit = count == 3 ? UnitArgument(ctx, first + 2) : Unit::kByte;
    range.unit = unit.value_or(Unit::kByte);
    return unit.has_value();
  };
  if (order == Order::kUnitFirst && !read_unit()) return std::nullopt;
  if (count >= 2) {
    const std::optional<int64_t> end = IntegerArgument(ctx, first + 1);
    if (!end) return std::nullopt;
    range.end = *end;
    range.end_given = true;
  }
  // A range that runs backwards is empty before anybody looks at its unit.
  if (order == Order::kEndFirst && !range.Backwards() && !read_unit()) return std::nullopt;
  return range;
}

// First and last bit of a range, both included.
struct BitSpan {
  uint64_t first;
  uint64_t last;
};

// The range within a string of `bytes`, or empty if there is nothing in it.
std::optional<BitSpan> Resolve(const Range& range, size_t bytes) {
  const uint64_t scale = range.unit == Unit::kBit ? 1 : 8;
  const auto total = static_cast<int64_t>(bytes * 8 / scale);
  const auto from_start = [&](int64_t position) {
    return std::max<int64_t>(position < 0 ? total + position : position, 0);
  };
  const int64_t start = from_start(range.start);
  const int64_t end = std::min(from_start(range.end), total - 1);
  if (start > end) return std::nullopt;
  return BitSpan{static_cast<uint64_t>(start) * scale, static_cast<uint64_t>(end) * scale + scale - 1};
}

}  // namespace

void SetBitCommand(Context& ctx) {
  const std::optional<uint64_t> offset = BitOffsetArgument(ctx, 2, 0);
  if (!offset) return;
  const std::string_view value = ctx.args[3];
  if (value != "0" && value != "1") {
    ctx.reply.Error(errors::kBitNotInteger);
    return;
  }
  const Bit bit = value == "1" ? Bit::kSet : Bit::kClear;
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckString(ctx, ref)) return;
  ChangingString string(ctx, key, ref);
  const bool grown = string.Grow(*offset / 8 + 1);
  const Bit old = values::BitAt(string.view(), *offset);
  if (old != bit) values::SetBit(string.Writable(), *offset, bit);
  if (grown || old != bit) ctx.MarkDirty();
  ctx.reply.Integer(old == Bit::kSet ? 1 : 0);
}

void GetBitCommand(Context& ctx) {
  const std::optional<uint64_t> offset = BitOffsetArgument(ctx, 2, 0);
  if (!offset) return;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  char scratch[kInt64Chars];
  const std::string_view bytes = ref ? ctx.db().StringOf(*ref, scratch) : "";
  ctx.reply.Integer(values::BitAt(bytes, *offset) == Bit::kSet ? 1 : 0);
}

void BitCountCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  if (!ref) {
    ctx.reply.Integer(0);
    return;
  }
  const std::optional<Range> range = RangeArguments(ctx, 2, Order::kEndFirst);
  if (!range) return;
  char scratch[kInt64Chars];
  const std::string_view bytes = ctx.db().StringOf(*ref, scratch);
  const std::optional<BitSpan> span = range->Backwards() ? std::nullopt : Resolve(*range, bytes.size());
  ctx.reply.Integer(span ? static_cast<int64_t>(values::CountBits(bytes, span->first, span->last)) : 0);
}

void BitPosCommand(Context& ctx) {
  const std::optional<int64_t> wanted = IntegerArgument(ctx, 2);
  if (!wanted) return;
  if (*wanted != 0 && *wanted != 1) {
    ctx.reply.Error(errors::kBitNotOneOrZero);
    return;
  }
  const Bit bit = *wanted == 1 ? Bit::kSet : Bit::kClear;
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  if (!ref) {
    // As if it were zeros without end.
    ctx.reply.Integer(bit == Bit::kSet ? -1 : 0);
    return;
  }
  const std::optional<Range> range = RangeArguments(ctx, 3, Order::kUnitFirst);
  if (!range) return;
  char scratch[kInt64Chars];
  const std::string_view bytes = ctx.db().StringOf(*ref, scratch);
  const std::optional<BitSpan> span = Resolve(*range, bytes.size());
  if (!span) {
    ctx.reply.Integer(-1);
    return;
  }
  std::optional<uint64_t> found = values::FindBit(bytes, bit, span->first, span->last);
  // Without an end, zeros are thought to follow the string.
  if (!found && bit == Bit::kClear && !range->end_given) found = span->last + 1;
  ctx.reply.Integer(found ? static_cast<int64_t>(*found) : -1);
}

}  // namespace tidemark::commands
