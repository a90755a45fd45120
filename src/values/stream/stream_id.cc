#include "values/stream/stream_id.h"

#include <charconv>

namespace tidemark::values {

std::string_view StreamId::Format(char* scratch) const {
  char* p = std::to_chars(scratch, scratch + kChars, ms).ptr;
  *p++ = '-';
  p = std::to_chars(p, scratch + kChars, seq).ptr;
  return {scratch, static_cast<size_t>(p - scratch)};
}

std::string StreamId::ToString() const {
  char scratch[kChars];
  return std::string(Format(scratch));
}

}  // namespace tidemark::values
