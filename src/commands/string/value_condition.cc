#include "commands/string/value_condition.h"

#include <algorithm>
#include <cstdio>

#include "base/numbers.h"
#include "base/xxh3.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

constexpr size_t kDigestChars = 16;

bool IsDigest(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return text.size() == kDigestChars &&
         std::ranges::all_of(text, [&](char c) { return kDigits.find(ToLower(c)) != std::string_view::npos; });
}

}  // namespace

std::optional<ValueCondition::Kind> ValueConditionKind(std::string_view word) {
  using Kind = ValueCondition::Kind;
  if (IsWord(word, "ifeq")) return Kind::kEqual;
  if (IsWord(word, "ifne")) return Kind::kNotEqual;
  if (IsWord(word, "ifdeq")) return Kind::kDigestEqual;
  if (IsWord(word, "ifdne")) return Kind::kDigestNotEqual;
  return std::nullopt;
}

std::optional<bool> Holds(Context& ctx, const ValueCondition& condition, const keyspace::Entry& entry) {
  using Kind = ValueCondition::Kind;
  char scratch[kInt64Chars];
  const std::string_view value = entry.StringView(scratch);
  if (condition.kind == Kind::kEqual) return value == condition.operand;
  if (condition.kind == Kind::kNotEqual) return value != condition.operand;
  if (!IsDigest(condition.operand)) {
    ctx.reply.Error(errors::kNotDigest);
    return std::nullopt;
  }
  return (DigestText(value) == Lower(condition.operand)) == (condition.kind == Kind::kDigestEqual);
}

std::string DigestText(std::string_view bytes) {
  char text[kDigestChars + 1];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(Xxh3(bytes)));
  return text;
}

}  // namespace tidemark::commands
