// Numbers as text, by the strict rules of the protocol: no leading spaces, zeros or plus signs, no overflow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

inline constexpr size_t kInt64Chars = 24;
inline constexpr size_t kDoubleChars = 40;

// The canonical decimal form only: what FormatInt64 would print.
std::optional<int64_t> ParseInt64(std::string_view text);
std::optional<uint64_t> ParseUint64(std::string_view text);
// Writes at the start of `scratch` (at least kInt64Chars) and returns the written part.
std::string_view FormatInt64(int64_t value, char* scratch);

// The whole of `text` as a floating number in C notation (inf, nan, hexadecimal too); no surrounding space, not empty.
std::optional<double> ParseDouble(std::string_view text);
std::optional<long double> ParseLongDouble(std::string_view text);
// 17 significant digits at most, which read back as the same double; "inf", "-inf", "nan".
std::string FormatDouble(double value);
// The same, at the start of `scratch` (at least kDoubleChars); returns the written part.
std::string_view FormatDouble(double value, char* scratch);
// Fixed notation with up to 17 digits after the point, trailing zeros cut off (as INCRBYFLOAT stores its result).
std::string FormatLongDouble(long double value);

// "512", "64kb", "1g": bytes with the units of configuration files (k = 1000, kb = 1024, and so on), any case.
std::optional<uint64_t> ParseMemory(std::string_view text);
// "1.50M": the form of the *_human fields of INFO.
std::string FormatMemory(uint64_t bytes);

}  // namespace tidemark
