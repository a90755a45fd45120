#include "tiering/compression.h"

#include <snappy.h>

namespace tidemark::tiering {

StoredBody Compress(std::string_view payload, Compression compression, std::string& scratch) {
  // Below this a block has too little to repeat.
  constexpr size_t kMinBytes = 64;
  if (compression == Compression::kNone || payload.size() < kMinBytes) return {payload, false};
  snappy::Compress(payload.data(), payload.size(), &scratch);
  if (scratch.size() > payload.size() - payload.size() / 8) return {payload, false};
  return {scratch, true};
}

bool Decompress(std::string_view body, size_t payload_bytes, std::string& payload) {
  size_t stated = 0;
  return snappy::GetUncompressedLength(body.data(), body.size(), &stated) && stated == payload_bytes &&
         snappy::Uncompress(body.data(), body.size(), &payload);
}

}  // namespace tidemark::tiering
