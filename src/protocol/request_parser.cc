#include "protocol/request_parser.h"

#include <cstring>
#include <optional>
#include <utility>

#include "base/numbers.h"
#include "base/quoting.h"

namespace tidemark::protocol {
namespace {

// The number of a header line "*<n>\r\n" or "$<n>\r\n" whose first byte is at `at`. Moves `at` past the line.
enum class Header : uint8_t { kOk, kIncomplete, kTooLong, kBad };

Header ReadHeader(std::string_view bytes, size_t& at, int64_t& value) {
  // One or two digits cover nearly every header.
  const char* p = bytes.data() + at + 1;
  const char* const end = bytes.data() + bytes.size();
  if (end - p >= 3 && p[0] >= '0' && p[0] <= '9' && p[1] == '\r') {
    value = p[0] - '0';
    at += 4;
    return Header::kOk;
  }
  if (end - p >= 4 && p[0] >= '1' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' && p[2] == '\r') {
    value = (p[0] - '0') * 10 + (p[1] - '0');
    at += 5;
    return Header::kOk;
  }
  if (p > end) return Header::kIncomplete;
  const auto* cr = static_cast<const char*>(std::memchr(p, '\r', static_cast<size_t>(end - p)));
  if (cr == nullptr) {
    return static_cast<size_t>(end - p) + 1 > RequestParser::kMaxInlineBytes ? Header::kTooLong : Header::kIncomplete;
  }
  if (cr + 1 >= end) return Header::kIncomplete;
  const std::optional<int64_t> parsed = ParseInt64({p, static_cast<size_t>(cr - p)});
  if (!parsed) return Header::kBad;
  value = *parsed;
  at = static_cast<size_t>(cr - bytes.data()) + 2;
  return Header::kOk;
}

}  // namespace

RequestParser::Outcome RequestParser::Fail(std::string message) {
  error_ = "Protocol error: " + std::move(message);
  return Outcome::kFailed;
}

size_t RequestParser::Parse(std::string_view bytes, const ParserLimits& limits, size_t max_requests,
                            RequestBatch& batch) {
  size_t done = 0;
  missing_bytes_ = 0;
  while (done < bytes.size() && max_requests > 0) {
    const std::string_view rest = bytes.substr(done);
    const size_t requests_before = batch.requests.size();
    const Outcome outcome =
        in_multibulk_ || rest[0] == '*' ? ParseMultibulk(rest, limits, batch) : ParseInline(rest, batch);
    if (outcome != Outcome::kComplete) break;
    if (batch.requests.size() > requests_before) {
      batch.requests.back().begin = static_cast<uint32_t>(done);
      --max_requests;
    }
    done += position_;
    position_ = 0;
  }
  return done;
}

RequestParser::Outcome RequestParser::ParseInline(std::string_view bytes, RequestBatch& batch) {
  const size_t newline = bytes.find('\n');
  // A line with a NUL byte in it has no end, as with servers that look for the end of a C string.
  if (newline == std::string_view::npos || bytes.substr(0, newline).find('\0') != std::string_view::npos) {
    return bytes.size() > kMaxInlineBytes ? Fail("too big inline request") : Outcome::kIncomplete;
  }
  std::string_view line = bytes.substr(0, newline);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  position_ = newline + 1;
  std::optional<std::vector<std::string>> words = SplitWords(line);
  if (!words) return Fail("unbalanced quotes in request");
  if (words->empty()) return Outcome::kComplete;
  Request request{static_cast<uint32_t>(batch.args.size()), static_cast<uint32_t>(words->size()), 0};
  for (std::string& word : *words) batch.args.push_back(batch.words.emplace_back(std::move(word)));
  batch.requests.push_back(request);
  return Outcome::kComplete;
}

RequestParser::Outcome RequestParser::ParseMultibulk(std::string_view bytes, const ParserLimits& limits,
                                                     RequestBatch& batch) {
  if (!in_multibulk_) {
    size_t at = 0;
    int64_t count = 0;
    switch (ReadHeader(bytes, at, count)) {
      case Header::kIncomplete:
        return Outcome::kIncomplete;
      case Header::kTooLong:
        return Fail("too big mbulk count string");
      case Header::kBad:
        return Fail("invalid multibulk length");
      case Header::kOk:
        break;
    }
    if (count > kMaxArguments) return Fail("invalid multibulk length");
    if (count > kMaxArgumentsUnauthenticated && !limits.authenticated) {
      return Fail("unauthenticated multibulk length");
    }
    position_ = at;
    if (count <= 0) return Outcome::kComplete;
    in_multibulk_ = true;
    remaining_args_ = count;
    bulk_bytes_ = -1;
  }

  // Arguments go straight into the batch, but for those of a request that earlier calls have begun: they join its
  // others and are handed over together, so that a request of very many arguments is not copied once for each piece of
  // it.
  const size_t args_before = batch.args.size();
  const bool begun_before = !partial_.empty();
  size_t at = position_;
  Outcome outcome = Outcome::kComplete;
  while (remaining_args_ > 0) {
    if (bulk_bytes_ < 0) {
      if (at >= bytes.size()) {
        outcome = Outcome::kIncomplete;
        break;
      }
      if (bytes[at] != '$') {
        outcome = Fail(std::string("expected '$', got '") + bytes[at] + "'");
        break;
      }
      int64_t length = 0;
      const Header header = ReadHeader(bytes, at, length);
      if (header == Header::kIncomplete) {
        outcome = Outcome::kIncomplete;
        break;
      }
      if (header == Header::kTooLong) {
        outcome = Fail("too big bulk count string");
        break;
      }
      if (header == Header::kBad || length < 0 || static_cast<uint64_t>(length) > limits.max_bulk_bytes) {
        outcome = Fail("invalid bulk length");
        break;
      }
      if (length > kMaxBulkBytesUnauthenticated && !limits.authenticated) {
        outcome = Fail("unauthenticated bulk length");
        break;
      }
      bulk_bytes_ = length;
    }
    const size_t needed = static_cast<size_t>(bulk_bytes_) + 2;
    if (bytes.size() - at < needed) {
      missing_bytes_ = needed - (bytes.size() - at);
      outcome = Outcome::kIncomplete;
      break;
    }
    const auto length = static_cast<size_t>(bulk_bytes_);
    if (begun_before) {
      partial_.push_back({at, length});
    } else {
      batch.args.push_back(bytes.substr(at, length));
    }
    at += needed;
    bulk_bytes_ = -1;
    --remaining_args_;
  }
  position_ = at;
  if (outcome == Outcome::kComplete) {
    in_multibulk_ = false;
    for (const Span& span : partial_) batch.args.push_back(bytes.substr(span.offset, span.bytes));
    if (begun_before) std::vector<Span>().swap(partial_);
    batch.requests.push_back(
        {static_cast<uint32_t>(args_before), static_cast<uint32_t>(batch.args.size() - args_before), 0});
    return outcome;
  }
  for (size_t i = args_before; i < batch.args.size(); ++i) {
    partial_.push_back({static_cast<size_t>(batch.args[i].data() - bytes.data()), batch.args[i].size()});
  }
  batch.args.resize(args_before);
  return outcome;
}

}  // namespace tidemark::protocol
