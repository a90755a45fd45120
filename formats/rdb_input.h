// What an RDB reader reads from: a buffer in front of a source, which knows the offset and the checksum of what has
// been taken. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/byte_stream.h"

namespace tidemark::formats {

class RdbInput {
 public:
  enum class Checksum : bool { kSkip, kCompute };
  static constexpr size_t kBufferBytes = 64 * 1024;

  RdbInput(ByteSource& source, Checksum checksum);

  // The next bytes, at most kBufferBytes; they stay until the next call. kCorruption where the source ends before.
  Result<std::string_view> Take(size_t count) {
    if (end_ - begin_ < count) {
      if (Status filled = Fill(count); !filled.ok()) return filled;
    }
    const std::string_view taken(buffer_.get() + begin_, count);
    begin_ += count;
    return taken;
  }
  // Appends the next bytes to `out`. Takes no more memory than there are bytes.
  Status Copy(uint64_t count, std::string& out);

  // Bytes taken so far.
  uint64_t offset() const { return buffer_offset_ + begin_; }
  // CRC-64 of all of them; 0 if it is skipped.
  uint64_t Crc();
  // What was read from the source and not taken.
  std::string_view rest() const { return {buffer_.get() + begin_, end_ - begin_}; }

 private:
  // Brings at least `count` bytes into the buffer.
  Status Fill(size_t count);

  ByteSource& source_;
  const Checksum checksum_;
  std::unique_ptr<char[]> buffer_;
  size_t begin_ = 0;  // of what is not taken
  size_t end_ = 0;
  size_t summed_ = 0;  // up to where `crc_` covers the buffer
  uint64_t buffer_offset_ = 0;
  uint64_t crc_ = 0;
};

}  // namespace tidemark::formats
