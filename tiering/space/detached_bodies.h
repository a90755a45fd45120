// The bodies of a segment that fill whole blocks, each apart from its header: what must be known of one to read it
// without the header, so that a read is of its blocks alone. Eight bytes of RAM each, in a word that a description of
// the segment holds too:
//
//   word = block:14 padding:10 type-tag:8 crc:32
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "tiering/device/aligned_buffer.h"

namespace tidemark::tiering {

struct DetachedBody {
  uint64_t offset = 0;  // in the segment, of a block
  size_t padding = 0;   // how many bytes of its blocks are not its own
  uint8_t type_tag = 0;
  uint32_t crc = 0;  // CRC-32C
};

class DetachedBodies {
 public:
  static constexpr size_t kPaddingMax = (size_t{1} << 10) - 1;
  static constexpr uint64_t kOffsetEnd = Device::kAlignment << 14;

  // Bodies come in the order of their offsets, which are below kOffsetEnd.
  void Add(const DetachedBody& body) {
    words_.push_back(WordAt(body.offset) | uint64_t{body.padding} << kPaddingShift |
                     uint64_t{body.type_tag} << kTypeShift | body.crc);
  }
  // That at this offset, if one begins there.
  std::optional<DetachedBody> Find(uint64_t offset) const {
    if (words_.empty() || offset >= kOffsetEnd || AlignDown(offset) != offset) return std::nullopt;
    const auto word = std::lower_bound(words_.begin(), words_.end(), WordAt(offset));
    if (word == words_.end() || OffsetOf(*word) != offset) return std::nullopt;
    return DetachedBody{offset, *word >> kPaddingShift & kPaddingMax, static_cast<uint8_t>(*word >> kTypeShift),
                        static_cast<uint32_t>(*word)};
  }
  // No more will come.
  void Close() { words_.shrink_to_fit(); }

  const std::vector<uint64_t>& words() const { return words_; }
  // Empty unless they are in order and none begins at `end` or behind it.
  static std::optional<DetachedBodies> FromWords(std::vector<uint64_t> words, uint64_t end) {
    for (size_t i = 0; i < words.size(); ++i) {
      const bool in_order = i == 0 || OffsetOf(words[i - 1]) < OffsetOf(words[i]);
      if (!in_order || OffsetOf(words[i]) >= end) return std::nullopt;
    }
    DetachedBodies bodies;
    bodies.words_ = std::move(words);
    return bodies;
  }

 private:
  static constexpr int kTypeShift = 32;
  static constexpr int kPaddingShift = 40;
  static constexpr int kBlockShift = 50;

  static constexpr uint64_t WordAt(uint64_t offset) { return offset / Device::kAlignment << kBlockShift; }
  static constexpr uint64_t OffsetOf(uint64_t word) { return (word >> kBlockShift) * Device::kAlignment; }

  std::vector<uint64_t> words_;
};

}  // namespace tidemark::tiering
