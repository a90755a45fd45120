#include "commands/set/operations.h"

#include <algorithm>

#include "base/numbers.h"

namespace tidemark::commands {

using values::Encoding;
using values::Object;
using values::PackedItem;
using values::Set;
using values::SetView;

namespace {

// Smallest first. Empty if one of the sources is missing.
std::vector<SetView> BySize(const SetSources& sources) {
  std::vector<SetView> sets;
  for (const std::optional<SetView>& source : sources) {
    if (!source) return {};
    sets.push_back(*source);
  }
  std::ranges::stable_sort(sets, {}, &SetView::size);
  return sets;
}

bool AllContain(std::span<const SetView> sets, const PackedItem& member) {
  return std::ranges::all_of(sets, [&](const SetView& set) { return set.Contains(member); });
}

// Looks every member of the first source up in the others, the largest of them first.
void SubtractByLookup(const SetSources& sources, Set& result) {
  std::vector<SetView> others;
  for (const std::optional<SetView>& source : std::span(sources).subspan(1)) {
    if (source) others.push_back(*source);
  }
  std::ranges::stable_sort(others, std::ranges::greater(), &SetView::size);
  sources[0]->ForEach([&](const PackedItem& member) {
    if (std::ranges::none_of(others, [&](const SetView& set) { return set.Contains(member); })) result.Add(member);
  });
}

// Takes the members of the other sources out of a copy of the first.
void SubtractByRemoval(const SetSources& sources, Set& result) {
  sources[0]->ForEach([&](const PackedItem& member) { result.Add(member); });
  for (const std::optional<SetView>& source : std::span(sources).subspan(1)) {
    if (!source) continue;
    source->VisitWhile([&](const PackedItem& member) {
      result.Remove(member);
      return result.size() > 0;
    });
    if (result.size() == 0) return;
  }
}

}  // namespace

void VisitIntersection(const SetSources& sources, const std::function<bool(const PackedItem&)>& visit) {
  const std::vector<SetView> sets = BySize(sources);
  if (sets.empty()) return;
  const auto others = std::span(sets).subspan(1);
  sets[0].VisitWhile([&](const PackedItem& member) { return !AllContain(others, member) || visit(member); });
}

Object IntersectionStart(const SetSources& sources) {
  const std::vector<SetView> sets = BySize(sources);
  const bool integers = !sets.empty() && sets[0].encoding() == Encoding::kIntset;
  return integers ? values::NewIntsetSet() : values::NewListpackSet();
}

void StoreIntersection(const SetSources& sources, ResultSet& result) {
  bool integers = true;
  VisitIntersection(sources, [&](const PackedItem& member) {
    integers = integers && (member.is_integer || ParseInt64(member.text));
    result.set().Add(member);
    return true;
  });
  if (integers) result.set().TryBecomeIntset();
  result.set().ShrinkToFit();
}

void AddUnion(const SetSources& sources, Set& result) {
  for (const std::optional<SetView>& source : sources) {
    if (source) source->ForEach([&](const PackedItem& member) { result.Add(member); });
  }
}

void AddDifference(const SetSources& sources, Set& result) {
  if (!sources[0]) return;
  // Looking up costs a step for each member of the first set and each other set, but is cheap and often ends early;
  // removing costs a step for each member of every set.
  uint64_t lookups = 0;
  uint64_t removals = 0;
  for (const std::optional<SetView>& source : sources) {
    if (!source) continue;
    lookups += sources[0]->size();
    removals += source->size();
  }
  if (lookups / 2 <= removals) {
    SubtractByLookup(sources, result);
  } else {
    SubtractByRemoval(sources, result);
  }
}

}  // namespace tidemark::commands
