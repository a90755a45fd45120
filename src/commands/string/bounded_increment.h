// Addition within bounds, as INCREX does it: a sum beyond them is refused, or else cut to the bound.
#pragma once

#include <cstdint>

namespace tidemark::commands {

template <typename Number>
struct IncrementBounds {
  Number lower;
  Number upper;
  bool saturate = false;
};

template <typename Number>
struct Incremented {
  // kUnrepresentable: from the old value to the bound is further than the type can say.
  enum class Outcome : uint8_t { kApplied, kRefused, kUnrepresentable } outcome;
  Number value;    // the new one; if refused the old one
  Number applied;  // by how much it differs from the old one
};

Incremented<int64_t> Increment(int64_t value, int64_t by, const IncrementBounds<int64_t>& bounds);
// `value` and `by` are finite. Bounds may be infinite, which no result is.
Incremented<long double> Increment(long double value, long double by, const IncrementBounds<long double>& bounds);

}  // namespace tidemark::commands
