// Values of every type as RDB files, DUMP payloads and records on flash hold them: a type byte (rdb_types.h) and a
// body.
//
// Bodies are read whatever server wrote them: those of Redis from 2.2 to 7.4 and its streams to 8.8, those of Valkey to
// 9. Nothing in them is believed: lengths, counts, orders and uniqueness are checked, and no more memory is taken than
// the bytes there justify.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/rdb_string.h"
#include "formats/rdb_types.h"
#include "values/object.h"
#include "values/owned_object.h"

namespace tidemark::formats {

// Whose type bytes are used.
enum class Audience : uint8_t {
  // Readable for Redis 7.0 and all later servers, but for what they do not know: fields of a hash that expire (7.4), a
  // stream's idempotent producers (8.6) and released entries (8.8).
  kRedis7,
  kTidemark,  // those that say most: with DecodeOptions::encoding the value comes back exactly as it was laid out
};

struct EncodeOptions {
  StringForm strings = StringForm::kRaw;
  Audience audience = Audience::kTidemark;
};

// Append the body to `out` and answer the type byte.
uint8_t EncodeText(std::string_view text, StringForm form, std::string& out);
uint8_t EncodeObject(const values::Object& object, const EncodeOptions& options, std::string& out);

// The RDB version in which a type byte first appeared: what a reader must know to read it.
uint16_t RdbVersionOf(uint8_t type_tag);

// A value of any type: `object`, or `text` if it is a string.
struct DecodedValue {
  values::Type type = values::Type::kString;
  std::string text;
  values::OwnedObject object;
};

struct DecodeOptions {
  const values::EncodingLimits& limits;
  Dialect dialect = Dialect::kRedis;
  // Given for a value that EncodeObject wrote for kTidemark: the encoding it had, which it gets again whatever the
  // limits say now. What it holds is then not looked at for duplicates and order.
  std::optional<values::Encoding> encoding = {};
};

// Takes a body off the front of `in`. Containers of nothing are refused, but for streams.
Result<DecodedValue> DecodeValue(uint8_t type_tag, std::string_view& in, const DecodeOptions& options);

}  // namespace tidemark::formats
