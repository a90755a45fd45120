// Words and quotes of configuration lines, inline requests and manifests: blanks separate, "a b" with \n \r \t \b \a
// \" \\ and \xff inside and 'a b' with \' inside group.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark {

// The words of a line. Empty if a quote is not closed, or closed in the middle of a word.
std::optional<std::vector<std::string>> SplitWords(std::string_view line);
// `text` in double quotes, so that SplitWords gives it back.
std::string QuoteWord(std::string_view text);

// Compares without regard to the case of ASCII letters.
bool SameWord(std::string_view a, std::string_view b);

}  // namespace tidemark
