#include "formats/ziplist.h"

namespace tidemark::formats {

using values::PackedItem;

ZiplistReader::ZiplistReader(std::string_view bytes) : bytes_(bytes) {
  damaged_ = bytes.size() <= kHeaderBytes || Little(0, 4) != bytes.size() || Byte(bytes.size() - 1) != kEnd;
}

uint64_t ZiplistReader::Little(size_t offset, size_t bytes) const {
  uint64_t value = 0;
  for (size_t i = bytes; i > 0; --i) value = value << 8 | Byte(offset + i - 1);
  return value;
}

std::optional<PackedItem> ZiplistReader::Fail() {
  damaged_ = true;
  return std::nullopt;
}

std::optional<PackedItem> ZiplistReader::Next() {
  if (damaged_) return std::nullopt;
  if (left() == 0) {
    const uint64_t count = Little(8, 2);
    if ((count != kManyEntries && count != count_) || Little(4, 4) != entry_begin_) return Fail();
    return std::nullopt;
  }
  const size_t begin = at_;
  uint64_t previous = Byte(at_);
  if (previous == kEnd) return Fail();
  if (previous == kLongPrevious) {
    if (left() < 5) return Fail();
    previous = Little(at_ + 1, 4);
    at_ += 5;
  } else {
    at_ += 1;
  }
  PackedItem item;
  if (previous != previous_bytes_ || !ReadContent(item)) return Fail();
  entry_begin_ = begin;
  previous_bytes_ = at_ - begin;
  ++count_;
  return item;
}

bool ZiplistReader::ReadText(size_t head_bytes, size_t bytes, PackedItem& item) {
  if (bytes > left() - head_bytes) return false;
  item.text = bytes_.substr(at_ + head_bytes, bytes);
  at_ += head_bytes + bytes;
  return true;
}

bool ZiplistReader::ReadInteger(size_t bytes, PackedItem& item) {
  if (left() < 1 + bytes) return false;
  const auto unused_bits = static_cast<unsigned>(64 - 8 * bytes);
  item.is_integer = true;
  item.integer = static_cast<int64_t>(Little(at_ + 1, bytes) << unused_bits) >> unused_bits;
  at_ += 1 + bytes;
  return true;
}

bool ZiplistReader::ReadContent(PackedItem& item) {
  if (left() == 0) return false;
  const uint8_t head = Byte(at_);
  switch (head >> 6) {
    case 0:
      return ReadText(1, head, item);
    case 1:
      return left() >= 2 && ReadText(2, (head & 0x3fu) << 8 | Byte(at_ + 1), item);
    case 2: {
      if (left() < 5) return false;
      const auto big = static_cast<uint32_t>(Little(at_ + 1, 4));
      return ReadText(5, __builtin_bswap32(big), item);
    }
    default:
      break;
  }
  switch (head) {
    case 0xc0:
      return ReadInteger(2, item);
    case 0xd0:
      return ReadInteger(4, item);
    case 0xe0:
      return ReadInteger(8, item);
    case 0xf0:
      return ReadInteger(3, item);
    case 0xfe:
      return ReadInteger(1, item);
    default:
      break;
  }
  if (head < 0xf1 || head > 0xfd) return false;
  item.is_integer = true;
  item.integer = (head & 0x0f) - 1;
  ++at_;
  return true;
}

}  // namespace tidemark::formats
