// The ziplist: what servers before Redis 7.0 packed small lists, hashes and sorted sets into. Only read.
//
//   ziplist = bytes:le32 tail:le32 count:le16 entry* %xFF  ; tail: offset of the last entry; count 65535: walk to know
//   entry   = previous head content                        ; previous: bytes of the entry before: 1, or %xFE le32
//   head    = 00llllll / 01llllll l / 10...... be32        ; a string of so many bytes
//           / %xC0 le16 / %xD0 le32 / %xE0 le64 / %xF0 le24 / %xFE le8 / 1111vvvv  ; an integer; the last: 0 to 12
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "values/listpack.h"

namespace tidemark::formats {

// Reads bytes from outside, entry by entry, and checks them on the way.
class ZiplistReader {
 public:
  explicit ZiplistReader(std::string_view bytes);

  // The next element, which points into the bytes. Empty at the end, and where something is wrong.
  std::optional<values::PackedItem> Next();
  // Whether something was wrong. Only at the end is it known that all is well.
  bool damaged() const { return damaged_; }

 private:
  static constexpr size_t kHeaderBytes = 10;
  static constexpr uint8_t kEnd = 0xff;
  static constexpr uint8_t kLongPrevious = 0xfe;
  static constexpr uint32_t kManyEntries = 65535;

  std::optional<values::PackedItem> Fail();
  size_t left() const { return bytes_.size() - 1 - at_; }
  uint8_t Byte(size_t offset) const { return static_cast<uint8_t>(bytes_[offset]); }
  uint64_t Little(size_t offset, size_t bytes) const;
  // Reads the head and the content at at_; false if they reach outside.
  bool ReadContent(values::PackedItem& item);
  bool ReadText(size_t head_bytes, size_t bytes, values::PackedItem& item);
  bool ReadInteger(size_t bytes, values::PackedItem& item);

  std::string_view bytes_;
  size_t at_ = kHeaderBytes;
  size_t entry_begin_ = kHeaderBytes;  // of the last entry read
  size_t previous_bytes_ = 0;
  size_t count_ = 0;
  bool damaged_ = false;
};

}  // namespace tidemark::formats
