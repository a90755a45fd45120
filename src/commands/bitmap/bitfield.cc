// BITFIELD and BITFIELD_RO: integers of any width at any bit of a string. Main thread.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

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
using values::BitFieldOverflow;
using values::BitFieldType;

namespace {

enum class Action : uint8_t { kGet, kSet, kIncrement };

struct FieldOperation {
  Action action = Action::kGet;
  BitFieldType type = {};
  BitFieldOverflow overflow = BitFieldOverflow::kWrap;
  uint64_t offset = 0;
  int64_t number = 0;
};

// Empty after having written the error reply, as the others here.
std::optional<BitFieldType> TypeArgument(Context& ctx, size_t index) {
  const std::string_view text = ctx.args[index];
  if (text.starts_with('i') || text.starts_with('u')) {
    const bool is_signed = text[0] == 'i';
    const std::optional<int64_t> bits = ParseInt64(text.substr(1));
    if (bits && *bits >= 1 && *bits <= (is_signed ? 64 : 63)) {
      return BitFieldType{.is_signed = is_signed, .bits = static_cast<uint8_t>(*bits)};
    }
  }
  ctx.reply.Error(errors::kBitFieldType);
  return std::nullopt;
}

std::optional<BitFieldOverflow> OverflowArgument(Context& ctx, size_t index) {
  if (IsWord(ctx.args[index], "wrap")) return BitFieldOverflow::kWrap;
  if (IsWord(ctx.args[index], "sat")) return BitFieldOverflow::kSaturate;
  if (IsWord(ctx.args[index], "fail")) return BitFieldOverflow::kFail;
  ctx.reply.Error(errors::kBitFieldOverflow);
  return std::nullopt;
}

// The operation whose word stands at `index`, if as many arguments follow as it takes.
std::optional<Action> ActionArgument(Context& ctx, size_t index) {
  const size_t left = ctx.args.size() - index - 1;
  if (IsWord(ctx.args[index], "get") && left >= 2) return Action::kGet;
  if (IsWord(ctx.args[index], "set") && left >= 3) return Action::kSet;
  if (IsWord(ctx.args[index], "incrby") && left >= 3) return Action::kIncrement;
  ctx.reply.Error(errors::kSyntax);
  return std::nullopt;
}

std::optional<FieldOperation> OperationArguments(Context& ctx, size_t index) {
  const std::optional<Action> action = ActionArgument(ctx, index);
  if (!action) return std::nullopt;
  const std::optional<BitFieldType> type = TypeArgument(ctx, index + 1);
  if (!type) return std::nullopt;
  const std::optional<uint64_t> offset = BitOffsetArgument(ctx, index + 2, type->bits);
  if (!offset) return std::nullopt;
  FieldOperation operation{.action = *action, .type = *type, .offset = *offset};
  if (*action != Action::kGet) {
    const std::optional<int64_t> number = IntegerArgument(ctx, index + 3);
    if (!number) return std::nullopt;
    operation.number = *number;
  }
  return operation;
}

std::optional<std::vector<FieldOperation>> ParseOperations(Context& ctx) {
  std::vector<FieldOperation> operations;
  BitFieldOverflow overflow = BitFieldOverflow::kWrap;
  size_t i = 2;
  while (i < ctx.args.size()) {
    if (IsWord(ctx.args[i], "overflow") && i + 1 < ctx.args.size()) {
      const std::optional<BitFieldOverflow> named = OverflowArgument(ctx, i + 1);
      if (!named) return std::nullopt;
      overflow = *named;
      i += 2;
      continue;
    }
    std::optional<FieldOperation> operation = OperationArguments(ctx, i);
    if (!operation) return std::nullopt;
    operation->overflow = overflow;
    operations.push_back(*operation);
    i += operation->action == Action::kGet ? 3 : 4;
  }
  return operations;
}

// Bytes a string must have for all that is written. 0: nothing is.
size_t BytesWritten(const std::vector<FieldOperation>& operations) {
  uint64_t bytes = 0;
  for (const FieldOperation& operation : operations) {
    if (operation.action == Action::kGet) continue;
    bytes = std::max<uint64_t>(bytes, (operation.offset + operation.type.bits - 1) / 8 + 1);
  }
  return bytes;
}

void ReadFields(Context& ctx, const std::vector<FieldOperation>& operations) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckString(ctx, ref)) return;
  char scratch[kInt64Chars];
  const std::string_view bytes = ref ? ctx.db().StringOf(*ref, scratch) : "";
  ctx.reply.Array(operations.size());
  for (const FieldOperation& operation : operations) {
    ctx.reply.Integer(values::ReadBitField(bytes, operation.type, operation.offset));
  }
}

enum class Outcome : uint8_t { kSame, kChanged, kRefused };

// Carries out one operation and answers it.
Outcome RunOperation(Context& ctx, const FieldOperation& operation, ChangingString& string) {
  const int64_t old = values::ReadBitField(string.view(), operation.type, operation.offset);
  if (operation.action == Action::kGet) {
    ctx.reply.Integer(old);
    return Outcome::kRefused;
  }
  const bool adds = operation.action == Action::kIncrement;
  const std::optional<int64_t> stored =
      adds ? values::AddToBitField(operation.type, old, operation.number, operation.overflow)
           : values::FitBitField(operation.type, operation.number, operation.overflow);
  if (!stored) {
    ctx.reply.Null();
    return Outcome::kRefused;
  }
  ctx.reply.Integer(adds ? *stored : old);
  if (*stored == old) return Outcome::kSame;
  values::WriteBitField(string.Writable(), operation.type, operation.offset, *stored);
  return Outcome::kChanged;
}

void ChangeFields(Context& ctx, const std::vector<FieldOperation>& operations, size_t bytes) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckString(ctx, ref)) return;
  ChangingString string(ctx, key, ref);
  const bool grown = string.Grow(bytes);
  ctx.reply.Array(operations.size());
  uint64_t changes = 0;
  for (const FieldOperation& operation : operations) {
    const Outcome outcome = RunOperation(ctx, operation, string);
    // A string that has grown is a change, whatever was written into it.
    if (outcome == Outcome::kChanged || (outcome == Outcome::kSame && grown)) ++changes;
  }
  // It has grown even if all that was to be written was refused.
  if (changes > 0 || grown) ctx.MarkDirty(std::max<uint64_t>(changes, 1));
}

}  // namespace

void BitFieldCommand(Context& ctx) {
  const std::optional<std::vector<FieldOperation>> operations = ParseOperations(ctx);
  if (!operations) return;
  const size_t bytes = BytesWritten(*operations);
  if (bytes == 0) {
    ReadFields(ctx, *operations);
  } else {
    ChangeFields(ctx, *operations, bytes);
  }
}

void BitFieldRoCommand(Context& ctx) {
  const std::optional<std::vector<FieldOperation>> operations = ParseOperations(ctx);
  if (!operations) return;
  if (BytesWritten(*operations) > 0) {
    ctx.reply.Error(errors::kBitFieldReadOnly);
    return;
  }
  ReadFields(ctx, *operations);
}

}  // namespace tidemark::commands
