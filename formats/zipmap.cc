#include "formats/zipmap.h"

namespace tidemark::formats {

ZipmapReader::ZipmapReader(std::string_view bytes) : bytes_(bytes) {
  damaged_ = bytes.size() < 2 || Byte(bytes.size() - 1) != kEnd;
}

std::optional<ZipmapReader::Pair> ZipmapReader::Fail() {
  damaged_ = true;
  return std::nullopt;
}

bool ZipmapReader::TakeLength(size_t& length) {
  if (left() == 0) return false;
  const uint8_t first = Byte(at_++);
  if (first == kEnd) return false;
  length = first;
  if (first != kLongLength) return true;
  if (left() < 4) return false;
  length = 0;
  for (size_t i = 4; i > 0; --i) length = length << 8 | Byte(at_ + i - 1);
  at_ += 4;
  return true;
}

std::optional<ZipmapReader::Pair> ZipmapReader::Next() {
  if (damaged_) return std::nullopt;
  if (left() == 0) {
    if (Byte(0) < kManyPairs && Byte(0) != count_) return Fail();
    return std::nullopt;
  }
  Pair pair;
  size_t length = 0;
  if (!TakeLength(length) || length > left()) return Fail();
  pair.field = bytes_.substr(at_, length);
  at_ += length;
  if (!TakeLength(length) || left() == 0) return Fail();
  const size_t unused = Byte(at_++);
  if (length > left() || unused > left() - length) return Fail();
  pair.value = bytes_.substr(at_, length);
  at_ += length + unused;
  ++count_;
  return pair;
}

}  // namespace tidemark::formats
