#include "commands/sort/elements.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/numbers.h"
#include "values/list.h"
#include "values/set.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

using values::ListView;
using values::PackedItem;
using values::SetView;
using values::SortedSetView;
using values::Type;

namespace {

void LoadList(const ListView& list, const SortRequest& request, SortWindow& window, auto&& add) {
  const auto add_item = [&](const PackedItem& item) {
    char scratch[kInt64Chars];
    add(item.View(scratch));
  };
  if (request.sorts) return list.ForEach(add_item);
  if (window.count == 0) return;
  const bool backward = request.order == SortOrder::kDescending;
  list.ForRange(backward ? list.size() - window.first - 1 : window.first, window.count,
                backward ? ListView::Direction::kBackward : ListView::Direction::kForward, add_item);
  window.first = 0;
}

void LoadSortedSet(const SortedSetView& set, const SortRequest& request, SortWindow& window, auto&& add) {
  const auto add_member = [&](std::string_view member, double) { add(member); };
  if (request.sorts) return set.ForEach(add_member);
  const bool down = request.order == SortOrder::kDescending;
  const uint64_t first = down ? set.size() - window.first - window.count : window.first;
  set.ForEach({first, window.count}, down ? values::Direction::kDown : values::Direction::kUp, add_member);
  window.first = 0;
}

void LoadSet(const SetView& set, auto&& add) {
  set.ForEach([&](const PackedItem& member) {
    char scratch[kInt64Chars];
    add(member.View(scratch));
  });
}

// As strtod reads the text up to its first zero byte; nothing at all is zero. The text has a zero byte behind it.
std::optional<double> NumberOf(std::string_view text) {
  char* end = nullptr;
  errno = 0;
  const double number = std::strtod(text.data(), &end);
  if (*end != '\0' || errno == ERANGE || std::isnan(number)) return std::nullopt;
  return number;
}

int CompareWeights(const std::optional<std::string_view>& a, const std::optional<std::string_view>& b, bool stored) {
  // What has no weight comes first.
  if (!a || !b) return static_cast<int>(a.has_value()) - static_cast<int>(b.has_value());
  // What is stored must not depend on the locale.
  return stored ? a->compare(*b) : std::strcoll(a->data(), b->data());
}

int Compare(const SortRequest& request, const SortElement& a, const SortElement& b) {
  if (request.weights == SortWeights::kTexts) return CompareWeights(a.weight, b.weight, request.store.has_value());
  if (a.number != b.number) return a.number < b.number ? -1 : 1;
  return a.text.compare(b.text);
}

}  // namespace

std::vector<SortElement> LoadSortElements(const values::Object& object, const SortRequest& request, SortWindow& window,
                                          TextArena& arena) {
  std::vector<SortElement> elements;
  const auto add = [&](std::string_view text) {
    elements.push_back({.text = arena.Copy(text), .weight = std::nullopt});
  };
  switch (object.type) {
    case Type::kList:
      LoadList(ListView(object), request, window, add);
      break;
    case Type::kSet:
      LoadSet(SetView(object), add);
      break;
    default:
      LoadSortedSet(SortedSetView(object), request, window, add);
  }
  return elements;
}

Result<Weighing> WeighSortElements(Context& ctx, const SortRequest& request, std::vector<SortElement>& elements,
                                   TextArena& arena) {
  Weighing weighing = Weighing::kDone;
  for (SortElement& element : elements) {
    element.weight = element.text;
    if (request.by) {
      auto found = request.by->Find(ctx, element.text, arena);
      if (!found) return found.error();
      element.weight = *found;
    }
    if (request.weights == SortWeights::kTexts || !element.weight) continue;
    const std::optional<double> number = NumberOf(*element.weight);
    if (!number) weighing = Weighing::kNotNumbers;
    element.number = number.value_or(0);
  }
  return weighing;
}

void OrderSortElements(const SortRequest& request, SortWindow window, std::vector<SortElement>& elements) {
  const auto before = [&](const SortElement& a, const SortElement& b) {
    const int order = Compare(request, a, b);
    return request.order == SortOrder::kDescending ? order > 0 : order < 0;
  };
  const size_t wanted = window.first + window.count;
  if (request.by && wanted < elements.size()) {
    std::partial_sort(elements.begin(), elements.begin() + static_cast<ptrdiff_t>(wanted), elements.end(), before);
  } else {
    std::ranges::stable_sort(elements, before);
  }
}

}  // namespace tidemark::commands
