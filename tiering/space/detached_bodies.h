// The bodies of a segment that fill whole blocks, each apart from its header: what must be known of one to read it
// without the header, so that a read is of its blocks alone. That is a word, which a description of the segment holds
// too:
//
//   word = block:14 padding:10 type-tag:8 crc:32
//
// In RAM there is a word for each block up to the last body, for a read to find its own at once: a 512th of the flash
// where such bodies are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
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

  // Bodies come in the order of their offsets, which are below kOffsetEnd and not 0.
  void Add(const DetachedBody& body) {
    Put(body.offset / Device::kAlignment << kBlockShift | uint64_t{body.padding} << kPaddingShift |
        uint64_t{body.type_tag} << kTypeShift | body.crc);
  }
  // That at this offset, if one begins there.
  std::optional<DetachedBody> Find(uint64_t offset) const {
    const uint64_t block = offset / Device::kAlignment;
    if (block >= by_block_.size() || by_block_[block] == 0 || AlignDown(offset) != offset) return std::nullopt;
    const uint64_t word = by_block_[block];
    return DetachedBody{offset, word >> kPaddingShift & kPaddingMax, static_cast<uint8_t>(word >> kTypeShift),
                        static_cast<uint32_t>(word)};
  }
  // No more will come.
  void Close() { by_block_.shrink_to_fit(); }

  // Of all bodies, in order.
  std::vector<uint64_t> Words() const {
    std::vector<uint64_t> words;
    std::copy_if(by_block_.begin(), by_block_.end(), std::back_inserter(words),
                 [](uint64_t word) { return word != 0; });
    return words;
  }
  // Whether they are in order, and none is in the first block, where there is a header, or at `end` or behind it.
  static bool AreWords(const std::vector<uint64_t>& words, uint64_t end) {
    uint64_t before = 0;
    return std::all_of(words.begin(), words.end(), [&](uint64_t word) {
      const uint64_t block = word >> kBlockShift;
      return std::exchange(before, block) < block && block * Device::kAlignment < end;
    });
  }
  // Of words that AreWords holds for.
  static DetachedBodies FromWords(const std::vector<uint64_t>& words) {
    DetachedBodies bodies;
    for (const uint64_t word : words) bodies.Put(word);
    bodies.Close();
    return bodies;
  }

 private:
  static constexpr int kTypeShift = 32;
  static constexpr int kPaddingShift = 40;
  static constexpr int kBlockShift = 50;

  void Put(uint64_t word) {
    by_block_.resize((word >> kBlockShift) + 1);
    by_block_.back() = word;
  }

  std::vector<uint64_t> by_block_;  // 0: none begins there
};

}  // namespace tidemark::tiering
