#include "reply.h"

#include <charconv>
#include <cstring>

namespace tidemark::bench {
namespace {

// Bytes of the first line with its end; 0 if it is not whole.
size_t LineBytes(std::string_view data) {
  if (data.empty()) return 0;
  const void* const end = std::memchr(data.data(), '\n', data.size());
  return end == nullptr ? 0 : static_cast<size_t>(static_cast<const char*>(end) - data.data()) + 1;
}

}  // namespace

size_t ReplyBytes(std::string_view data) {
  const size_t line = LineBytes(data);
  if (line == 0 || (data[0] != '$' && data[0] != '*')) return line;
  const int64_t number = NumberOf(data);
  if (number < 0) return line;
  if (data[0] == '$') {
    const size_t whole = line + static_cast<size_t>(number) + 2;
    return data.size() < whole ? 0 : whole;
  }
  size_t taken = line;
  for (int64_t i = 0; i < number; ++i) {
    const size_t element = ReplyBytes(data.substr(taken));
    if (element == 0) return 0;
    taken += element;
  }
  return taken;
}

bool IsNull(std::string_view reply) {
  return reply.starts_with("$-") || reply.starts_with("*-");
}

int64_t NumberOf(std::string_view reply) {
  int64_t number = -1;
  std::from_chars(reply.data() + 1, reply.data() + reply.size(), number);
  return number;
}

std::string_view BulkOf(std::string_view reply) {
  return reply.substr(LineBytes(reply), static_cast<size_t>(NumberOf(reply)));
}

std::string_view ElementsOf(std::string_view array) {
  return array.substr(LineBytes(array));
}

}  // namespace tidemark::bench
