#include "server/value_type.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/numbers.h"
#include "base/quoting.h"

namespace tidemark::server {
namespace {

std::string InOctal(uint64_t value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value, 8).ptr;
  return {digits, end};
}

// The largest unit that divides the value: "64mb".
std::string WithUnit(uint64_t bytes) {
  struct Named {
    uint64_t bytes;
    std::string_view name;
  };
  for (const auto& [unit, name] : {Named{1 << 30, "gb"}, Named{1 << 20, "mb"}, Named{1 << 10, "kb"}}) {
    if (bytes != 0 && bytes % unit == 0) return std::to_string(bytes / unit) + std::string(name);
  }
  return std::to_string(bytes);
}

}  // namespace

Result<std::string> OneWordType::Parse(const GivenValue& given) const {
  if (given.words.size() != 1) return Status::InvalidArgument("wrong number of arguments");
  return ParseWord(given.words[0]);
}

Result<std::string> BoolType::ParseWord(const std::string& word) const {
  if (SameWord(word, "yes")) return std::string("yes");
  if (SameWord(word, "no")) return std::string("no");
  return Status::InvalidArgument("argument must be 'yes' or 'no'");
}

Status NumberType::OutOfBounds() const {
  const auto show = [&](uint64_t bound) { return unit_ == Unit::kOctal ? InOctal(bound) : std::to_string(bound); };
  const std::string low = bounds_.low < 0 ? std::to_string(bounds_.low) : show(static_cast<uint64_t>(bounds_.low));
  return Status::InvalidArgument("argument must be between " + low + " and " + show(bounds_.high) + " inclusive" +
                                 (bounds_.or_zero ? ", or 0" : ""));
}

Result<std::string> NumberType::ParseWord(const std::string& word) const {
  if (unit_ == Unit::kMemory) {
    const bool negative = bounds_.low < 0 && word.starts_with('-');
    const std::optional<uint64_t> bytes = ParseMemory(negative ? std::string_view(word).substr(1) : word);
    if (!bytes) return Status::InvalidArgument("argument must be a memory value");
    const bool inside =
        negative ? *bytes <= uint64_t{0} - static_cast<uint64_t>(bounds_.low)
                 : *bytes <= bounds_.high && (bounds_.low < 0 || *bytes >= static_cast<uint64_t>(bounds_.low));
    if (!inside && !(bounds_.or_zero && *bytes == 0)) return OutOfBounds();
    return (negative && *bytes != 0 ? "-" : "") + std::to_string(*bytes);
  }
  if (unit_ == Unit::kOctal) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 8);
    if (error != std::errc() || end != word.data() + word.size()) {
      return Status::InvalidArgument("argument couldn't be parsed as an octal number");
    }
    if (value > bounds_.high) return OutOfBounds();
    return InOctal(value);
  }
  std::string_view digits = word;
  if (unit_ == Unit::kPercent && digits.ends_with('%')) digits.remove_suffix(1);
  if (const std::optional<int64_t> value = ParseInt64(digits)) {
    if (*value < bounds_.low || (*value >= 0 && static_cast<uint64_t>(*value) > bounds_.high)) return OutOfBounds();
    return std::to_string(*value);
  }
  if (const std::optional<uint64_t> value = ParseUint64(digits)) {
    if (*value > bounds_.high) return OutOfBounds();
    return std::to_string(*value);
  }
  return Status::InvalidArgument("argument couldn't be parsed into an integer");
}

std::vector<std::string> NumberType::FileForms(const std::string& value) const {
  if (unit_ != Unit::kMemory) return {value};
  const std::optional<uint64_t> bytes = ParseUint64(value);
  return {bytes ? WithUnit(*bytes) : value};
}

Result<std::string> ClampedType::ParseWord(const std::string& word) const {
  const std::optional<int64_t> value = ParseInt64(word);
  if (!value) return Status::InvalidArgument("argument couldn't be parsed into an integer");
  if (*value < 0 || *value > INT32_MAX) {
    return Status::InvalidArgument("argument must be between 0 and 2147483647 inclusive");
  }
  return std::to_string(std::clamp(*value, low_, high_));
}

Result<std::string> MemoryOrPercentType::ParseWord(const std::string& word) const {
  const Status neither = Status::InvalidArgument("argument must be a memory or percent value");
  if (word.ends_with('%')) {
    const std::optional<uint64_t> share = ParseUint64(std::string_view(word).substr(0, word.size() - 1));
    if (!share) return neither;
    if (*share > 100) return Status::InvalidArgument("percentage argument must be less or equal to 100");
    return *share == 0 ? std::string("0") : word;
  }
  const std::optional<uint64_t> bytes = ParseMemory(word);
  if (!bytes) return neither;
  return std::to_string(*bytes);
}

size_t ChoiceType::IndexOf(std::string_view value) const {
  const auto at = std::ranges::find(names_, value);
  TIDEMARK_CHECK(at != names_.end());
  return static_cast<size_t>(at - names_.begin());
}

Result<std::string> ChoiceType::ParseWord(const std::string& word) const {
  for (const std::string_view name : names_) {
    if (SameWord(name, word)) return std::string(name);
  }
  if (!synonym_.word.empty() && SameWord(synonym_.word, word)) return std::string(synonym_.name);
  return NotAmong(names_);
}

Status NotAmong(std::span<const std::string_view> names) {
  std::string text = "argument(s) must be one of the following: ";
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += ", ";
    text += names[i];
  }
  return Status::InvalidArgument(std::move(text));
}

Result<std::string> TextType::ParseWord(const std::string& word) const {
  if (check_ != nullptr) {
    if (const std::string_view problem = check_(word); !problem.empty()) {
      return Status::InvalidArgument(std::string(problem));
    }
  }
  return word;
}

std::vector<std::string> TextType::FileForms(const std::string& value) const {
  return {QuoteWord(value)};
}

}  // namespace tidemark::server
