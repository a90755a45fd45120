// The options that SET, MSETEX and GETEX share: when the key shall expire, and SET's conditions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "commands/context.h"
#include "commands/string/value_condition.h"

namespace tidemark::commands {

enum class SetCondition : uint8_t { kAlways, kIfAbsent, kIfPresent, kByValue };

enum class ExpiryOption : uint8_t {
  kNone,
  kSeconds,
  kMilliseconds,
  kUnixSeconds,
  kUnixMilliseconds,
  kKeep,     // SET ... KEEPTTL
  kPersist,  // GETEX ... PERSIST
};

struct StringOptions {
  SetCondition condition = SetCondition::kAlways;
  ValueCondition value_condition;  // of kByValue
  bool answer_old_value = false;
  ExpiryOption expiry = ExpiryOption::kNone;
  size_t expiry_index = 0;  // of its number among the arguments, where it has one

  bool has_deadline() const { return expiry_index != 0; }
  keyspace::KeepExpiry keep_expiry() const {
    return expiry == ExpiryOption::kKeep ? keyspace::KeepExpiry::kYes : keyspace::KeepExpiry::kNo;
  }
  bool absolute() const { return expiry == ExpiryOption::kUnixSeconds || expiry == ExpiryOption::kUnixMilliseconds; }
};

enum class OptionGrammar : uint8_t { kSet, kMSetEx, kGetEx };

// Of EX, PX, EXAT and PXAT, which are followed by a number; else kNone.
ExpiryOption DeadlineOption(std::string_view argument);

// Parses the arguments from `first` on. Empty after having written the error reply.
std::optional<StringOptions> ParseStringOptions(Context& ctx, size_t first, OptionGrammar grammar);

// When a key with this option expires, Unix time in milliseconds. Empty after having written the error reply.
std::optional<int64_t> DeadlineOf(Context& ctx, ExpiryOption option, size_t index);

}  // namespace tidemark::commands
