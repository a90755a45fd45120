// The string of the RDB format, which is also the body of a string value on flash:
//
//   string = length bytes                      ; raw
//          / %xC0 int8 / %xC1 int16 / %xC2 int32 ; a canonical decimal, little-endian
//          / %xC3 clen ulen bytes              ; LZF
//   length = 00xxxxxx / 01xxxxxx byte / %x80 be32 / %x81 be64
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace tidemark::formats {

inline constexpr uint8_t kRdbTypeString = 0;

void EncodeLength(uint64_t length, std::string& out);
// Raw form, whatever the bytes are.
void EncodeRawString(std::string_view bytes, std::string& out);

// Takes a length off the front of `in`.
Result<uint64_t> DecodeLength(std::string_view& in);
// Takes a raw string off the front of `in`; the view points into `in`.
Result<std::string_view> DecodeRawString(std::string_view& in);

}  // namespace tidemark::formats
