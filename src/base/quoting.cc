#include "base/quoting.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <utility>

namespace tidemark {
namespace {

bool IsBlank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char Unescape(char c) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return c;
  }
}

// Reads one word at `at`, which is no blank. False on an unclosed or badly closed quote.
bool ReadWord(std::string_view line, size_t& at, std::string& word) {
  char quote = 0;
  for (;; ++at) {
    if (at == line.size()) return quote == 0;
    const char c = line[at];
    if (quote == 0) {
      if (IsBlank(c) || c == '\0') return true;
      if (c == '"' || c == '\'') {
        quote = c;
      } else {
        word.push_back(c);
      }
      continue;
    }
    if (c == quote) {
      ++at;
      return at == line.size() || IsBlank(line[at]);
    }
    if (c == '\\' && quote == '"' && at + 3 < line.size() && line[at + 1] == 'x' && HexDigit(line[at + 2]) >= 0 &&
        HexDigit(line[at + 3]) >= 0) {
      word.push_back(static_cast<char>(HexDigit(line[at + 2]) * 16 + HexDigit(line[at + 3])));
      at += 3;
    } else if (c == '\\' && quote == '"' && at + 1 < line.size()) {
      word.push_back(Unescape(line[++at]));
    } else if (c == '\\' && quote == '\'' && at + 1 < line.size() && line[at + 1] == '\'') {
      word.push_back('\'');
      ++at;
    } else {
      word.push_back(c);
    }
  }
}

char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

std::optional<std::vector<std::string>> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  for (size_t at = 0;;) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    if (at == line.size() || line[at] == '\0') return words;
    std::string word;
    if (!ReadWord(line, at, word)) return std::nullopt;
    words.push_back(std::move(word));
  }
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
          constexpr char kDigits[] = "0123456789abcdef";
          const auto byte = static_cast<uint8_t>(c);
          quoted += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
        }
    }
  }
  quoted.push_back('"');
  return quoted;
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return ToLower(x) == ToLower(y); });
}

}  // namespace tidemark
