// The zipmap: what servers before Redis 2.6 packed small hashes into. Only read.
//
//   zipmap = count pair* %xFF            ; count 254 and more: walk to know
//   pair   = length key length free value free*OCTET
//   length = %x00-FD / %xFE le32
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidemark::formats {

// Reads bytes from outside, pair by pair, and checks them on the way.
class ZipmapReader {
 public:
  struct Pair {
    std::string_view field;
    std::string_view value;
  };

  explicit ZipmapReader(std::string_view bytes);

  // The next pair, which points into the bytes. Empty at the end, and where something is wrong.
  std::optional<Pair> Next();
  // Whether something was wrong. Only at the end is it known that all is well.
  bool damaged() const { return damaged_; }

 private:
  static constexpr uint8_t kEnd = 0xff;
  static constexpr uint8_t kLongLength = 0xfe;
  static constexpr uint8_t kManyPairs = 254;

  std::optional<Pair> Fail();
  size_t left() const { return bytes_.size() - 1 - at_; }
  uint8_t Byte(size_t offset) const { return static_cast<uint8_t>(bytes_[offset]); }
  // Takes a length; false if there is none.
  bool TakeLength(size_t& length);

  std::string_view bytes_;
  size_t at_ = 1;
  size_t count_ = 0;
  bool damaged_ = false;
};

}  // namespace tidemark::formats
