#include "formats/empty_container.h"

#include <string>

#include "base/status.h"
#include "formats/rdb_string.h"
#include "formats/rdb_types.h"

namespace tidemark::formats {

bool IsEmptyContainer(uint8_t type_tag, std::string_view body) {
  // What is left of each packed form when nothing is in it.
  constexpr size_t kZipmapBytes = 2;
  constexpr size_t kListpackBytes = 7;
  constexpr size_t kIntsetBytes = 8;
  constexpr size_t kZiplistBytes = 11;
  const auto packed_in = [&](size_t bytes) {
    std::string scratch;
    const Result<std::string_view> pack = DecodeString(body, scratch);
    return pack && pack->size() == bytes;
  };
  switch (type_tag) {
    case kRdbTypeList:
    case kRdbTypeSet:
    case kRdbTypeZSet:
    case kRdbTypeHash:
    case kRdbTypeZSet2:
    case kRdbTypeListQuicklist:
    case kRdbTypeListQuicklist2: {
      const Result<uint64_t> count = DecodeLength(body);
      return count && *count == 0;
    }
    case kRdbTypeHashZipmap:
      return packed_in(kZipmapBytes);
    case kRdbTypeListZiplist:
    case kRdbTypeZSetZiplist:
    case kRdbTypeHashZiplist:
      return packed_in(kZiplistBytes);
    case kRdbTypeSetIntset:
      return packed_in(kIntsetBytes);
    case kRdbTypeHashListpack:
    case kRdbTypeZSetListpack:
    case kRdbTypeSetListpack:
      return packed_in(kListpackBytes);
    default:
      return false;
  }
}

}  // namespace tidemark::formats
