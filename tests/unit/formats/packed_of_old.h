// Writes ziplists and zipmaps, which Tidemark itself only reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::formats {

inline std::string LittleEndian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

class ZiplistWriter {
 public:
  // Head and content as they are to stand there.
  ZiplistWriter& Raw(const std::string& encoded) {
    const size_t begin = entries_.size();
    entries_ += previous_ < 254 ? LittleEndian(previous_, 1) : "\xfe" + LittleEndian(previous_, 4);
    entries_ += encoded;
    previous_ = entries_.size() - begin;
    tail_ = kHeaderBytes + begin;
    ++count_;
    return *this;
  }
  ZiplistWriter& Text(std::string_view text) {
    const size_t n = text.size();
    std::string head;
    if (n < 64) {
      head = {static_cast<char>(n)};
    } else if (n < 16384) {
      head = {static_cast<char>(0x40 | n >> 8), static_cast<char>(n)};
    } else {
      head = {static_cast<char>(0x80), static_cast<char>(n >> 24), static_cast<char>(n >> 16),
              static_cast<char>(n >> 8), static_cast<char>(n)};
    }
    return Raw(head + std::string(text));
  }
  // In so many bytes; 0: inside the head.
  ZiplistWriter& Integer(int64_t value, int bytes) {
    switch (bytes) {
      case 0:
        return Raw({static_cast<char>(0xf1 + value)});
      case 1:
        return Raw("\xfe" + LittleEndian(static_cast<uint64_t>(value), 1));
      case 2:
        return Raw("\xc0" + LittleEndian(static_cast<uint64_t>(value), 2));
      case 3:
        return Raw("\xf0" + LittleEndian(static_cast<uint64_t>(value), 3));
      case 4:
        return Raw("\xd0" + LittleEndian(static_cast<uint64_t>(value), 4));
      default:
        return Raw("\xe0" + LittleEndian(static_cast<uint64_t>(value), 8));
    }
  }
  std::string Finish() const {
    return LittleEndian(kHeaderBytes + entries_.size() + 1, 4) + LittleEndian(tail_, 4) +
           LittleEndian(count_ < 65535 ? count_ : 65535, 2) + entries_ + "\xff";
  }

 private:
  static constexpr size_t kHeaderBytes = 10;

  std::string entries_;
  size_t previous_ = 0;
  size_t tail_ = kHeaderBytes;
  size_t count_ = 0;
};

inline std::string ZipmapLength(size_t length) {
  return length < 254 ? LittleEndian(length, 1) : "\xfe" + LittleEndian(length, 4);
}

inline std::string Zipmap(const std::vector<std::pair<std::string, std::string>>& pairs, size_t unused = 0) {
  std::string out = LittleEndian(pairs.size() < 254 ? pairs.size() : 254, 1);
  for (const auto& [field, value] : pairs) {
    out += ZipmapLength(field.size()) + field + ZipmapLength(value.size()) + LittleEndian(unused, 1) + value +
           std::string(unused, '?');
  }
  return out + "\xff";
}

}  // namespace tidemark::formats
