// Spelling and quoting words. ASCII only, whatever the locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark::commands {

constexpr char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr char ToUpper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}

inline std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ToLower(c);
  return lower;
}

inline std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = ToUpper(c);
  return upper;
}

// How error texts quote an argument: up to `bytes_max` bytes of it, and nothing from a zero byte on.
inline std::string_view Quotable(std::string_view argument, size_t bytes_max = std::string_view::npos) {
  return argument.substr(0, bytes_max).substr(0, argument.substr(0, bytes_max).find('\0'));
}

// Calls visit(item) for each item of a list that is separated by `separator`. An empty list has no items.
template <typename Visit>
constexpr void ForEachItem(std::string_view list, char separator, Visit&& visit) {
  while (!list.empty()) {
    const size_t end = list.find(separator);
    visit(list.substr(0, end));
    if (end == std::string_view::npos) return;
    list.remove_prefix(end + 1);
  }
}

}  // namespace tidemark::commands
