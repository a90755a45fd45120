#include "formats/value_codec.h"

#include <utility>

#include "base/check.h"
#include "formats/type_codecs.h"

namespace tidemark::formats {

using values::Type;

namespace {

Result<DecodedValue> Wrap(Type type, DecodedObject object) {
  if (!object) return object.error();
  return DecodedValue{type, {}, std::move(*object)};
}

}  // namespace

uint8_t EncodeText(std::string_view text, StringForm form, std::string& out) {
  EncodeString(text, form, out);
  return kRdbTypeString;
}

uint8_t EncodeObject(const values::Object& object, const EncodeOptions& options, std::string& out) {
  switch (object.type) {
    case Type::kString:
      break;
    case Type::kList:
      return EncodeList(object, options, out);
    case Type::kSet:
      return EncodeSet(object, options, out);
    case Type::kZSet:
      return EncodeSortedSet(object, options, out);
    case Type::kHash:
      return EncodeHash(object, options, out);
    case Type::kStream:
      return EncodeStream(object, options, out);
  }
  TIDEMARK_CHECK(false);
  return 0;
}

uint16_t RdbVersionOf(uint8_t type_tag) {
  if (type_tag == kRdbTypeStream5) return 14;
  if (type_tag == kRdbTypeStream4) return 13;
  if (type_tag >= kRdbTypeHashMetadataOld) return 12;
  if (type_tag >= kRdbTypeSetListpack) return 11;
  return 10;
}

Result<DecodedValue> DecodeValue(uint8_t type_tag, std::string_view& in, const DecodeOptions& options) {
  switch (type_tag) {
    case kRdbTypeString: {
      DecodedValue value;
      const Result<std::string_view> text = DecodeString(in, value.text);
      if (!text) return text.error();
      if (text->data() != value.text.data()) value.text = *text;
      return value;
    }
    case kRdbTypeList:
    case kRdbTypeListZiplist:
    case kRdbTypeListQuicklist:
    case kRdbTypeListQuicklist2:
      return Wrap(Type::kList, DecodeList(type_tag, in, options));
    case kRdbTypeSet:
    case kRdbTypeSetIntset:
    case kRdbTypeSetListpack:
      return Wrap(Type::kSet, DecodeSet(type_tag, in, options));
    case kRdbTypeZSet:
    case kRdbTypeZSet2:
    case kRdbTypeZSetZiplist:
    case kRdbTypeZSetListpack:
      return Wrap(Type::kZSet, DecodeSortedSet(type_tag, in, options));
    case kRdbTypeHash:
    case kRdbTypeHashZipmap:
    case kRdbTypeHashZiplist:
    case kRdbTypeHashListpack:
    case kRdbTypeHashMetadataOld:
    case kRdbTypeHashListpackOld:
    case kRdbTypeHashMetadata:
    case kRdbTypeHashListpackEx:
      return Wrap(Type::kHash, DecodeHash(type_tag, in, options));
    case kRdbTypeStream:
    case kRdbTypeStream2:
    case kRdbTypeStream3:
    case kRdbTypeStream4:
    case kRdbTypeStream5:
      return Wrap(Type::kStream, DecodeStream(type_tag, in, options));
    default:
      return Status::Corruption("unknown type of value " + std::to_string(type_tag));
  }
}

}  // namespace tidemark::formats
