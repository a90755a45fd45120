// CRC-64 as RDB files and DUMP payloads end with it: the polynomial of David Jones, 0xad93d23594c935a9, reflected, with
// nothing inverted. The check value of "123456789" is 0xe9c6d914c4b8d9ca.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::formats {

// The checksum of what `crc` covers followed by `bytes`; start with 0.
uint64_t ExtendCrc64(uint64_t crc, std::string_view bytes);

inline uint64_t Crc64(std::string_view bytes) {
  return ExtendCrc64(0, bytes);
}

}  // namespace tidemark::formats
