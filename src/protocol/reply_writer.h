// Writes replies in RESP2 or RESP3. Where RESP2 lacks a type, the older form that RESP2 clients know is sent.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "protocol/output_buffer.h"

namespace tidemark::protocol {

enum class RespVersion : uint8_t { kResp2 = 2, kResp3 = 3 };

// Hears of each error reply, for the counters.
class ErrorObserver {
 public:
  virtual ~ErrorObserver() = default;
  // `text` as sent, without the leading dash.
  virtual void OnErrorReply(std::string_view text) = 0;
};

class ReplyWriter {
 public:
  ReplyWriter(OutputBuffer& out, RespVersion version, ErrorObserver* observer = nullptr)
      : out_(&out), version_(version), observer_(observer) {}

  RespVersion version() const { return version_; }
  void set_version(RespVersion version) { version_ = version; }
  bool resp3() const { return version_ == RespVersion::kResp3; }
  // Writes to `out` from here on, until it is told otherwise; answers where it wrote before.
  OutputBuffer& Redirect(OutputBuffer& out) { return *std::exchange(out_, &out); }
  // While muted nothing is sent (CLIENT REPLY OFF and SKIP); errors are still counted.
  void set_muted(bool muted) { muted_ = muted; }

  void Ok() { Raw("+OK\r\n"); }
  void Simple(std::string_view text);
  // `text` starts with its code: "ERR syntax error". Line breaks inside become spaces.
  void Error(std::string_view text);
  void Integer(int64_t value);
  void Bulk(std::string_view bytes);
  // The decimal text of `value` as a bulk string.
  void BulkInteger(int64_t value);
  void Null();                                                       // RESP2 null bulk
  void NullArray();                                                  // RESP2 null array
  void Bool(bool value);                                             // RESP2: 1 or 0
  void Double(double value);                                         // RESP2: bulk
  void Verbatim(std::string_view extension, std::string_view text);  // RESP2: bulk; three-letter extension
  // Headers; as many elements (pairs, for a map) must follow.
  void Array(size_t count) { Header('*', count); }
  void Map(size_t pairs);   // RESP2: an array of twice as many
  void Set(size_t count);   // RESP2: an array
  void Push(size_t count);  // RESP2: an array
  void Raw(std::string_view bytes) {
    if (!muted_) out_->Append(bytes);
  }

  // Errors written by this writer so far.
  uint64_t error_count() const { return error_count_; }

 private:
  void Header(char type, size_t count);

  OutputBuffer* out_;
  RespVersion version_;
  bool muted_ = false;
  ErrorObserver* observer_;
  uint64_t error_count_ = 0;
};

}  // namespace tidemark::protocol
