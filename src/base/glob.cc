#include "base/glob.h"

#include <cctype>
#include <cstddef>
#include <utility>

namespace tidemark {
namespace {

unsigned char Fold(char c, CaseRule rule) {
  const auto byte = static_cast<unsigned char>(c);
  return rule == CaseRule::kIgnore ? static_cast<unsigned char>(std::tolower(byte)) : byte;
}

// Matches the one-character element of `pattern` at `at` against `c`. Returns where the next element starts.
size_t MatchElement(std::string_view pattern, size_t at, char c, CaseRule rule, bool& matched) {
  const unsigned char byte = Fold(c, rule);
  switch (pattern[at]) {
    case '?':
      matched = true;
      return at + 1;
    case '[': {
      size_t i = at + 1;
      const bool negated = i < pattern.size() && pattern[i] == '^';
      if (negated) ++i;
      bool found = false;
      for (;; ++i) {
        if (i >= pattern.size()) break;  // an unclosed class ends with the pattern
        if (pattern[i] == '\\' && i + 1 < pattern.size()) {
          ++i;
          if (Fold(pattern[i], rule) == byte) found = true;
        } else if (pattern[i] == ']') {
          ++i;
          break;
        } else if (i + 2 < pattern.size() && pattern[i + 1] == '-') {
          unsigned char low = Fold(pattern[i], rule);
          unsigned char high = Fold(pattern[i + 2], rule);
          if (low > high) std::swap(low, high);
          if (byte >= low && byte <= high) found = true;
          i += 2;
        } else if (Fold(pattern[i], rule) == byte) {
          found = true;
        }
      }
      matched = found != negated;
      return i;
    }
    case '\\':
      if (at + 1 < pattern.size()) ++at;
      [[fallthrough]];
    default:
      matched = Fold(pattern[at], rule) == byte;
      return at + 1;
  }
}

}  // namespace

// On a mismatch only the last star needs to be tried again with one more character: what came before it already
// matched in the shortest way.
bool GlobMatch(std::string_view pattern, std::string_view text, CaseRule rule) {
  if (text.empty()) return pattern.empty();
  constexpr size_t kNone = static_cast<size_t>(-1);
  size_t p = 0;
  size_t t = 0;
  size_t star = kNone;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      bool matched = false;
      const size_t next = MatchElement(pattern, p, text[t], rule, matched);
      if (matched) {
        p = next;
        ++t;
        continue;
      }
    }
    if (star == kNone) return false;
    p = star + 1;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace tidemark
