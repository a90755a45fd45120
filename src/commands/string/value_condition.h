// Conditions on the string that a key holds: IFEQ and IFNE compare it, IFDEQ and IFDNE its digest (SET, DELEX).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "commands/context.h"
#include "keyspace/database.h"

namespace tidemark::commands {

struct ValueCondition {
  enum class Kind : uint8_t { kEqual, kNotEqual, kDigestEqual, kDigestNotEqual } kind = Kind::kEqual;
  std::string_view operand = {};

  // Whether it holds where there is no string to compare with.
  bool HoldsForMissing() const { return kind == Kind::kNotEqual || kind == Kind::kDigestNotEqual; }
};

// Of the words IFEQ, IFNE, IFDEQ and IFDNE.
std::optional<ValueCondition::Kind> ValueConditionKind(std::string_view word);

// Whether it holds for a string. Empty after having written the error reply: the operand is no digest.
std::optional<bool> Holds(Context& ctx, const ValueCondition& condition, const keyspace::Entry& entry);

// XXH3 with 64 bits as 16 hexadecimal digits.
std::string DigestText(std::string_view bytes);

}  // namespace tidemark::commands
