// What a SORT asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "commands/context.h"
#include "commands/sort/pattern.h"

namespace tidemark::commands {

enum class SortOrder : uint8_t { kAscending, kDescending };
// How weights are compared.
enum class SortWeights : uint8_t { kNumbers, kTexts };

// A part of the sorted elements.
struct SortWindow {
  size_t first = 0;
  size_t count = 0;
};

struct SortRequest {
  bool sorts = true;              // false: BY names no key, so elements stay in the order they have
  std::optional<SortPattern> by;  // else an element is its own weight
  std::vector<SortPattern> gets;  // none: the elements themselves
  std::optional<size_t> store;    // index of the destination among the arguments
  SortOrder order = SortOrder::kAscending;
  SortWeights weights = SortWeights::kNumbers;
  int64_t offset = 0;
  int64_t count = -1;  // negative: all

  // What LIMIT leaves of so many elements.
  SortWindow WindowOf(size_t elements) const;
};

enum class SortStore : uint8_t { kForbidden, kAllowed };

// The options from the third argument on. Empty after having written the error reply.
std::optional<SortRequest> ParseSortRequest(Context& ctx, SortStore store);

}  // namespace tidemark::commands
