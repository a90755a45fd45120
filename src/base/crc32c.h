// CRC-32C (Castagnoli, as in RFC 3720 B.4).
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

// The checksum of what `crc` covers followed by `bytes`; start with 0.
uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes);

inline uint32_t Crc32c(std::string_view bytes) {
  return ExtendCrc32c(0, bytes);
}

}  // namespace tidemark
