#include "formats/command_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tidemark::formats {
namespace {

// What a large command has made larger is not kept.
constexpr size_t kKeptBytes = size_t{1} << 20;
constexpr size_t kKeptWords = size_t{1} << 16;

std::string HexOf(char byte) {
  constexpr char kDigits[] = "0123456789abcdef";
  const auto value = static_cast<uint8_t>(byte);
  return {kDigits[value >> 4], kDigits[value & 15]};
}

std::string Named(char byte) {
  return byte > ' ' && byte < 0x7f ? std::string{'\'', byte, '\''} : "0x" + HexOf(byte);
}

}  // namespace

CommandReader::CommandReader(ByteSource& source, const Options& options)
    : source_(source),
      options_(options),
      capacity_(std::max(kBufferBytes, options.prefix.size())),
      end_(options.prefix.size()),
      buffer_offset_(options.offset) {
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
  options.prefix.copy(buffer_.get(), options.prefix.size());
}

CommandReader::Item CommandReader::Next() {
  if (ended_ != Item::kCommand) return ended_;
  begin_ = at_;
  words_.clear();
  if (words_.capacity() > kKeptWords) words_.shrink_to_fit();
  annotation_ = {};
  if (!Have(1)) {
    if (status_.ok()) ended_ = Item::kEnd;
    return ended_;
  }
  switch (buffer_[at_]) {
    case '*':
      return ReadCommand();
    case '#':
      return ReadAnnotation();
    default:
      ExpectPrefix('*');
      return ended_;
  }
}

CommandReader::Item CommandReader::ReadCommand() {
  const uint64_t head_offset = end_offset();
  ++at_;
  uint64_t count = 0;
  if (!ReadNumber(options_.max_words, count)) return ended_;
  if (count == 0) {
    Malformed("Expected a command, got one without words", head_offset);
    return ended_;
  }
  ++command_lines_;
  for (; count > 0; --count) {
    if (!ReadWord()) return ended_;
  }
  return Item::kCommand;
}

bool CommandReader::ReadWord() {
  if (!ExpectPrefix('$')) return false;
  const uint64_t number_offset = end_offset();
  uint64_t length = 0;
  if (!ReadNumber(options_.max_word_bytes, length)) return false;
  if (length > options_.max_command_bytes - std::min<uint64_t>(at_ - begin_, options_.max_command_bytes)) {
    return Malformed("Expected a command of at most " + std::to_string(options_.max_command_bytes) + " bytes",
                     number_offset);
  }
  ++command_lines_;
  if (!Have(length + 2) && !status_.ok()) return false;
  const size_t there = end_ - at_;
  if (there < length) {
    const uint64_t offset = end_offset();
    at_ = end_;
    return Truncated(
        "Expected to read " + std::to_string(length + 2) + " bytes, got " + std::to_string(there) + " bytes", offset);
  }
  words_.emplace_back(buffer_.get() + at_, length);
  at_ += length;
  if (!ExpectLineEnd()) return false;
  ++command_lines_;
  return true;
}

bool CommandReader::ReadNumber(uint64_t max, uint64_t& number) {
  const uint64_t number_offset = end_offset();
  for (uint64_t value = 0;; ++at_) {
    if (!Have(1)) return Truncated("Expected a number, got the end of the file");
    const char c = buffer_[at_];
    const bool first = end_offset() == number_offset;
    if (c < '0' || c > '9') {
      if (first) return Malformed("Expected a number, got: " + Named(c), number_offset);
      number = value;
      return ExpectLineEnd();
    }
    const auto digit = static_cast<uint64_t>(c - '0');
    if (!first && value == 0) return Malformed("Expected a number without zeros in front", number_offset);
    if (digit > max || value > (max - digit) / 10) {
      return Malformed("Expected a number of at most " + std::to_string(max), number_offset);
    }
    value = value * 10 + digit;
  }
}

bool CommandReader::ExpectPrefix(char wanted) {
  if (!Have(1)) return Truncated("Expected prefix " + Named(wanted) + ", got the end of the file");
  if (buffer_[at_] != wanted) {
    return Malformed("Expected prefix " + Named(wanted) + ", got: " + Named(buffer_[at_]), end_offset());
  }
  ++at_;
  return true;
}

bool CommandReader::ExpectLineEnd() {
  constexpr std::string_view kLineEnd = "\r\n";
  const bool both = Have(kLineEnd.size());
  if (!status_.ok()) return false;
  const std::string_view there(buffer_.get() + at_, std::min(kLineEnd.size(), end_ - at_));
  if (there != kLineEnd.substr(0, there.size())) {
    std::string got;
    for (const char c : there) got += HexOf(c);
    return Malformed("Expected \\r\\n, got: " + got, end_offset());
  }
  at_ += there.size();
  return both || Truncated("Expected \\r\\n, got the end of the file");
}

CommandReader::Item CommandReader::ReadAnnotation() {
  for (size_t bytes = 1;; ++bytes) {
    if (bytes > kMaxAnnotationBytes) {
      Malformed("Expected a line of at most " + std::to_string(kMaxAnnotationBytes) + " bytes", begin_offset());
      return ended_;
    }
    if (!Have(1)) {
      Truncated("Expected the end of a line, got the end of the file");
      return ended_;
    }
    if (buffer_[at_++] != '\n') continue;
    annotation_ = {buffer_.get() + begin_ + 1, bytes - 2};
    if (annotation_.ends_with('\r')) annotation_.remove_suffix(1);
    return Item::kAnnotation;
  }
}

bool CommandReader::Fill(size_t count) {
  if (end_ - begin_ < kBufferBytes && capacity_ > kKeptBytes) {
    Relocate(kBufferBytes);
  } else if (begin_ > 0) {
    Relocate(capacity_);
  }
  while (end_ - at_ < count) {
    if (end_ == capacity_) Relocate(capacity_ * 2);
    const Result<size_t> read = source_.Read(buffer_.get() + end_, capacity_ - end_);
    if (!read) {
      status_ = read.error();
      ended_ = Item::kFailed;
      return false;
    }
    if (*read == 0) return false;
    end_ += *read;
  }
  return true;
}

// Moves the item to the front of a buffer of that capacity, which holds what was read of it.
void CommandReader::Relocate(size_t capacity) {
  const char* const from = buffer_.get();
  std::unique_ptr<char[]> larger;
  if (capacity != capacity_) larger = std::make_unique_for_overwrite<char[]>(capacity);
  char* const to = larger ? larger.get() : buffer_.get();
  for (std::string_view& word : words_) word = {to + (word.data() - from) - begin_, word.size()};
  std::memmove(to, from + begin_, end_ - begin_);
  if (larger) buffer_ = std::move(larger);
  capacity_ = capacity;
  buffer_offset_ += begin_;
  at_ -= begin_;
  end_ -= begin_;
  begin_ = 0;
}

bool CommandReader::Malformed(std::string expected, uint64_t offset) {
  ended_ = Item::kMalformed;
  problem_ = std::move(expected);
  problem_offset_ = offset;
  return false;
}

bool CommandReader::Truncated(std::string expected, std::optional<uint64_t> offset) {
  if (!status_.ok()) return false;
  ended_ = Item::kTruncated;
  problem_ = std::move(expected);
  problem_offset_ = offset.value_or(end_offset());
  return false;
}

std::string CommandReader::error() const {
  if (!status_.ok()) return status_.message();
  return problem_.empty() ? std::string() : problem_ + ", at offset " + std::to_string(problem_offset_);
}

}  // namespace tidemark::formats
