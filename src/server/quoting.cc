#include "server/quoting.h"

#include <algorithm>
#include <cstdio>

#include "commands/words.h"
#include "protocol/request_parser.h"

namespace tidemark::server {
std::optional<std::vector<std::string>> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  if (!protocol::SplitWords(line, words)) return std::nullopt;
  return words;
}

std::string QuoteWord(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '\\':
      case '"':
        quoted += {'\\', c};
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      case '\a':
        quoted += "\\a";
        break;
      case '\b':
        quoted += "\\b";
        break;
      default:
        if (c >= 0x20 && c < 0x7f) {
          quoted.push_back(c);
        } else {
          char escape[8];
          std::snprintf(escape, sizeof(escape), "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
          quoted += escape;
        }
    }
  }
  quoted.push_back('"');
  return quoted;
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return commands::ToLower(x) == commands::ToLower(y); });
}

}  // namespace tidemark::server
