#include "formats/record_body.h"

#include "formats/body_grammar.h"
#include "formats/rdb_string.h"

namespace tidemark::formats {
namespace {

// Writes what it reads, strings in another form.
class Rewriter {
 public:
  Rewriter(std::string_view in, StringForm strings, std::string& out) : in_(in), strings_(strings), out_(out) {}

  Result<uint64_t> Length() {
    Result<uint64_t> length = DecodeLength(in_);
    if (length) EncodeLength(*length, out_);
    return length;
  }
  Status String() {
    const Result<std::string_view> text = DecodeRawString(in_);
    if (!text) return text.error();
    EncodeString(*text, strings_, out_);
    return Status::Ok();
  }
  Status Bytes(size_t count) {
    const Result<std::string_view> bytes = DecodeBytes(in_, count);
    if (!bytes) return bytes.error();
    out_.append(*bytes);
    return Status::Ok();
  }
  Status OldDouble() { return Status::Corruption("a score as text, which is not written here"); }
  bool at_end() const { return in_.empty(); }

 private:
  std::string_view in_;
  const StringForm strings_;
  std::string& out_;
};

bool IsTidemarksOwn(uint8_t type_tag, std::string_view body) {
  switch (type_tag) {
    case kRdbTypeSetListpack:
    case kRdbTypeStream3:
    case kRdbTypeStream4:
    case kRdbTypeStream5:
      return true;
    case kRdbTypeHashListpackEx: {
      // Made for fields that expire, of which none is left.
      const Result<uint64_t> earliest_ms = DecodeLittle64(body);
      return !earliest_ms || *earliest_ms == 0;
    }
    default:
      return false;
  }
}

}  // namespace

Result<DecodedValue> DecodeRecordBody(uint8_t type_tag, std::string_view body, const DecodeOptions& options) {
  if (type_tag == kRdbTypeString) return DecodedValue{values::Type::kString, std::string(body), {}};
  Result<DecodedValue> value = DecodeValue(type_tag, body, options);
  if (value && !body.empty()) return Status::Corruption("a value with something behind it");
  return value;
}

Result<uint8_t> MakePortable(uint8_t type_tag, std::string_view body, values::Encoding encoding, StringForm strings,
                             const values::EncodingLimits& limits, std::string& out) {
  if (type_tag == kRdbTypeString) return EncodeText(body, strings, out);
  if (!IsTidemarksOwn(type_tag, body)) {
    Rewriter rewriter(body, strings, out);
    TIDEMARK_RETURN_IF_ERROR(WalkBody(type_tag, Dialect::kRedis, rewriter));
    if (!rewriter.at_end()) return Status::Corruption("a value with something behind it");
    return type_tag;
  }
  const Result<DecodedValue> value = DecodeRecordBody(type_tag, body, {.limits = limits, .encoding = encoding});
  if (!value) return value.error();
  return EncodeObject(*value->object, {.strings = strings, .audience = Audience::kRedis7}, out);
}

}  // namespace tidemark::formats
