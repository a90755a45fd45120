// The kinds of value and how each may be laid out in RAM.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::values {

enum class Type : uint8_t { kString, kList, kSet, kZSet, kHash, kStream };

enum class Encoding : uint8_t {
  kInt,
  kEmbstr,
  kRaw,
  kListpack,
  kQuicklist,
  kIntset,
  kHashtable,
  kSkiplist,
  kStream,
  kListpackEx,  // a hash whose fields may expire
};

// The name that TYPE answers.
std::string_view TypeName(Type type);
// The name that OBJECT ENCODING answers.
std::string_view EncodingName(Encoding encoding);

}  // namespace tidemark::values
