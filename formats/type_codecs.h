// The parts of the value codec, one file a type. value_codec.h is what others include.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "formats/value_codec.h"

namespace tidemark::formats {

uint8_t EncodeList(const values::Object& object, const EncodeOptions& options, std::string& out);
uint8_t EncodeSet(const values::Object& object, const EncodeOptions& options, std::string& out);
uint8_t EncodeSortedSet(const values::Object& object, const EncodeOptions& options, std::string& out);
uint8_t EncodeHash(const values::Object& object, const EncodeOptions& options, std::string& out);
uint8_t EncodeStream(const values::Object& object, const EncodeOptions& options, std::string& out);

using DecodedObject = Result<values::OwnedObject>;

// `type_tag` is one of the type's.
DecodedObject DecodeList(uint8_t type_tag, std::string_view& in, const DecodeOptions& options);
DecodedObject DecodeSet(uint8_t type_tag, std::string_view& in, const DecodeOptions& options);
DecodedObject DecodeSortedSet(uint8_t type_tag, std::string_view& in, const DecodeOptions& options);
DecodedObject DecodeHash(uint8_t type_tag, std::string_view& in, const DecodeOptions& options);
DecodedObject DecodeStream(uint8_t type_tag, std::string_view& in, const DecodeOptions& options);

}  // namespace tidemark::formats
