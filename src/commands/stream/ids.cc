#include "commands/stream/ids.h"

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/numbers.h"
#include "commands/errors.h"

namespace tidemark::commands {

using values::StreamId;

namespace {

// Redis looks at so many bytes of an ID, and at none behind a zero byte.
constexpr size_t kIdBytesMax = 127;
constexpr size_t kSafeDigits = 19;  // always fit in 64 bits

// More than decimal digits is read as strtoull reads it, as Redis does: blanks in front, a sign, no negative numbers
// but those with zeros in front.
std::optional<uint64_t> ParseUnusualNumber(std::string_view text) {
  const bool negative = text.size() >= 2 && text[0] == '-' && text[1] >= '1' && text[1] <= '9';
  if (text.empty() || (negative && ParseInt64(text))) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(copy.c_str(), &end, 10);
  if (errno != 0 || end != copy.c_str() + copy.size()) return std::nullopt;
  return value;
}

std::optional<uint64_t> ParseNumber(std::string_view text) {
  if (text.empty() || text.size() > kSafeDigits) return ParseUnusualNumber(text);
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return ParseUnusualNumber(text);
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

enum class AutoSeq : uint8_t { kRefused, kAllowed };

std::optional<RequestedId> Parse(std::string_view text, uint64_t missing_seq, AutoSeq auto_seq) {
  if (text.size() > kIdBytesMax) return std::nullopt;
  text = text.substr(0, text.find('\0'));
  const size_t dash = text.find('-');
  RequestedId requested;
  const std::optional<uint64_t> ms = ParseNumber(text.substr(0, dash));
  if (!ms) return std::nullopt;
  requested.id = {*ms, missing_seq};
  if (dash == std::string_view::npos) return requested;
  const std::string_view rest = text.substr(dash + 1);
  if (auto_seq == AutoSeq::kAllowed && rest == "*") {
    requested.id.seq = 0;
    requested.seq_given = false;
    return requested;
  }
  const std::optional<uint64_t> seq = ParseNumber(rest);
  if (!seq) return std::nullopt;
  requested.id.seq = *seq;
  return requested;
}

std::optional<StreamId> ParseEdge(std::string_view text, uint64_t missing_seq) {
  if (text == "-") return StreamId{};
  if (text == "+") return StreamId::Max();
  return ParseStreamId(text, missing_seq);
}

template <typename Id>
std::optional<Id> OrError(Context& ctx, const std::optional<Id>& id) {
  if (!id) ctx.reply.Error(errors::kInvalidStreamId);
  return id;
}

}  // namespace

std::optional<StreamId> ParseStreamId(std::string_view text, uint64_t missing_seq) {
  const std::optional<RequestedId> parsed = Parse(text, missing_seq, AutoSeq::kRefused);
  if (!parsed) return std::nullopt;
  return parsed->id;
}

std::optional<RequestedId> ParseRequestedId(std::string_view text) {
  return Parse(text, 0, AutoSeq::kAllowed);
}

std::optional<StreamId> StreamIdArgument(Context& ctx, size_t index) {
  return OrError(ctx, ParseStreamId(ctx.args[index]));
}

std::optional<StreamId> EdgeIdArgument(Context& ctx, size_t index, uint64_t missing_seq) {
  return OrError(ctx, ParseEdge(ctx.args[index], missing_seq));
}

std::optional<StreamId> RangeArgument(Context& ctx, size_t index, RangeEnd end) {
  const std::string_view text = ctx.args[index];
  const uint64_t missing_seq = end == RangeEnd::kStart ? 0 : UINT64_MAX;
  if (text.size() < 2 || text[0] != '(') return EdgeIdArgument(ctx, index, missing_seq);
  const std::optional<StreamId> id = OrError(ctx, ParseStreamId(text.substr(1), missing_seq));
  if (!id) return std::nullopt;
  const std::optional<StreamId> inwards = end == RangeEnd::kStart ? id->Next() : id->Previous();
  if (!inwards) {
    ctx.reply.Error(end == RangeEnd::kStart ? errors::kInvalidRangeStart : errors::kInvalidRangeEnd);
  }
  return inwards;
}

std::optional<std::vector<StreamId>> StreamIdArguments(Context& ctx, size_t first, size_t last) {
  std::vector<StreamId> ids;
  ids.reserve(last - first);
  for (size_t i = first; i < last; ++i) {
    const std::optional<StreamId> id = StreamIdArgument(ctx, i);
    if (!id) return std::nullopt;
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace tidemark::commands
