#include "base/numbers.h"

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace tidemark {

std::optional<uint64_t> ParseUint64(std::string_view text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  if (text[0] == '0') return text.size() == 1 ? std::optional<uint64_t>(0) : std::nullopt;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseInt64(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::optional<uint64_t> magnitude = ParseUint64(negative ? text.substr(1) : text);
  if (!magnitude) return std::nullopt;
  constexpr uint64_t kMax = INT64_MAX;
  if (negative) {
    if (*magnitude == 0 || *magnitude > kMax + 1) return std::nullopt;
    return static_cast<int64_t>(-*magnitude);
  }
  if (*magnitude > kMax) return std::nullopt;
  return static_cast<int64_t>(*magnitude);
}

std::string_view FormatInt64(int64_t value, char* scratch) {
  const auto result = std::to_chars(scratch, scratch + kInt64Chars, value);
  return {scratch, static_cast<size_t>(result.ptr - scratch)};
}

namespace {

// strtod and strtold with the checks in common: all of the text must be used and the result must be in range.
template <typename T>
std::optional<T> ParseFloating(std::string_view text, T (*convert)(const char*, char**)) {
  constexpr size_t kMaxChars = 5 * 1024;
  if (text.empty() || text.size() >= kMaxChars || std::isspace(static_cast<unsigned char>(text[0])))
    return std::nullopt;
  const std::string terminated(text);
  char* end = nullptr;
  errno = 0;
  const T value = convert(terminated.c_str(), &end);
  if (end != terminated.c_str() + terminated.size()) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  if (std::isnan(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> ParseDouble(std::string_view text) {
  // Plain decimals, which are nearly all; whatever is special about the rest is left to the C library.
  constexpr size_t kMaxPlainChars = 64;
  if (text.size() <= kMaxPlainChars && text.find_first_not_of("-.0123456789") == std::string_view::npos) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
  }
  return ParseFloating<double>(text, std::strtod);
}

std::optional<long double> ParseLongDouble(std::string_view text) {
  return ParseFloating<long double>(text, std::strtold);
}

std::string FormatDouble(double value) {
  char scratch[kDoubleChars];
  return std::string(FormatDouble(value, scratch));
}

std::string_view FormatDouble(double value, char* scratch) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (std::isnan(value)) return "nan";
  // Whole numbers of up to 17 digits look the same either way, and are written much faster as integers.
  constexpr double kPlainMax = 1e17;
  if (value > -kPlainMax && value < kPlainMax && (value != 0 || !std::signbit(value))) {
    const auto integer = static_cast<int64_t>(value);
    if (static_cast<double>(integer) == value) return FormatInt64(integer, scratch);
  }
  const auto result = std::to_chars(scratch, scratch + kDoubleChars, value, std::chars_format::general, 17);
  return {scratch, static_cast<size_t>(result.ptr - scratch)};
}

std::string FormatLongDouble(long double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[5 * 1024];
  const int length = std::snprintf(buffer, sizeof(buffer), "%.17Lf", value);
  std::string text(buffer, static_cast<size_t>(length));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  if (text == "-0") text = "0";
  return text;
}

std::optional<uint64_t> ParseMemory(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && std::isdigit(static_cast<unsigned char>(text[digits]))) ++digits;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (digits == 0 || error != std::errc()) return std::nullopt;
  std::string unit;
  for (const char c : text.substr(digits))
    unit.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  struct Unit {
    std::string_view name;
    uint64_t bytes;
  };
  static constexpr Unit kUnits[] = {{"", 1},        {"b", 1},        {"k", 1000},       {"kb", 1024},
                                    {"m", 1000000}, {"mb", 1 << 20}, {"g", 1000000000}, {"gb", 1 << 30}};
  for (const Unit& candidate : kUnits) {
    if (unit != candidate.name) continue;
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(value, candidate.bytes, &bytes)) return std::nullopt;
    return bytes;
  }
  return std::nullopt;
}

std::string FormatMemory(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + "B";
  static constexpr char kUnits[] = "KMGTPE";
  double scaled = static_cast<double>(bytes) / 1024;
  int unit = 0;
  while (scaled >= 1024 && unit < 5) {
    scaled /= 1024;
    ++unit;
  }
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%.2f%c", scaled, kUnits[unit]);
  return buffer;
}

}  // namespace tidemark
