#include "commands/string/bounded_increment.h"

#include <cmath>

namespace tidemark::commands {

Incremented<int64_t> Increment(int64_t value, int64_t by, const IncrementBounds<int64_t>& bounds) {
  using Outcome = Incremented<int64_t>::Outcome;
  const __int128 sum = static_cast<__int128>(value) + by;
  if (sum >= bounds.lower && sum <= bounds.upper) return {Outcome::kApplied, static_cast<int64_t>(sum), by};
  if (!bounds.saturate) return {Outcome::kRefused, value, 0};
  const int64_t bound = sum > bounds.upper ? bounds.upper : bounds.lower;
  int64_t applied = 0;
  if (__builtin_sub_overflow(bound, value, &applied)) return {Outcome::kUnrepresentable, value, 0};
  return {Outcome::kApplied, bound, applied};
}

Incremented<long double> Increment(long double value, long double by, const IncrementBounds<long double>& bounds) {
  using Outcome = Incremented<long double>::Outcome;
  const long double sum = value + by;
  if (std::isfinite(sum) && sum >= bounds.lower && sum <= bounds.upper) return {Outcome::kApplied, sum, by};
  if (!bounds.saturate) return {Outcome::kRefused, value, 0};
  const long double bound = sum < bounds.lower ? bounds.lower : bounds.upper;
  const long double applied = bound - value;
  if (!std::isfinite(applied)) return {Outcome::kUnrepresentable, value, 0};
  return {Outcome::kApplied, bound, applied};
}

}  // namespace tidemark::commands
