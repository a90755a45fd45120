// Reads commands as the append-only file has them, from any source:
//
//   log        = *( command / annotation )
//   command    = "*" count CRLF count*( "$" length CRLF bytes CRLF )    ; count >= 1, both in plain decimal digits
//   annotation = "#" text [CR] LF                                       ; kMaxAnnotationBytes in all
//
// An RDB file may stand in front of it in the same stream: what RdbReader took from the source and did not use
// (RdbReader::rest) is handed over as `prefix`. Nothing that is read is believed: the buffer, which holds one command,
// grows as bytes come and not by what a length promises. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "formats/byte_stream.h"

namespace tidemark::formats {

class CommandReader {
 public:
  struct Options {
    // proto-max-bulk-len may have been anything when the file was written.
    uint64_t max_word_bytes = uint64_t{1} << 36;
    uint64_t max_words = INT32_MAX;
    uint64_t max_command_bytes = uint64_t{1} << 36;
    // Where in the file the first byte (of `prefix`, if there is one) stands.
    uint64_t offset = 0;
    // Bytes in front of those of the source; copied.
    std::string_view prefix = {};
  };

  static constexpr size_t kMaxAnnotationBytes = 1024;
  static constexpr size_t kBufferBytes = size_t{64} << 10;

  enum class Item : uint8_t {
    kCommand,
    kAnnotation,
    kEnd,        // behind a whole item
    kTruncated,  // the source ends within an item; what is there of it could be its beginning
    kMalformed,  // a byte that cannot be where it is, or a number beyond its bound
    kFailed,     // the source could not be read: status()
  };

  CommandReader(ByteSource& source, const Options& options);

  // The last four end the reading.
  Item Next();

  // Of a command. The views stay until the next call.
  std::span<const std::string_view> words() const { return words_; }
  // The text behind "#", without the line end. Stays until the next call.
  std::string_view annotation() const { return annotation_; }

  // Offsets in the file of the item's first byte and of the byte behind it; of an item that is not whole, how far it
  // was looked at. At kEnd both are where the file ends.
  uint64_t begin_offset() const { return buffer_offset_ + begin_; }
  uint64_t end_offset() const { return buffer_offset_ + at_; }
  // Line ends that belong to commands up to there (those within words do not).
  uint64_t command_lines() const { return command_lines_; }

  // What was expected, and where: "Expected prefix '$', got: 'x', at offset 12". After kTruncated and kMalformed.
  std::string error() const;
  // The same in two parts.
  const std::string& problem() const { return problem_; }
  uint64_t problem_offset() const { return problem_offset_; }
  // The source's error, after kFailed; else ok.
  const Status& status() const { return status_; }

 private:
  Item ReadCommand();
  Item ReadAnnotation();
  // Reads the digits and the line end of a head; `at_` is behind its first character.
  bool ReadNumber(uint64_t max, uint64_t& number);
  bool ReadWord();
  bool ExpectPrefix(char wanted);
  bool ExpectLineEnd();
  // Whether `count` bytes from at_ on are in the buffer, after having read them if need be.
  bool Have(size_t count) { return end_ - at_ >= count || Fill(count); }
  bool Fill(size_t count);
  void Relocate(size_t capacity);
  // Both answer false.
  bool Malformed(std::string expected, uint64_t offset);
  bool Truncated(std::string expected, std::optional<uint64_t> offset = {});

  ByteSource& source_;
  const Options options_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;  // of the item
  size_t at_ = 0;     // up to where it was looked at
  size_t end_ = 0;    // of what was read
  uint64_t buffer_offset_ = 0;
  uint64_t command_lines_ = 0;
  std::vector<std::string_view> words_;
  std::string_view annotation_;
  Item ended_ = Item::kCommand;  // how the reading ended, once it has
  std::string problem_;
  uint64_t problem_offset_ = 0;
  Status status_;
};

}  // namespace tidemark::formats
