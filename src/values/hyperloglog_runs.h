// The runs of the sparse form of HyperLogLogs (see hyperloglog.h), one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::values {

struct HllRun {
  static constexpr uint8_t kMaxValue = 32;
  static constexpr unsigned kMaxValueLength = 4;
  static constexpr unsigned kMaxShortZeros = 64;

  enum class Kind : uint8_t { kShortZeros, kLongZeros, kValue };

  Kind kind;
  uint8_t value;    // of every register, 0 but for kValue
  unsigned length;  // registers

  size_t bytes() const { return kind == Kind::kLongZeros ? 2 : 1; }

  // The run at the start of `bytes`, which are not empty. Where the second byte of one is missing it counts as 0.
  static HllRun Read(std::string_view bytes) {
    const auto first = static_cast<uint8_t>(bytes[0]);
    if ((first & 0x80) != 0) {
      return {Kind::kValue, static_cast<uint8_t>((first >> 2 & 0x1f) + 1), (first & 0x3u) + 1};
    }
    if ((first & 0x40) == 0) return {Kind::kShortZeros, 0, (first & 0x3fu) + 1};
    const unsigned second = bytes.size() > 1 ? static_cast<uint8_t>(bytes[1]) : 0;
    return {Kind::kLongZeros, 0, ((first & 0x3fu) << 8 | second) + 1};
  }
};

// Calls visit(const HllRun&) for the runs in `runs` until it returns false.
template <typename Visit>
void ForEachHllRun(std::string_view runs, Visit&& visit) {
  while (!runs.empty()) {
    const HllRun run = HllRun::Read(runs);
    if (!visit(run)) return;
    runs.remove_prefix(run.bytes() < runs.size() ? run.bytes() : runs.size());
  }
}

// Appends zeros in the shorter way that can hold them; `length` up to 16384. Nothing if it is 0.
inline void AppendHllZeros(std::string& out, unsigned length) {
  if (length == 0) return;
  const unsigned rest = length - 1;
  if (length <= HllRun::kMaxShortZeros) {
    out.push_back(static_cast<char>(rest));
  } else {
    out.push_back(static_cast<char>(0x40 | rest >> 8));
    out.push_back(static_cast<char>(rest & 0xff));
  }
}

// `value` 1 to 32, `length` up to 4. Nothing if it is 0.
inline void AppendHllValue(std::string& out, uint8_t value, unsigned length) {
  if (length == 0) return;
  out.push_back(static_cast<char>(0x80u | (value - 1u) << 2 | (length - 1)));
}

}  // namespace tidemark::values
