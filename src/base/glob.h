// Glob patterns as KEYS, SCAN and CONFIG GET take them: * ? [a-z] [^a] and backslash escapes.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

enum class CaseRule : uint8_t { kExact, kIgnore };

// The empty text is matched by the empty pattern alone, as Redis has it: not even by a star.
// Runs in time bounded by |pattern| x |text|, whatever the pattern.
bool GlobMatch(std::string_view pattern, std::string_view text, CaseRule rule = CaseRule::kExact);

}  // namespace tidemark
