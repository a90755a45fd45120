// One element of a packed list, byte for byte: how its head is written and read, and how long it is. For Listpack
// itself and for code that walks or fills such lists without a function call an element (streams).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/numbers.h"

namespace tidemark::values::packed_element {

inline constexpr size_t kMaxHeadBytes = 9;

inline uint64_t LoadLittle(const uint8_t* from, size_t bytes) {
  uint64_t value = 0;
  std::memcpy(&value, from, bytes);
  return value;
}

inline int64_t SignExtend(uint64_t value, unsigned bits) {
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

// Bytes of the back length of an element whose head and content take `size`.
inline size_t BackBytes(size_t size) {
  if (size <= 127) return 1;
  if (size < 16384) return 2;
  if (size < 2097152) return 3;
  if (size < 268435456) return 4;
  return 5;
}

inline void WriteBack(uint8_t* to, size_t size) {
  const size_t bytes = BackBytes(size);
  for (size_t i = bytes; i-- > 0; size >>= 7) to[i] = static_cast<uint8_t>((size & 127) | (i > 0 ? 128 : 0));
}

// Writes the head of a string; answers its bytes.
inline size_t StringHead(size_t length, uint8_t* head) {
  if (length < 64) {
    head[0] = static_cast<uint8_t>(0x80 | length);
    return 1;
  }
  if (length < 4096) {
    head[0] = static_cast<uint8_t>(0xe0 | length >> 8);
    head[1] = static_cast<uint8_t>(length);
    return 2;
  }
  head[0] = 0xf0;
  const auto le = static_cast<uint32_t>(length);
  std::memcpy(head + 1, &le, sizeof(le));
  return 5;
}

// An integer has no content: all of it is head.
inline size_t IntegerHead(int64_t value, uint8_t* head) {
  if (value >= 0 && value <= 127) {
    head[0] = static_cast<uint8_t>(value);
    return 1;
  }
  if (value >= -4096 && value <= 4095) {
    const auto bits = static_cast<uint16_t>(value & 0x1fff);
    head[0] = static_cast<uint8_t>(0xc0 | bits >> 8);
    head[1] = static_cast<uint8_t>(bits);
    return 2;
  }
  size_t bytes = 8;
  head[0] = 0xf4;
  if (value >= INT16_MIN && value <= INT16_MAX) {
    bytes = 2;
    head[0] = 0xf1;
  } else if (value >= -(1 << 23) && value < 1 << 23) {
    bytes = 3;
    head[0] = 0xf2;
  } else if (value >= INT32_MIN && value <= INT32_MAX) {
    bytes = 4;
    head[0] = 0xf3;
  }
  std::memcpy(head + 1, &value, bytes);
  return 1 + bytes;
}

// Head and content of the element at `at`, bytes. Reads at most five bytes.
inline size_t BodyBytes(const uint8_t* at) {
  const uint8_t first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 0x3fu);
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 2 + ((first & 0x0fu) << 8 | at[1]);
  switch (first) {
    case 0xf0:
      return 5 + LoadLittle(at + 1, 4);
    case 0xf1:
      return 3;
    case 0xf2:
      return 4;
    case 0xf3:
      return 5;
    case 0xf4:
      return 9;
    default:
      return 0;
  }
}

// Texts of integers are at most this long.
inline constexpr size_t kMaxIntegerChars = 20;

inline std::optional<int64_t> AsInteger(std::string_view text) {
  if (text.empty() || text.size() > kMaxIntegerChars) return std::nullopt;
  if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) return std::nullopt;
  return ParseInt64(text);
}

}  // namespace tidemark::values::packed_element
