// The body of a record on flash. A string is its bytes and nothing else, so that it can be used where it was read to;
// any other value is what EncodeObject writes of it for Audience::kTidemark, strings raw.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/value_codec.h"

namespace tidemark::formats {

// The value, of which `body` is all. `options.encoding` is the encoding that it had.
Result<DecodedValue> DecodeRecordBody(uint8_t type_tag, std::string_view body, const DecodeOptions& options);

// Appends to `out` what EncodeObject or EncodeText would have written of the value for Audience::kRedis7, without
// building it but for those forms that only kTidemark uses; the type byte is the answer. `encoding` is what it had.
Result<uint8_t> MakePortable(uint8_t type_tag, std::string_view body, values::Encoding encoding, StringForm strings,
                             const values::EncodingLimits& limits, std::string& out);

}  // namespace tidemark::formats
