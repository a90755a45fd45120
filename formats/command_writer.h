// Commands as the append-only file and the replication stream have them (command_reader.h has the grammar). Appends to
// a string and touches nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tidemark::formats {

// A command of at least one word.
void AppendCommand(std::string& out, std::span<const std::string_view> words);
inline void AppendCommand(std::string& out, std::initializer_list<std::string_view> words) {
  AppendCommand(out, std::span(words.begin(), words.size()));
}

// The same piece by piece: as many words must follow.
void AppendCommandHeader(std::string& out, size_t word_count);
void AppendWord(std::string& out, std::string_view word);
// The decimal text of `value` as a word.
void AppendIntegerWord(std::string& out, int64_t value);

// "#TS:<seconds>": what follows was done at this Unix time or later.
void AppendTimestamp(std::string& out, int64_t unix_seconds);

}  // namespace tidemark::formats
