// What the base file of a checkpoint holds in place of a value that lies in the flash tier: CHECKPOINT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "values/types.h"

namespace tidemark::formats {

// The type byte of such a key; no server of another project knows it.
inline constexpr uint8_t kRdbTypeCold = 200;

struct ColdValue {
  uint64_t locator = 0;  // of the flash store, which is described at the head of the file
  values::Type type = values::Type::kString;
  values::Encoding encoding = values::Encoding::kRaw;
  uint8_t size = 255;    // elements; 255: as many or more, or not known
  bool renamed = false;  // its record was written under another name of the key
};

inline constexpr size_t kColdValueBytes = 11;
void EncodeColdValue(const ColdValue& value, std::string& out);
// `body` is all of it. kCorruption for what no key can be.
Result<ColdValue> DecodeColdValue(std::string_view body);

}  // namespace tidemark::formats
