// Intersections, unions and differences of sets. The results are those of Redis down to their encodings.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "values/set.h"

namespace tidemark::commands {

// The sets that a command names, in order; empty where a key is missing.
using SetSources = std::vector<std::optional<values::SetView>>;

// A set of its own, freed at the end unless it is taken.
class ResultSet {
 public:
  ResultSet(const values::Object& object, const values::EncodingLimits& limits)
      : object_(object), set_(object_, limits) {}
  ~ResultSet() {
    if (owned_) values::FreeObject(object_);
  }
  ResultSet(const ResultSet&) = delete;
  ResultSet& operator=(const ResultSet&) = delete;

  values::Set& set() { return set_; }
  values::Object Take() {
    owned_ = false;
    return object_;
  }

 private:
  values::Object object_;
  values::Set set_;
  bool owned_ = true;
};

// visit(const PackedItem&) for every member that all sources have, until it answers false. The views stay valid as long
// as the sources do.
void VisitIntersection(const SetSources& sources, const std::function<bool(const values::PackedItem&)>& visit);
// The intersection as a set to be stored. `result` is what IntersectionStart gave.
void StoreIntersection(const SetSources& sources, ResultSet& result);
// The empty set that StoreIntersection begins with: laid out like the smallest source.
values::Object IntersectionStart(const SetSources& sources);

// Adds the members of every source.
void AddUnion(const SetSources& sources, values::Set& result);
// Adds the members of the first source that no other has to `result`, which is empty.
void AddDifference(const SetSources& sources, values::Set& result);

}  // namespace tidemark::commands
