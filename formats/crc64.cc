#include "formats/crc64.h"

#include <isa-l/crc64.h>

namespace tidemark::formats {

uint64_t ExtendCrc64(uint64_t crc, std::string_view bytes) {
  // It inverts before and after, which this checksum does not.
  return ~crc64_jones_refl(~crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace tidemark::formats
