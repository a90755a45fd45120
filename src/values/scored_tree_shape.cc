// How the nodes of a ScoredTree come, split, merge and go.
#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/memory.h"
#include "values/scored_tree.h"
#include "values/scored_tree_nodes.h"

namespace tidemark::values {

using scored_tree_internal::ChildFor;
using scored_tree_internal::CountIn;
using scored_tree_internal::ElementProbe;
using scored_tree_internal::KeyOf;

namespace {

// A node that holds less than this looks for a neighbour to merge with,
constexpr int LowMark(int capacity) {
  return capacity / 3;
}
// which it does if both together leave some room.
constexpr int MergedMax(int capacity) {
  return capacity * 3 / 4;
}

}  // namespace

ScoredTree::Leaf* ScoredTree::NewLeaf() {
  auto* const leaf = static_cast<Leaf*>(Allocate(sizeof(Leaf)));
  leaf->previous = leaf->next = nullptr;
  leaf->count = 0;
  ++leaves_;
  return leaf;
}

ScoredTree::Inner* ScoredTree::NewInner() {
  auto* const inner = static_cast<Inner*>(Allocate(sizeof(Inner)));
  inner->count = 0;
  ++inners_;
  return inner;
}

void ScoredTree::FreeLeaf(Leaf* leaf) {
  if (leaf->previous != nullptr) leaf->previous->next = leaf->next;
  if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
  Release(leaf);
  --leaves_;
}

void ScoredTree::FreeNode(void* node, int level) {
  if (level == 0) return FreeLeaf(static_cast<Leaf*>(node));
  auto* const inner = static_cast<Inner*>(node);
  for (int i = 0; i < inner->count; ++i) FreeNode(inner->children[i], level - 1);
  Release(inner);
  --inners_;
}

uint64_t ScoredTree::CountOf(const void* node, int level) {
  if (level == 0) return static_cast<const Leaf*>(node)->count;
  const auto* const inner = static_cast<const Inner*>(node);
  return std::accumulate(inner->counts, inner->counts + inner->count, uint64_t{0});
}

const MemberBlock* ScoredTree::FirstOf(const void* node, int level) {
  return level == 0 ? static_cast<const Leaf*>(node)->Get(0) : static_cast<const Inner*>(node)->firsts[0];
}

void ScoredTree::RefreshFirst(Inner* inner, int at, int level) {
  const MemberBlock* const first = FirstOf(inner->children[at], level - 1);
  if (first == inner->firsts[at]) return;
  inner->firsts[at] = first;
  inner->scores[at] = first->score();
}

void ScoredTree::Link(MemberBlock* block) {
  if (root_ == nullptr) root_ = NewLeaf();
  if (void* const right = InsertBelow(root_, height_, block)) Grow(right);
}

void ScoredTree::Grow(void* right) {
  Inner* const root = NewInner();
  root->children[0] = root_;
  root->children[1] = right;
  root->count = 2;
  ++height_;
  for (int i = 0; i < 2; ++i) {
    root->firsts[i] = nullptr;
    root->counts[i] = CountOf(root->children[i], height_ - 1);
    RefreshFirst(root, i, height_);
  }
  root_ = root;
}

void* ScoredTree::InsertBelow(void* node, int level, MemberBlock* block) {
  if (level == 0) return InsertIntoLeaf(static_cast<Leaf*>(node), block);
  auto* const inner = static_cast<Inner*>(node);
  int at = ChildFor(*inner, ElementProbe{block->element()});
  if (level == 1 && ShiftRight(inner, at)) at = ChildFor(*inner, ElementProbe{block->element()});
  void* const right = InsertBelow(inner->children[at], level - 1, block);
  ++inner->counts[at];
  RefreshFirst(inner, at, level);
  if (right == nullptr) return nullptr;
  inner->counts[at] = CountOf(inner->children[at], level - 1);
  return InsertChild(inner, at + 1, level, right);
}

bool ScoredTree::ShiftRight(Inner* inner, int at) {
  // A few at a time: of members that come nearly in order, the leaf behind the last one soon gets more.
  constexpr int kShifted = Leaf::kCapacity / 8;
  auto* const leaf = static_cast<Leaf*>(inner->children[at]);
  if (leaf->count < Leaf::kCapacity || at + 1 == inner->count) return false;
  auto* const next = static_cast<Leaf*>(inner->children[at + 1]);
  if (next->count + kShifted > MergedMax(Leaf::kCapacity)) return false;
  next->Move(kShifted, *next, 0, next->count);
  next->Move(0, *leaf, leaf->count - kShifted, kShifted);
  next->count = static_cast<uint16_t>(next->count + kShifted);
  leaf->count = static_cast<uint16_t>(leaf->count - kShifted);
  inner->counts[at] -= kShifted;
  inner->counts[at + 1] += kShifted;
  RefreshFirst(inner, at + 1, 1);
  return true;
}

void* ScoredTree::InsertIntoLeaf(Leaf* leaf, MemberBlock* block) {
  int index = CountIn(*leaf, ElementProbe{block->element()});
  Leaf* right = nullptr;
  if (leaf->count == Leaf::kCapacity) {
    int split = Leaf::kCapacity / 2;
    bool to_right = index > split;
    // Growth at an end of the order leaves the full leaf as it is, or nearly.
    if (leaf->next == nullptr && index > Leaf::kCapacity * 3 / 4) {
      split = index;
      to_right = true;
    } else if (leaf->previous == nullptr && index < Leaf::kCapacity / 4) {
      split = index;
      to_right = false;
    }
    right = NewLeaf();
    right->count = static_cast<uint16_t>(leaf->count - split);
    right->Move(0, *leaf, split, right->count);
    leaf->count = static_cast<uint16_t>(split);
    right->previous = leaf;
    right->next = leaf->next;
    if (right->next != nullptr) right->next->previous = right;
    leaf->next = right;
    if (to_right) {
      leaf = right;
      index -= split;
    }
  }
  leaf->Move(index + 1, *leaf, index, leaf->count - index);
  leaf->Set(index, block);
  ++leaf->count;
  return right;
}

void* ScoredTree::InsertChild(Inner* inner, int at, int level, void* child) {
  Inner* right = nullptr;
  if (inner->count == Inner::kCapacity) {
    // As with leaves: what grows at an end stays full.
    int split = Inner::kCapacity / 2;
    if (at == Inner::kCapacity) split = at;
    if (at == 1) split = at;
    right = NewInner();
    right->count = inner->count - split;
    right->Move(0, *inner, split, right->count);
    inner->count = split;
    if (at > split || split == Inner::kCapacity) {
      inner = right;
      at -= split;
    }
  }
  inner->Move(at + 1, *inner, at, inner->count - at);
  ++inner->count;
  inner->children[at] = child;
  inner->counts[at] = CountOf(child, level - 1);
  inner->firsts[at] = nullptr;
  RefreshFirst(inner, at, level);
  return right;
}

void ScoredTree::Unlink(const MemberBlock& block) {
  EraseBelow(root_, height_, block);
  while (height_ > 0) {
    auto* const root = static_cast<Inner*>(root_);
    if (root->count > 1) return;
    root_ = root->count == 1 ? root->children[0] : nullptr;
    Release(root);
    --inners_;
    height_ = root_ != nullptr ? height_ - 1 : 0;
  }
  if (root_ != nullptr && CountOf(root_, height_) == 0) {
    FreeNode(root_, height_);
    root_ = nullptr;
  }
}

void ScoredTree::EraseBelow(void* node, int level, const MemberBlock& block) {
  const ElementProbe probe{block.element()};
  if (level == 0) {
    auto* const leaf = static_cast<Leaf*>(node);
    const int index = CountIn(*leaf, probe);
    TIDEMARK_DCHECK(index > 0 && leaf->Get(index - 1) == &block);
    leaf->Move(index - 1, *leaf, index, leaf->count - index);
    --leaf->count;
    return;
  }
  auto* const inner = static_cast<Inner*>(node);
  const int at = ChildFor(*inner, probe);
  EraseBelow(inner->children[at], level - 1, block);
  --inner->counts[at];
  Rebalance(inner, at, level);
}

void ScoredTree::Rebalance(Inner* inner, int at, int level) {
  if (inner->counts[at] == 0) return RemoveChild(inner, at, level);
  RefreshFirst(inner, at, level);
  const int capacity = level == 1 ? Leaf::kCapacity : Inner::kCapacity;
  const auto held = [&](int child) {
    const void* const node = inner->children[child];
    return level == 1 ? static_cast<int>(static_cast<const Leaf*>(node)->count)
                      : static_cast<const Inner*>(node)->count;
  };
  if (held(at) >= LowMark(capacity)) return;
  if (at + 1 < inner->count && held(at) + held(at + 1) <= MergedMax(capacity)) {
    Merge(inner, at, level);
  } else if (at > 0 && held(at - 1) + held(at) <= MergedMax(capacity)) {
    Merge(inner, at - 1, level);
  }
}

void ScoredTree::Merge(Inner* inner, int left, int level) {
  if (level == 1) {
    auto* const to = static_cast<Leaf*>(inner->children[left]);
    auto* const from = static_cast<Leaf*>(inner->children[left + 1]);
    to->Move(to->count, *from, 0, from->count);
    to->count = static_cast<uint16_t>(to->count + from->count);
    from->count = 0;
  } else {
    auto* const to = static_cast<Inner*>(inner->children[left]);
    auto* const from = static_cast<Inner*>(inner->children[left + 1]);
    to->Move(to->count, *from, 0, from->count);
    to->count += from->count;
    from->count = 0;
  }
  inner->counts[left] += inner->counts[left + 1];
  RemoveChild(inner, left + 1, level);
}

void ScoredTree::RemoveChild(Inner* inner, int at, int level) {
  FreeNode(inner->children[at], level - 1);
  inner->Move(at, *inner, at + 1, inner->count - at - 1);
  --inner->count;
}

bool ScoredTree::IsSound() const {
  const MemberBlock* before = nullptr;
  const Leaf* leaf_before = nullptr;
  if (root_ == nullptr) return size() == 0 && leaves_ == 0 && inners_ == 0 && height_ == 0;
  if (CountOf(root_, height_) != size() || !IsSoundBelow(root_, height_, before, leaf_before)) return false;
  return leaf_before->next == nullptr;
}

bool ScoredTree::IsSoundBelow(const void* node, int level, const MemberBlock*& before, const Leaf*& leaf_before) const {
  if (level == 0) {
    const auto* const leaf = static_cast<const Leaf*>(node);
    if (leaf->previous != leaf_before || leaf->count == 0 || leaf->count > Leaf::kCapacity) return false;
    if (leaf_before != nullptr && leaf_before->next != leaf) return false;
    for (int i = 0; i < leaf->count; ++i) {
      const MemberBlock* const block = leaf->Get(i);
      if (leaf->keys[i] != KeyOf(block->score())) return false;
      if (before != nullptr && !(before->element() < block->element())) return false;
      before = block;
    }
    leaf_before = leaf;
    return true;
  }
  const auto* const inner = static_cast<const Inner*>(node);
  if (inner->count == 0 || inner->count > Inner::kCapacity) return false;
  for (int i = 0; i < inner->count; ++i) {
    const void* const child = inner->children[i];
    if (inner->counts[i] != CountOf(child, level - 1) || inner->firsts[i] != FirstOf(child, level - 1)) return false;
    if (inner->scores[i] != inner->firsts[i]->score()) return false;
    if (!IsSoundBelow(child, level - 1, before, leaf_before)) return false;
  }
  return true;
}

}  // namespace tidemark::values
