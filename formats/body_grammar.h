// How the body of each type of value is put together out of lengths, strings and fixed fields; not what it means. So a
// body can be copied out of a stream, or its strings compressed, without building the value.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "formats/rdb_types.h"

namespace tidemark::formats {

// Goes over a body of this type from its start to its end. The visitor has
//
//   Result<uint64_t> Length()       ; the next thing is a length
//   Status String()                 ; a string in any form
//   Status Bytes(size_t count)      ; so many bytes
//   Status OldDouble()              ; a number as text
//
// The first error ends the walk. kCorruption for a type that is not known.
template <typename Visitor>
class BodyWalk {
 public:
  BodyWalk(Dialect dialect, Visitor& visitor) : dialect_(dialect), visitor_(visitor) {}

  Status Walk(uint8_t type_tag) {
    switch (type_tag) {
      case kRdbTypeString:
      case kRdbTypeHashZipmap:
      case kRdbTypeListZiplist:
      case kRdbTypeSetIntset:
      case kRdbTypeZSetZiplist:
      case kRdbTypeHashZiplist:
      case kRdbTypeHashListpack:
      case kRdbTypeZSetListpack:
      case kRdbTypeSetListpack:
      case kRdbTypeHashListpackOld:
        return visitor_.String();
      case kRdbTypeList:
      case kRdbTypeSet:
      case kRdbTypeListQuicklist:
        return Each([this] { return visitor_.String(); });
      case kRdbTypeZSet:
        return Each([this] { return Both(visitor_.String(), [this] { return visitor_.OldDouble(); }); });
      case kRdbTypeZSet2:
        return Each([this] { return Both(visitor_.String(), [this] { return visitor_.Bytes(8); }); });
      case kRdbTypeHash:
        return Each([this] { return Strings(2); });
      case kRdbTypeListQuicklist2:
        return Each([this] { return Both(Lengths(1), [this] { return visitor_.String(); }); });
      case kRdbTypeHashMetadataOld:
        static_assert(kRdbTypeValkeyHashExpiry == kRdbTypeHashMetadataOld, "what the dialect is for");
        if (dialect_ == Dialect::kRedis) return FieldsWithExpiry();
        return Each([this] { return Both(Strings(2), [this] { return visitor_.Bytes(8); }); });
      case kRdbTypeHashMetadata:
        return Both(visitor_.Bytes(8), [this] { return FieldsWithExpiry(); });
      case kRdbTypeHashListpackEx:
        return Both(visitor_.Bytes(8), [this] { return visitor_.String(); });
      case kRdbTypeStream:
      case kRdbTypeStream2:
      case kRdbTypeStream3:
      case kRdbTypeStream4:
      case kRdbTypeStream5:
        return Stream(type_tag);
      default:
        return Status::Corruption("unknown type of value " + std::to_string(type_tag));
    }
  }

 private:
  static constexpr size_t kStreamIdBytes = 16;

  template <typename Then>
  static Status Both(Status first, Then then) {
    return first.ok() ? then() : first;
  }
  // A count, and so many of what `one` goes over.
  template <typename One>
  Status Each(One one) {
    const Result<uint64_t> count = visitor_.Length();
    if (!count) return count.error();
    for (uint64_t i = 0; i < *count; ++i) TIDEMARK_RETURN_IF_ERROR(one());
    return Status::Ok();
  }
  Status Strings(int count) {
    for (int i = 0; i < count; ++i) TIDEMARK_RETURN_IF_ERROR(visitor_.String());
    return Status::Ok();
  }
  Status Lengths(int count) {
    for (int i = 0; i < count; ++i) {
      if (const Result<uint64_t> length = visitor_.Length(); !length) return length.error();
    }
    return Status::Ok();
  }
  Status FieldsWithExpiry() {
    return Each([this] { return Both(Lengths(1), [this] { return Strings(2); }); });
  }

  Status Stream(uint8_t type_tag) {
    const bool has_first_id = type_tag != kRdbTypeStream;
    TIDEMARK_RETURN_IF_ERROR(Each([this] { return Strings(2); }));
    TIDEMARK_RETURN_IF_ERROR(Lengths(has_first_id ? 8 : 3));
    TIDEMARK_RETURN_IF_ERROR(Each([&] { return Group(type_tag); }));
    return type_tag >= kRdbTypeStream4 ? Producers() : Status::Ok();
  }
  Status Group(uint8_t type_tag) {
    TIDEMARK_RETURN_IF_ERROR(visitor_.String());
    TIDEMARK_RETURN_IF_ERROR(Lengths(type_tag != kRdbTypeStream ? 3 : 2));
    TIDEMARK_RETURN_IF_ERROR(
        Each([this] { return Both(visitor_.Bytes(kStreamIdBytes + 8), [this] { return Lengths(1); }); }));
    TIDEMARK_RETURN_IF_ERROR(Each([&] { return Consumer(type_tag); }));
    return type_tag >= kRdbTypeStream5 ? Ids() : Status::Ok();
  }
  Status Consumer(uint8_t type_tag) {
    TIDEMARK_RETURN_IF_ERROR(visitor_.String());
    TIDEMARK_RETURN_IF_ERROR(visitor_.Bytes(type_tag >= kRdbTypeStream3 ? 16 : 8));
    return Ids();
  }
  Status Ids() {
    return Each([this] { return visitor_.Bytes(kStreamIdBytes); });
  }
  Status Producers() {
    TIDEMARK_RETURN_IF_ERROR(Lengths(2));
    TIDEMARK_RETURN_IF_ERROR(Each([this] {
      return Both(visitor_.String(),
                  [this] { return Each([this] { return Both(visitor_.String(), [this] { return Lengths(2); }); }); });
    }));
    return Lengths(2);
  }

  const Dialect dialect_;
  Visitor& visitor_;
};

template <typename Visitor>
Status WalkBody(uint8_t type_tag, Dialect dialect, Visitor& visitor) {
  return BodyWalk<Visitor>(dialect, visitor).Walk(type_tag);
}

}  // namespace tidemark::formats
