#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>

namespace tidemark {

uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes) {
  constexpr size_t kAtATime = size_t{1} << 30;  // its lengths are int
  // It leaves the inversions before and after to its caller, and reads what it says that it might write.
  uint32_t state = ~crc;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kAtATime);
    auto* const data = reinterpret_cast<unsigned char*>(const_cast<char*>(part.data()));
    state = crc32_iscsi(data, static_cast<int>(part.size()), state);
    bytes.remove_prefix(part.size());
  }
  return ~state;
}

}  // namespace tidemark
