// Byte streams in memory, for tests of what reads and writes files.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/byte_stream.h"

namespace tidemark::formats {

class StringSink : public ByteSink {
 public:
  Status Write(std::string_view bytes) override {
    if (text.size() + bytes.size() > room) return Status::NoSpace("full");
    text.append(bytes);
    return Status::Ok();
  }
  std::string text;
  size_t room = SIZE_MAX;
};

// Gives at most `piece` bytes at a time.
class StringSource : public ByteSource {
 public:
  explicit StringSource(std::string_view text, size_t piece = SIZE_MAX) : text_(text), piece_(piece) {}
  Result<size_t> Read(char* to, size_t room) override {
    const size_t bytes = std::min({room, piece_, text_.size()});
    text_.copy(to, bytes);
    text_.remove_prefix(bytes);
    return bytes;
  }

 private:
  std::string_view text_;
  const size_t piece_;
};

}  // namespace tidemark::formats
