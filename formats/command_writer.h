// Commands as the append-only file and replicas take them: RESP arrays of bulk strings.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tidemark::formats {

// Appends one command to `out`.
void AppendCommand(std::string& out, std::span<const std::string_view> words);
inline void AppendCommand(std::string& out, std::initializer_list<std::string_view> words) {
  AppendCommand(out, std::span(words.begin(), words.size()));
}

}  // namespace tidemark::formats
