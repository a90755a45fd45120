// The arguments of the commands about the expiry of fields: times, and the fields behind FIELDS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

enum class TimeUnit : uint8_t { kSeconds, kMilliseconds };
enum class TimeBase : uint8_t { kNow, kEpoch };

// The argument as the time at which fields expire, Unix time in milliseconds; it may have passed. Empty after having
// written the error reply.
std::optional<int64_t> FieldDeadlineArgument(Context& ctx, size_t index, TimeUnit unit, TimeBase base);

// The fields of `FIELDS numfields field ...`, with FIELDS expected at `index` and nothing behind them. `bad_count` is
// the error for a number that is none. Empty after having written the error reply.
std::optional<std::span<const std::string_view>> FieldArguments(Context& ctx, size_t index, std::string_view bad_count);

enum class FieldExpiry : uint8_t { kNone, kDeadline, kPersist, kKeep };
enum class Condition : uint8_t { kAlways, kIfAbsent, kIfPresent };

// What HGETEX and HSETEX are asked.
struct FieldOptions {
  FieldExpiry expiry = FieldExpiry::kNone;
  int64_t deadline_ms = 0;                     // of kDeadline, Unix time
  Condition fields = Condition::kAlways;       // FNX: none of the fields exists; FXX: all do
  Condition key = Condition::kAlways;          // NX, XX
  std::span<const std::string_view> elements;  // HGETEX: fields; HSETEX: fields and values in turn
};

enum class FieldGrammar : uint8_t { kGetEx, kSetEx };

// Parses the arguments from the third on. Empty after having written the error reply.
std::optional<FieldOptions> ParseFieldOptions(Context& ctx, FieldGrammar grammar);

}  // namespace tidemark::commands
