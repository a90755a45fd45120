// The elements that SORT works on: taken from a list, a set or a sorted set, weighed, put in order.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "commands/context.h"
#include "commands/sort/pattern.h"
#include "commands/sort/request.h"

namespace tidemark::commands {

struct SortElement {
  std::string_view text;                   // in the arena
  std::optional<std::string_view> weight;  // as text; likewise in the arena
  double number = 0;
};

// Copies elements to `arena`: all that are to be sorted, or just those of `window` if nothing is sorted and the
// container has an order; `window` then covers what is answered.
std::vector<SortElement> LoadSortElements(const values::Object& object, const SortRequest& request, SortWindow& window,
                                          TextArena& arena);

enum class Weighing : uint8_t { kDone, kNotNumbers };
// Finds the weight of each element. The error is that a value on flash cannot be read.
Result<Weighing> WeighSortElements(Context& ctx, const SortRequest& request, std::vector<SortElement>& elements,
                                   TextArena& arena);

// Puts the elements in order, at least those of `window`.
void OrderSortElements(const SortRequest& request, SortWindow window, std::vector<SortElement>& elements);

}  // namespace tidemark::commands
