// The ID of a stream entry: milliseconds and a number within them. IDs of a stream only grow.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::values {

struct StreamId {
  // Two numbers of 20 digits and what is between them.
  static constexpr size_t kChars = 41;

  uint64_t ms = 0;
  uint64_t seq = 0;

  static constexpr StreamId Max() { return {UINT64_MAX, UINT64_MAX}; }

  friend constexpr auto operator<=>(const StreamId&, const StreamId&) = default;
  constexpr bool zero() const { return ms == 0 && seq == 0; }

  // The ID right behind and right before this one; empty beyond the last and the first.
  constexpr std::optional<StreamId> Next() const {
    if (seq != UINT64_MAX) return StreamId{ms, seq + 1};
    if (ms != UINT64_MAX) return StreamId{ms + 1, 0};
    return std::nullopt;
  }
  constexpr std::optional<StreamId> Previous() const {
    if (seq != 0) return StreamId{ms, seq - 1};
    if (ms != 0) return StreamId{ms - 1, UINT64_MAX};
    return std::nullopt;
  }

  // Writes "ms-seq" at the start of `scratch` (at least kChars) and returns the written part.
  std::string_view Format(char* scratch) const;
  std::string ToString() const;
};

}  // namespace tidemark::values
