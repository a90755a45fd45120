// Sorted sets. What an Object's pointer is, by encoding: listpack: a Listpack block of member, score pairs in order;
// skiplist: a ScoredTree.
//
// A score in a listpack is an integer if it is one (up to half of what 64 bits hold), else text of 17 digits. So a
// negative zero becomes a plain one there, as it does in Redis.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "values/listpack.h"
#include "values/object.h"
#include "values/scored_tree.h"

namespace tidemark::values {

// What object.h asks of each type.
void FreeSortedSet(const Object& object);
Object CloneSortedSet(const Object& object);
size_t SortedSetBytes(const Object& object);
uint64_t SortedSetSize(const Object& object);
size_t SortedSetFreeEffort(const Object& object);

// Bounds of a range of scores.
struct ScoreRange {
  double min = 0;
  double max = 0;
  bool min_exclusive = false;
  bool max_exclusive = false;

  bool empty() const { return min > max || (min == max && (min_exclusive || max_exclusive)); }
  bool ReachesMin(double score) const { return min_exclusive ? score > min : score >= min; }
  bool ReachesMax(double score) const { return max_exclusive ? score < max : score <= max; }
};

// A bound of a range of members that all have the same score.
struct LexBound {
  enum class Kind : uint8_t { kLowest, kMember, kHighest } kind = Kind::kMember;
  std::string_view member = {};
  bool exclusive = false;
};

struct LexRange {
  LexBound min;
  LexBound max;

  bool empty() const;
  bool ReachesMin(std::string_view member) const;
  bool ReachesMax(std::string_view member) const;
};

// Members that follow one another: how many are in front of them, and how many there are.
struct RankRange {
  uint64_t first = 0;
  uint64_t count = 0;
};

enum class Direction : uint8_t { kUp, kDown };

// Reads a sorted set. Valid while the set does not change.
class SortedSetView {
 public:
  explicit SortedSetView(const Object& object) : object_(object) {}

  uint64_t size() const { return SortedSetSize(object_); }
  bool packed() const { return object_.encoding == Encoding::kListpack; }
  Listpack listpack() const { return Listpack(object_.pointer); }
  const ScoredTree& tree() const { return *static_cast<const ScoredTree*>(object_.pointer); }

  std::optional<double> Score(std::string_view member) const;
  // The number of members in front, and the score.
  struct Standing {
    uint64_t rank;
    double score;
    bool operator==(const Standing&) const = default;
  };
  std::optional<Standing> Find(std::string_view member) const;

  RankRange InScores(const ScoreRange& range) const;
  RankRange InMembers(const LexRange& range) const;

  // visit(std::string_view member, double score) for the members of `range`, from its lowest up or from its highest
  // down. It may answer false to stop. The view lasts as long as the call.
  template <typename Visit>
  void ForEach(const RankRange& range, Direction direction, Visit&& visit) const {
    if (range.count == 0) return;
    const uint64_t start = direction == Direction::kUp ? range.first : range.first + range.count - 1;
    packed() ? WalkPacked(start, range.count, direction, visit) : WalkTree(start, range.count, direction, visit);
  }
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    ForEach({0, size()}, Direction::kUp, std::forward<Visit>(visit));
  }

  // The score in the pair whose score element is at `at`.
  static double PackedScore(Listpack::Position at);

 private:
  template <typename Visit>
  static bool Show(Visit& visit, std::string_view member, double score) {
    if constexpr (std::is_same_v<decltype(visit(member, score)), bool>) {
      return visit(member, score);
    } else {
      visit(member, score);
      return true;
    }
  }

  template <typename Visit>
  void WalkPacked(uint64_t start, uint64_t count, Direction direction, Visit& visit) const {
    const Listpack list = listpack();
    const bool up = direction == Direction::kUp;
    char scratch[kInt64Chars];
    Listpack::Position at = list.Seek(static_cast<int64_t>(start * 2));
    for (; count > 0; --count) {
      const Listpack::Position score = list.Next(at);
      if (!Show(visit, Listpack::Get(at).View(scratch), PackedScore(score))) return;
      if (count == 1) return;
      at = up ? list.Next(score) : list.Previous(list.Previous(at));
    }
  }

  template <typename Visit>
  void WalkTree(uint64_t start, uint64_t count, Direction direction, Visit& visit) const {
    ScoredTree::Cursor at = tree().At(start);
    for (; count > 0; --count) {
      if (!Show(visit, at->member(), at->score())) return;
      direction == Direction::kUp ? at.Next() : at.Previous();
    }
  }

  Object object_;
};

// Changes a sorted set in place.
class SortedSet {
 public:
  SortedSet(Object& object, const EncodingLimits& limits) : object_(object), limits_(limits) {}

  SortedSetView view() const { return SortedSetView(object_); }
  uint64_t size() const { return SortedSetSize(object_); }

  enum class Change : uint8_t { kNone, kScore, kAdded };
  // Conditions and meaning of an Update.
  struct Rule {
    enum class Presence : uint8_t { kAny, kMissing, kPresent } presence = Presence::kAny;
    enum class Order : uint8_t { kAny, kGreater, kLess } order = Order::kAny;
    bool increment = false;  // add to the score that is there
  };
  struct Outcome {
    Change change = Change::kNone;
    bool refused = false;  // by a condition
    bool nan = false;      // the sum is not a number; nothing was changed
    double score = 0;      // of the member now, unless refused
  };
  // Adds the member or changes its score, as ZADD does. `score` is not NaN.
  Outcome Update(const ScoredMember& element, const Rule& rule);
  Change Set(std::string_view member, double score) { return Update({member, score}, {}).change; }
  // False if there is no such member.
  bool Erase(std::string_view member);
  void EraseRange(const RankRange& range);

 private:
  Listpack listpack() const { return Listpack(object_.pointer); }
  ScoredTree& tree() const { return *static_cast<ScoredTree*>(object_.pointer); }
  Outcome UpdatePacked(const ScoredMember& element, const Rule& rule);
  Outcome UpdateTree(const ScoredMember& element, const Rule& rule);
  bool FitsPacked(std::string_view member) const;
  void InsertPacked(const ScoredMember& element);
  void ConvertToTree();

  Object& object_;
  const EncodingLimits& limits_;
};

// An empty sorted set (a listpack). Costs one small allocation, so make it only when the key is missing.
Object NewSortedSet();
// An empty one for so many members: no listpack if they are too many for one.
Object NewSortedSetFor(size_t members, const EncodingLimits& limits);
// A sorted set of elements that are in order and whose members differ, as a listpack if the limits allow.
Object NewSortedSet(std::span<const ScoredMember> elements, const EncodingLimits& limits);

}  // namespace tidemark::values
