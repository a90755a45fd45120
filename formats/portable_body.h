// The body of a record on flash as an RDB file for other servers has it: without building the value, but for those
// forms that only Audience::kTidemark uses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/value_codec.h"

namespace tidemark::formats {

// Appends to `out` what EncodeObject or EncodeText would have written of the value for Audience::kRedis7; the type byte
// is the answer. `body` is what they wrote for kTidemark, strings raw; `encoding` the encoding that the value had.
Result<uint8_t> MakePortable(uint8_t type_tag, std::string_view body, values::Encoding encoding, StringForm strings,
                             const values::EncodingLimits& limits, std::string& out);

}  // namespace tidemark::formats
