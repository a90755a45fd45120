#include "base/xxh3.h"

#include <xxhash.h>

namespace tidemark {

uint64_t Xxh3(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace tidemark
