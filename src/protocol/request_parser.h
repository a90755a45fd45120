// Requests out of the bytes a client sends: multibulk arrays and inline lines.
//
//   request   = multibulk / inline
//   multibulk = "*" count CRLF count*( "$" length CRLF bytes CRLF )     ; count <= 0: nothing at all
//   inline    = words [CR] LF                                           ; quoted as in a configuration file
//
// Parses in batches without copying: arguments are views into the caller's bytes (an inline line with quotes is the
// exception: its words are kept by the batch). What is left incomplete is remembered as offsets, so that a large
// request that trickles in is never parsed twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::protocol {

struct Request {
  uint32_t first_arg = 0;  // index into RequestBatch::args
  uint32_t arg_count = 0;
  uint32_t begin = 0;  // offset of the request's first byte in the parsed bytes
};

struct RequestBatch {
  std::vector<std::string_view> args;
  std::vector<Request> requests;
  std::deque<std::string> words;  // of inline requests with quotes

  void Clear() {
    args.clear();
    requests.clear();
    words.clear();
  }
};

struct ParserLimits {
  uint64_t max_bulk_bytes = uint64_t{512} << 20;
  // Before authentication a client may send only little.
  bool authenticated = true;
};

class RequestParser {
 public:
  static constexpr size_t kMaxInlineBytes = 64 * 1024;
  static constexpr int64_t kMaxArguments = INT32_MAX;
  static constexpr int64_t kMaxArgumentsUnauthenticated = 10;
  static constexpr int64_t kMaxBulkBytesUnauthenticated = 16384;

  // Parses up to `max_requests` complete requests at the front of `bytes` and appends them to `batch`. Returns how many
  // bytes are done with: the caller drops them before the next call, and keeps the rest in front of what comes next.
  // After an error `error()` says what to answer ("Protocol error: ..."), and the connection is to be closed.
  size_t Parse(std::string_view bytes, const ParserLimits& limits, size_t max_requests, RequestBatch& batch);

  bool failed() const { return !error_.empty(); }
  const std::string& error() const { return error_; }
  // How many more bytes the request under way needs at least; 0 if not known.
  size_t missing_bytes() const { return missing_bytes_; }
  // Bytes of bookkeeping for the request under way.
  size_t memory_bytes() const { return partial_.capacity() * sizeof(Span); }

 private:
  struct Span {
    size_t offset;
    size_t bytes;
  };
  enum class Outcome : uint8_t { kComplete, kIncomplete, kFailed };

  Outcome ParseMultibulk(std::string_view bytes, const ParserLimits& limits, RequestBatch& batch);
  Outcome ParseInline(std::string_view bytes, RequestBatch& batch);
  Outcome Fail(std::string message);

  // Of the request under way; offsets count from its first byte.
  bool in_multibulk_ = false;
  int64_t remaining_args_ = 0;
  int64_t bulk_bytes_ = -1;  // length of the argument under way, -1 before its header
  size_t position_ = 0;
  std::vector<Span> partial_;
  size_t missing_bytes_ = 0;
  std::string error_;
};

}  // namespace tidemark::protocol
