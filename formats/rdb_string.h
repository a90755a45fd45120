// Lengths, strings and numbers of the RDB format. A string in its raw form is also the body of a string value on flash.
//
//   string = length bytes                          ; raw
//          / %xC0 int8 / %xC1 le16 / %xC2 le32     ; a canonical decimal, signed
//          / %xC3 length length bytes              ; LZF: compressed bytes, uncompressed bytes, data
//   length = 00xxxxxx / 01xxxxxx byte / %x80 be32 / %x81 be64
//   double = le64                                  ; binary: the bits of an IEEE 754 double
//          / size text / %xFD / %xFE / %xFF        ; old: in decimal; not a number, infinite, negative infinite
//
// Decoders take what they read off the front of their argument. What they read may come from outside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace tidemark::formats {

enum class StringForm : uint8_t {
  kRaw,         // the bytes as they are
  kIntegers,    // short decimals as integers, else raw: Redis without rdbcompression
  kCompressed,  // short decimals as integers, what LZF makes smaller compressed, else raw: Redis with rdbcompression
};

void EncodeLength(uint64_t length, std::string& out);
// Raw form, whatever the bytes are.
void EncodeRawString(std::string_view bytes, std::string& out);
void EncodeString(std::string_view bytes, StringForm form, std::string& out);
// A string that is LZF data already, of `bytes` bytes when uncompressed.
void EncodeLzfString(std::string_view data, size_t bytes, std::string& out);
void EncodeDouble(double value, std::string& out);
void EncodeLittle64(uint64_t value, std::string& out);
void EncodeBig64(uint64_t value, std::string& out);

Result<uint64_t> DecodeLength(std::string_view& in);
// In raw form only; the view points into `in`.
Result<std::string_view> DecodeRawString(std::string_view& in);
// In any form. The view points into `in`, or into `scratch` if the string had to be made. Takes no more memory than the
// data can expand to.
Result<std::string_view> DecodeString(std::string_view& in, std::string& scratch);
Result<double> DecodeDouble(std::string_view& in);
Result<double> DecodeOldDouble(std::string_view& in);
Result<uint64_t> DecodeLittle64(std::string_view& in);
Result<uint64_t> DecodeBig64(std::string_view& in);
// `count` bytes as they are.
Result<std::string_view> DecodeBytes(std::string_view& in, size_t count);

}  // namespace tidemark::formats
