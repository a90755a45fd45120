// The nodes of a ScoredTree and the probes that search them. For scored_tree*.cc alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "values/scored_tree.h"

namespace tidemark::values::scored_tree_internal {

// A float that orders like the score: lower scores never have a higher key. Beyond what a float holds, infinity.
inline float KeyOf(double score) {
  constexpr double kMax = std::numeric_limits<float>::max();
  if (score > kMax) return std::numeric_limits<float>::infinity();
  if (score < -kMax) return -std::numeric_limits<float>::infinity();
  return static_cast<float>(score);
}

struct Leaf {
  static constexpr int kCapacity = 49;

  Leaf* previous;
  Leaf* next;
  uint16_t count;
  float keys[kCapacity];
  uint8_t slots[kCapacity][6];

  // Reads the two bytes before the slot as well, so as never to read past the node.
  MemberBlock* Get(int i) const {
    uint64_t word;
    std::memcpy(&word, &slots[i][0] - 2, sizeof(word));
    return reinterpret_cast<MemberBlock*>(word >> 16);
  }
  void Set(int i, const MemberBlock* block) {
    const auto bits = reinterpret_cast<uint64_t>(block);
    keys[i] = KeyOf(block->score());
    std::memcpy(&slots[i][0], &bits, sizeof(slots[i]));
  }
  // Moves `moved` members from `from` of `source` to `to` of this; both may be the same leaf.
  void Move(int to, const Leaf& source, int from, int moved) {
    std::memmove(&keys[to], &source.keys[from], static_cast<size_t>(moved) * sizeof(keys[0]));
    std::memmove(&slots[to], &source.slots[from], static_cast<size_t>(moved) * sizeof(slots[0]));
  }
};
static_assert(sizeof(Leaf) == 512, "a leaf fills a size class of the allocator");
static_assert(offsetof(Leaf, slots) >= 2, "Get reads two bytes before the slot");

struct Inner {
  static constexpr int kCapacity = 63;

  int32_t count;
  double scores[kCapacity];  // of `firsts`
  const MemberBlock* firsts[kCapacity];
  void* children[kCapacity];
  uint64_t counts[kCapacity];

  void Move(int to, const Inner& source, int from, int moved) {
    const auto words = static_cast<size_t>(moved) * sizeof(uint64_t);
    std::memmove(&scores[to], &source.scores[from], words);
    std::memmove(&firsts[to], &source.firsts[from], words);
    std::memmove(&children[to], &source.children[from], words);
    std::memmove(&counts[to], &source.counts[from], words);
  }
};
static_assert(sizeof(Inner) <= 2048, "an inner node fills a size class of the allocator");

// What a probe says of a member by its score alone.
enum class Verdict : uint8_t { kNotIn, kIn, kLook };

inline Verdict Compare(double score, double bound, Verdict at_bound) {
  if (score < bound) return Verdict::kIn;
  if (score > bound) return Verdict::kNotIn;
  return at_bound;
}

// A probe holds for a stretch of members from the first one on. These: up to an element, it included; by score; by
// bytes.
struct ElementProbe {
  ScoredMember bound;
  float key = KeyOf(bound.score);
  Verdict ByKey(float other) const { return Compare(other, key, Verdict::kLook); }
  Verdict ByScore(double score) const { return Compare(score, bound.score, Verdict::kLook); }
  bool Holds(const MemberBlock& block) const {
    if (block.score() != bound.score) return block.score() < bound.score;
    return block.member() <= bound.member;
  }
};

enum class AtBound : uint8_t { kOut, kIn };

struct ScoreProbe {
  double bound;
  AtBound at_bound;
  float key = KeyOf(bound);
  Verdict ByKey(float other) const { return Compare(other, key, Verdict::kLook); }
  Verdict ByScore(double score) const {
    return Compare(score, bound, at_bound == AtBound::kIn ? Verdict::kIn : Verdict::kNotIn);
  }
  bool Holds(const MemberBlock& block) const { return ByScore(block.score()) == Verdict::kIn; }
};

struct BytesProbe {
  std::string_view bound;
  AtBound at_bound;
  Verdict ByKey(float) const { return Verdict::kLook; }
  Verdict ByScore(double) const { return Verdict::kLook; }
  bool Holds(const MemberBlock& block) const {
    const int order = block.member().compare(bound);
    return order < 0 || (order == 0 && at_bound == AtBound::kIn);
  }
};

// The number of members of the leaf that the probe holds for.
template <typename Probe>
int CountIn(const Leaf& leaf, const Probe& probe) {
  int low = 0;
  int high = leaf.count;
  while (low < high) {
    const int middle = (low + high) / 2;
    const Verdict verdict = probe.ByKey(leaf.keys[middle]);
    if (verdict == Verdict::kLook ? probe.Holds(*leaf.Get(middle)) : verdict == Verdict::kIn) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The child in which the probe ceases to hold: the last one whose first member it holds for, or the first.
template <typename Probe>
int ChildFor(const Inner& inner, const Probe& probe) {
  int low = 1;
  int high = inner.count;
  while (low < high) {
    const int middle = (low + high) / 2;
    const Verdict verdict = probe.ByScore(inner.scores[middle]);
    if (verdict == Verdict::kLook ? probe.Holds(*inner.firsts[middle]) : verdict == Verdict::kIn) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

}  // namespace tidemark::values::scored_tree_internal
