// Compression of what the engines store: Snappy, where it saves at least an eighth.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::tiering {

enum class Compression : uint8_t { kNone, kSnappy };

struct StoredBody {
  std::string_view bytes;  // the payload itself, or `scratch`
  bool compressed = false;
};

StoredBody Compress(std::string_view payload, Compression compression, std::string& scratch);
// False unless `body` is a Snappy block of exactly `payload_bytes`.
bool Decompress(std::string_view body, size_t payload_bytes, std::string& payload);

}  // namespace tidemark::tiering
