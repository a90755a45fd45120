// SHA-1, where a protocol asks for it (FIPS 180-4). Not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tidemark {

inline constexpr size_t kSha1Bytes = 20;
using Sha1Digest = std::array<uint8_t, kSha1Bytes>;

Sha1Digest Sha1(std::string_view bytes);

}  // namespace tidemark
