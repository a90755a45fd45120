#include "server/quoting.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <utility>

#include "commands/words.h"

namespace tidemark::server {
namespace {

bool IsSpace(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\0';
}
bool IsHexDigit(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

int HexValue(char c) {
  if (c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

char Unescaped(char c) {
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

// Reads the quoted part that begins after the quote at `at`; moves `at` past its closing quote. False if there is none.
bool ReadDoubleQuoted(std::string_view line, size_t& at, std::string& word) {
  for (++at; at < line.size(); ++at) {
    if (line[at] == '"') {
      ++at;
      return true;
    }
    if (line[at] == '\\' && at + 3 < line.size() && line[at + 1] == 'x' && IsHexDigit(line[at + 2]) &&
        IsHexDigit(line[at + 3])) {
      word.push_back(static_cast<char>(HexValue(line[at + 2]) * 16 + HexValue(line[at + 3])));
      at += 3;
    } else if (line[at] == '\\' && at + 1 < line.size()) {
      word.push_back(Unescaped(line[++at]));
    } else {
      word.push_back(line[at]);
    }
  }
  return false;
}

bool ReadSingleQuoted(std::string_view line, size_t& at, std::string& word) {
  for (++at; at < line.size(); ++at) {
    if (line[at] == '\'') {
      ++at;
      return true;
    }
    if (line[at] == '\\' && at + 1 < line.size() && line[at + 1] == '\'') ++at;
    word.push_back(line[at]);
  }
  return false;
}

}  // namespace

std::optional<std::vector<std::string>> SplitWords(std::string_view line) {
  std::vector<std::string> words;
  size_t at = 0;
  for (;;) {
    while (at < line.size() && IsSpace(line[at])) ++at;
    if (at == line.size()) return words;
    std::string word;
    while (at < line.size() && !IsSpace(line[at])) {
      if (line[at] != '"' && line[at] != '\'') {
        word.push_back(line[at++]);
        continue;
      }
      const bool closed = line[at] == '"' ? ReadDoubleQuoted(line, at, word) : ReadSingleQuoted(line, at, word);
      if (!closed || (at < line.size() && !IsSpace(line[at]))) return std::nullopt;
    }
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
