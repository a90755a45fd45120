#include "values/sorted_set.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/numbers.h"

namespace tidemark::values {
namespace {

// Scores that a listpack holds as integers.
std::optional<int64_t> IntegerScore(double score) {
  constexpr double kMax = static_cast<double>(INT64_MAX / 2);
  if (score < -kMax || score > kMax) return std::nullopt;
  const auto integer = static_cast<int64_t>(score);
  return static_cast<double>(integer) == score ? std::optional(integer) : std::nullopt;
}

// A score in the form in which listpacks hold it.
class PackedScoreText {
 public:
  explicit PackedScoreText(double score) : integer_(IntegerScore(score)) {
    if (!integer_) text_ = FormatDouble(score, scratch_);
  }
  Listpack::Position Insert(Listpack& list, Listpack::Position before) const {
    return integer_ ? list.InsertInteger(before, *integer_) : list.Insert(before, text_);
  }

 private:
  std::optional<int64_t> integer_;
  char scratch_[kDoubleChars];
  std::string_view text_;
};

// Bytes that scores and heads add to a pair at most; for the check that a listpack does not become too big.
constexpr size_t kPairOverheadBytes = 64;

struct PackedPair {
  Listpack::Position member = nullptr;
  Listpack::Position score = nullptr;
  uint64_t rank = 0;
};

PackedPair FindPair(const Listpack& list, std::string_view member) {
  PackedPair pair;
  for (pair.member = list.First(); pair.member != nullptr; pair.member = list.Next(pair.score), ++pair.rank) {
    pair.score = list.Next(pair.member);
    if (Listpack::Get(pair.member).Equals(member)) return pair;
  }
  return pair;
}

// The ends of a range of a listpack by tests of its pairs: test(Position member, Position score).
template <typename ReachesMin, typename ReachesMax>
RankRange PackedRange(const Listpack& list, ReachesMin&& reaches_min, ReachesMax&& reaches_max) {
  RankRange range;
  bool inside = false;
  for (Listpack::Position at = list.First(); at != nullptr;) {
    const Listpack::Position score = list.Next(at);
    if (!inside && !reaches_min(at, score)) {
      ++range.first;
    } else {
      inside = true;
      if (!reaches_max(at, score)) break;
      ++range.count;
    }
    at = list.Next(score);
  }
  return range;
}

}  // namespace

bool LexRange::empty() const {
  using Kind = LexBound::Kind;
  if (min.kind != Kind::kMember || max.kind != Kind::kMember) {
    return min.kind == Kind::kHighest || max.kind == Kind::kLowest;
  }
  const int order = min.member.compare(max.member);
  return order > 0 || (order == 0 && (min.exclusive || max.exclusive));
}

bool LexRange::ReachesMin(std::string_view member) const {
  if (min.kind != LexBound::Kind::kMember) return min.kind == LexBound::Kind::kLowest;
  return min.exclusive ? member > min.member : member >= min.member;
}

bool LexRange::ReachesMax(std::string_view member) const {
  if (max.kind != LexBound::Kind::kMember) return max.kind == LexBound::Kind::kHighest;
  return max.exclusive ? member < max.member : member <= max.member;
}

double SortedSetView::PackedScore(Listpack::Position at) {
  const PackedItem item = Listpack::Get(at);
  if (item.is_integer) return static_cast<double>(item.integer);
  return ParseDouble(item.text).value_or(0);
}

std::optional<double> SortedSetView::Score(std::string_view member) const {
  if (packed()) {
    const PackedPair pair = FindPair(listpack(), member);
    return pair.member != nullptr ? std::optional(PackedScore(pair.score)) : std::nullopt;
  }
  const MemberBlock* const block = tree().Find(member);
  return block != nullptr ? std::optional(block->score()) : std::nullopt;
}

std::optional<SortedSetView::Standing> SortedSetView::Find(std::string_view member) const {
  if (packed()) {
    const PackedPair pair = FindPair(listpack(), member);
    if (pair.member == nullptr) return std::nullopt;
    return Standing{pair.rank, PackedScore(pair.score)};
  }
  const MemberBlock* const block = tree().Find(member);
  if (block == nullptr) return std::nullopt;
  return Standing{tree().Rank(*block), block->score()};
}

RankRange SortedSetView::InScores(const ScoreRange& range) const {
  if (range.empty()) return {};
  if (packed()) {
    return PackedRange(
        listpack(), [&](auto, Listpack::Position score) { return range.ReachesMin(PackedScore(score)); },
        [&](auto, Listpack::Position score) { return range.ReachesMax(PackedScore(score)); });
  }
  const uint64_t first = range.min_exclusive ? tree().CountUpTo(range.min) : tree().CountBelow(range.min);
  const uint64_t end = range.max_exclusive ? tree().CountBelow(range.max) : tree().CountUpTo(range.max);
  return {first, end > first ? end - first : 0};
}

RankRange SortedSetView::InMembers(const LexRange& range) const {
  if (range.empty()) return {};
  if (packed()) {
    char scratch[kInt64Chars];
    return PackedRange(
        listpack(), [&](Listpack::Position at, auto) { return range.ReachesMin(Listpack::Get(at).View(scratch)); },
        [&](Listpack::Position at, auto) { return range.ReachesMax(Listpack::Get(at).View(scratch)); });
  }
  const bool from_start = range.min.kind == LexBound::Kind::kLowest;
  const bool to_end = range.max.kind == LexBound::Kind::kHighest;
  uint64_t first = 0;
  if (!from_start) {
    first = range.min.exclusive ? tree().CountUpTo(range.min.member) : tree().CountBelow(range.min.member);
  }
  uint64_t end = tree().size();
  if (!to_end) end = range.max.exclusive ? tree().CountBelow(range.max.member) : tree().CountUpTo(range.max.member);
  return {first, end > first ? end - first : 0};
}

SortedSet::Outcome SortedSet::Update(const ScoredMember& element, const Rule& rule) {
  return object_.encoding == Encoding::kListpack ? UpdatePacked(element, rule) : UpdateTree(element, rule);
}

namespace {

// What the rule makes of a member that has the score `old`: a score that differs from it is to be stored.
SortedSet::Outcome Decide(double old, double given, const SortedSet::Rule& rule) {
  using Rule = SortedSet::Rule;
  SortedSet::Outcome outcome{.score = given};
  if (rule.presence == Rule::Presence::kMissing) {
    outcome.refused = true;
    return outcome;
  }
  if (rule.increment) outcome.score += old;
  outcome.nan = std::isnan(outcome.score);
  if (outcome.nan) return outcome;
  outcome.refused = (rule.order == Rule::Order::kLess && outcome.score >= old) ||
                    (rule.order == Rule::Order::kGreater && outcome.score <= old);
  if (!outcome.refused && outcome.score != old) outcome.change = SortedSet::Change::kScore;
  return outcome;
}

}  // namespace

SortedSet::Outcome SortedSet::UpdatePacked(const ScoredMember& element, const Rule& rule) {
  Listpack list = listpack();
  const PackedPair pair = FindPair(list, element.member);
  if (pair.member != nullptr) {
    const Outcome outcome = Decide(SortedSetView::PackedScore(pair.score), element.score, rule);
    if (outcome.change == Change::kNone) return outcome;
    list.Erase(pair.member, 2);
    object_.pointer = list.block();
    InsertPacked({element.member, outcome.score});
    return outcome;
  }
  if (rule.presence == Rule::Presence::kPresent) return {.refused = true};
  if (!FitsPacked(element.member)) {
    ConvertToTree();
    return UpdateTree(element, rule);
  }
  InsertPacked(element);
  return {.change = Change::kAdded, .score = element.score};
}

SortedSet::Outcome SortedSet::UpdateTree(const ScoredMember& element, const Rule& rule) {
  if (const MemberBlock* const block = tree().Find(element.member)) {
    const Outcome outcome = Decide(block->score(), element.score, rule);
    if (outcome.change == Change::kScore) tree().SetScore(block, outcome.score);
    return outcome;
  }
  if (rule.presence == Rule::Presence::kPresent) return {.refused = true};
  tree().Insert(element);
  return {.change = Change::kAdded, .score = element.score};
}

bool SortedSet::FitsPacked(std::string_view member) const {
  const Listpack list = listpack();
  return size() + 1 <= limits_.zset_max_listpack_entries && member.size() <= limits_.zset_max_listpack_value &&
         list.bytes() + member.size() + kPairOverheadBytes <= Listpack::kMaxBytes;
}

void SortedSet::InsertPacked(const ScoredMember& element) {
  Listpack list = listpack();
  char scratch[kInt64Chars];
  const auto is_before = [&](Listpack::Position member, Listpack::Position score) {
    return ScoredMember{Listpack::Get(member).View(scratch), SortedSetView::PackedScore(score)} < element;
  };
  // Members that come in order are the most frequent; else the place is looked for from the front.
  Listpack::Position at = nullptr;
  const Listpack::Position last = list.Last();
  if (last != nullptr && !is_before(list.Previous(last), last)) {
    at = list.First();
    for (Listpack::Position score = list.Next(at); is_before(at, score); score = list.Next(at)) at = list.Next(score);
  }
  // In front of `at`: the score first, then the member in front of the score.
  const Listpack::Position score = PackedScoreText(element.score).Insert(list, at);
  list.Insert(score, element.member);
  object_.pointer = list.block();
}

void SortedSet::ConvertToTree() {
  auto* const larger = new ScoredTree();
  view().ForEach([&](std::string_view member, double score) { larger->Insert({member, score}); });
  listpack().Destroy();
  object_.pointer = larger;
  object_.encoding = Encoding::kSkiplist;
}

bool SortedSet::Erase(std::string_view member) {
  if (object_.encoding != Encoding::kListpack) return tree().Erase(member);
  Listpack list = listpack();
  const PackedPair pair = FindPair(list, member);
  if (pair.member == nullptr) return false;
  list.Erase(pair.member, 2);
  object_.pointer = list.block();
  return true;
}

void SortedSet::EraseRange(const RankRange& range) {
  if (range.count == 0) return;
  if (object_.encoding != Encoding::kListpack) {
    tree().EraseRange(range.first, range.count);
    return;
  }
  Listpack list = listpack();
  list.EraseRange(static_cast<int64_t>(range.first * 2), range.count * 2);
  object_.pointer = list.block();
}

Object NewSortedSet() {
  return {Type::kZSet, Encoding::kListpack, Listpack::Create().block()};
}

Object NewSortedSetFor(size_t members, const EncodingLimits& limits) {
  if (members <= limits.zset_max_listpack_entries) return NewSortedSet();
  return {Type::kZSet, Encoding::kSkiplist, new ScoredTree()};
}

Object NewSortedSet(std::span<const ScoredMember> elements, const EncodingLimits& limits) {
  size_t bytes = Listpack::kEmptyBytes;
  bool packed = elements.size() <= limits.zset_max_listpack_entries;
  for (size_t i = 0; packed && i < elements.size(); ++i) {
    bytes += elements[i].member.size() + kPairOverheadBytes;
    packed = elements[i].member.size() <= limits.zset_max_listpack_value && bytes <= Listpack::kMaxBytes;
  }
  if (packed) {
    Listpack list = Listpack::Create();
    for (const ScoredMember& element : elements) {
      list.Append(element.member);
      PackedScoreText(element.score).Insert(list, nullptr);
    }
    return {Type::kZSet, Encoding::kListpack, list.block()};
  }
  auto* const tree = new ScoredTree();
  for (const ScoredMember& element : elements) tree->Insert(element);
  return {Type::kZSet, Encoding::kSkiplist, tree};
}

void FreeSortedSet(const Object& object) {
  if (object.encoding == Encoding::kListpack) {
    Listpack(object.pointer).Destroy();
  } else {
    delete static_cast<ScoredTree*>(object.pointer);
  }
}

Object CloneSortedSet(const Object& object) {
  if (object.encoding == Encoding::kListpack) {
    return {object.type, object.encoding, Listpack::CopyOf(Listpack(object.pointer).view()).block()};
  }
  auto* const tree = new ScoredTree();
  SortedSetView(object).ForEach([&](std::string_view member, double score) { tree->Insert({member, score}); });
  return {object.type, object.encoding, tree};
}

size_t SortedSetBytes(const Object& object) {
  if (object.encoding == Encoding::kListpack) return Listpack(object.pointer).AllocatedBytes();
  return static_cast<const ScoredTree*>(object.pointer)->MemoryBytes();
}

uint64_t SortedSetSize(const Object& object) {
  if (object.encoding == Encoding::kListpack) return Listpack(object.pointer).count() / 2;
  return static_cast<const ScoredTree*>(object.pointer)->size();
}

size_t SortedSetFreeEffort(const Object& object) {
  return object.encoding == Encoding::kListpack ? 1 : static_cast<const ScoredTree*>(object.pointer)->BlockCount();
}

}  // namespace tidemark::values
