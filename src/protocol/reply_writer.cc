#include "protocol/reply_writer.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/numbers.h"

namespace tidemark::protocol {

void ReplyWriter::Header(char type, size_t count) {
  if (muted_) return;
  char* const start = out_->Reserve(32);
  char* p = start;
  *p++ = type;
  p = std::to_chars(p, start + 28, count).ptr;
  *p++ = '\r';
  *p++ = '\n';
  out_->Commit(static_cast<size_t>(p - start));
}

void ReplyWriter::Simple(std::string_view text) {
  Raw("+");
  Raw(text);
  Raw("\r\n");
}

void ReplyWriter::Error(std::string_view text) {
  ++error_count_;
  if (observer_ != nullptr) observer_->OnErrorReply(text);
  std::string line(text);
  std::replace(line.begin(), line.end(), '\r', ' ');
  std::replace(line.begin(), line.end(), '\n', ' ');
  Raw("-");
  Raw(line);
  Raw("\r\n");
}

void ReplyWriter::Integer(int64_t value) {
  if (muted_) return;
  char* const start = out_->Reserve(32);
  char* p = start;
  *p++ = ':';
  p = std::to_chars(p, start + 28, value).ptr;
  *p++ = '\r';
  *p++ = '\n';
  out_->Commit(static_cast<size_t>(p - start));
}

void ReplyWriter::Bulk(std::string_view bytes) {
  Header('$', bytes.size());
  Raw(bytes);
  Raw("\r\n");
}

void ReplyWriter::BulkInteger(int64_t value) {
  char scratch[kInt64Chars];
  Bulk(FormatInt64(value, scratch));
}

void ReplyWriter::Null() {
  Raw(resp3() ? "_\r\n" : "$-1\r\n");
}

void ReplyWriter::NullArray() {
  Raw(resp3() ? "_\r\n" : "*-1\r\n");
}

void ReplyWriter::Bool(bool value) {
  if (resp3()) {
    Raw(value ? "#t\r\n" : "#f\r\n");
  } else {
    Integer(value ? 1 : 0);
  }
}

void ReplyWriter::Double(double value) {
  char scratch[kDoubleChars];
  const std::string_view text = FormatDouble(value, scratch);
  if (!resp3()) {
    Bulk(text);
    return;
  }
  Raw(",");
  Raw(text);
  Raw("\r\n");
}

void ReplyWriter::Verbatim(std::string_view extension, std::string_view text) {
  if (!resp3()) {
    Bulk(text);
    return;
  }
  Header('=', extension.size() + 1 + text.size());
  Raw(extension);
  Raw(":");
  Raw(text);
  Raw("\r\n");
}

void ReplyWriter::Map(size_t pairs) {
  resp3() ? Header('%', pairs) : Header('*', pairs * 2);
}

void ReplyWriter::Set(size_t count) {
  Header(resp3() ? '~' : '*', count);
}

void ReplyWriter::Push(size_t count) {
  Header(resp3() ? '>' : '*', count);
}

}  // namespace tidemark::protocol
