#include "formats/command_writer.h"

#include "base/numbers.h"

namespace tidemark::formats {
namespace {

void AppendHeader(std::string& out, char type, size_t count) {
  char digits[kInt64Chars];
  out.push_back(type);
  out.append(FormatInt64(static_cast<int64_t>(count), digits));
  out.append("\r\n");
}

}  // namespace

void AppendCommand(std::string& out, std::span<const std::string_view> words) {
  AppendHeader(out, '*', words.size());
  for (const std::string_view word : words) {
    AppendHeader(out, '$', word.size());
    out.append(word);
    out.append("\r\n");
  }
}

}  // namespace tidemark::formats
