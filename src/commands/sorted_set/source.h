// An input of the commands that combine sorted sets: a sorted set, a set, whose members all count as 1, or nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/numbers.h"
#include "values/object.h"
#include "values/set.h"
#include "values/sorted_set.h"

namespace tidemark::commands {

class ScoredSource {
 public:
  ScoredSource() = default;
  explicit ScoredSource(const values::Object& object) : object_(object) {}

  static bool Accepts(values::Type type) { return type == values::Type::kZSet || type == values::Type::kSet; }
  uint64_t size() const { return object_ ? values::ObjectSize(*object_) : 0; }

  std::optional<double> Score(std::string_view member) const {
    if (!object_) return std::nullopt;
    if (!is_set()) return values::SortedSetView(*object_).Score(member);
    return values::SetView(*object_).Contains(member) ? std::optional(kSetScore) : std::nullopt;
  }

  // visit(std::string_view member, double score) for all; it answers false to stop.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    if (!object_) return;
    if (!is_set()) return values::SortedSetView(*object_).ForEach(std::forward<Visit>(visit));
    char scratch[kInt64Chars];
    values::SetView(*object_).VisitWhile(
        [&](const values::PackedItem& member) { return visit(member.View(scratch), kSetScore); });
  }

 private:
  static constexpr double kSetScore = 1;

  bool is_set() const { return object_->type == values::Type::kSet; }

  std::optional<values::Object> object_;
};

}  // namespace tidemark::commands
