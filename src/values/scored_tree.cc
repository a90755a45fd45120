#include "values/scored_tree.h"

#include <algorithm>
#include <new>
#include <numeric>

#include "base/check.h"
#include "base/memory.h"
#include "values/scored_tree_nodes.h"

namespace tidemark::values {

using scored_tree_internal::AtBound;
using scored_tree_internal::BytesProbe;
using scored_tree_internal::ChildFor;
using scored_tree_internal::CountIn;
using scored_tree_internal::ElementProbe;
using scored_tree_internal::KeyOf;
using scored_tree_internal::ScoreProbe;

namespace {

constexpr size_t kBlockAlignment = 16;  // of the dict's items, and of the allocator's size classes

// What the allocator sets aside for a block of this many bytes, roughly.
size_t Rounded(size_t bytes) {
  return (bytes + kBlockAlignment - 1) / kBlockAlignment * kBlockAlignment;
}

}  // namespace

size_t MemberBlock::BytesFor(size_t length) {
  return std::max(kBlockAlignment, kHeadBytes + (length < kLong ? 0 : sizeof(uint64_t)) + length);
}

MemberBlock* MemberBlock::Create(const ScoredMember& element) {
  const uint64_t length = element.member.size();
  auto* const block = static_cast<MemberBlock*>(Allocate(BytesFor(length)));
  block->score_ = element.score;
  block->short_length_ = static_cast<uint8_t>(std::min<uint64_t>(length, kLong));
  char* to = const_cast<char*>(block->tail());
  if (block->short_length_ == kLong) {
    std::memcpy(to, &length, sizeof(length));
    to += sizeof(length);
  }
  std::copy(element.member.begin(), element.member.end(), to);
  return block;
}

void MemberBlock::Destroy() {
  Release(this);
}

const MemberBlock& ScoredTree::Cursor::operator*() const {
  return *leaf_->Get(index_);
}

void ScoredTree::Cursor::Next() {
  if (++index_ < leaf_->count) return;
  leaf_ = leaf_->next;
  index_ = 0;
  if (leaf_ != nullptr && leaf_->next != nullptr) __builtin_prefetch(leaf_->next);
}

void ScoredTree::Cursor::Previous() {
  if (--index_ >= 0) return;
  leaf_ = leaf_->previous;
  if (leaf_ != nullptr) index_ = leaf_->count - 1;
}

ScoredTree::~ScoredTree() {
  if (root_ != nullptr) FreeNode(root_, height_);
  members_.Clear([](MemberBlock* block) { block->Destroy(); });
}

size_t ScoredTree::MemoryBytes() const {
  return sizeof(*this) + members_.MemoryBytes() + leaves_ * sizeof(Leaf) + inners_ * sizeof(Inner) + block_bytes_;
}

void ScoredTree::Insert(const ScoredMember& element) {
  MemberBlock* const block = MemberBlock::Create(element);
  block_bytes_ += Rounded(MemberBlock::BytesFor(element.member.size()));
  members_.Insert(TableHash(element.member), block, 0);
  Link(block);
}

void ScoredTree::SetScore(const MemberBlock* found, double score) {
  auto* const block = const_cast<MemberBlock*>(found);
  const Place place = Descend(ElementProbe{block->element()});
  const int at = place.index - 1;
  // Where neither neighbour is passed, and no inner node knows of the member, it stays where it is.
  const ScoredMember moved{block->member(), score};
  if (at > 0 && at + 1 < place.leaf->count && place.leaf->Get(at - 1)->element() < moved &&
      moved < place.leaf->Get(at + 1)->element()) {
    block->set_score(score);
    place.leaf->keys[at] = KeyOf(score);
    return;
  }
  Unlink(*block);
  block->set_score(score);
  Link(block);
}

bool ScoredTree::Erase(std::string_view member) {
  const uint64_t hash = TableHash(member);
  const MemberDict::Slot slot = members_.Find(hash, member);
  if (!slot) return false;
  MemberBlock* const block = members_.Get(slot);
  Unlink(*block);
  members_.Erase(hash, slot);
  block_bytes_ -= Rounded(MemberBlock::BytesFor(member.size()));
  block->Destroy();
  return true;
}

void ScoredTree::EraseRange(uint64_t rank, uint64_t count) {
  for (; count > 0; --count) {
    const Cursor at = At(rank);
    TIDEMARK_DCHECK(at);
    Erase(at->member());
  }
}

template <typename Probe>
ScoredTree::Place ScoredTree::Descend(const Probe& probe) const {
  Place place;
  void* node = root_;
  for (int level = height_; level > 0; --level) {
    const auto* const inner = static_cast<const Inner*>(node);
    const int child = ChildFor(*inner, probe);
    node = inner->children[child];
    // The links and the keys, which are on their way while the counts are added up.
    for (size_t line = 0; line < 4; ++line) __builtin_prefetch(static_cast<const char*>(node) + line * 64);
    place.rank = std::accumulate(inner->counts, inner->counts + child, place.rank);
  }
  place.leaf = static_cast<Leaf*>(node);
  if (place.leaf == nullptr) return place;
  place.index = CountIn(*place.leaf, probe);
  place.rank += static_cast<uint64_t>(place.index);
  return place;
}

uint64_t ScoredTree::Rank(const MemberBlock& block) const {
  return Descend(ElementProbe{block.element()}).rank - 1;
}

uint64_t ScoredTree::CountBelow(double score) const {
  return Descend(ScoreProbe{score, AtBound::kOut}).rank;
}

uint64_t ScoredTree::CountUpTo(double score) const {
  return Descend(ScoreProbe{score, AtBound::kIn}).rank;
}

uint64_t ScoredTree::CountBelow(std::string_view member) const {
  return Descend(BytesProbe{member, AtBound::kOut}).rank;
}

uint64_t ScoredTree::CountUpTo(std::string_view member) const {
  return Descend(BytesProbe{member, AtBound::kIn}).rank;
}

ScoredTree::Cursor ScoredTree::At(uint64_t rank) const {
  if (rank >= size()) return {};
  const void* node = root_;
  for (int level = height_; level > 0; --level) {
    const auto* const inner = static_cast<const Inner*>(node);
    int child = 0;
    while (rank >= inner->counts[child]) rank -= inner->counts[child++];
    node = inner->children[child];
  }
  return {static_cast<const Leaf*>(node), static_cast<int>(rank)};
}

}  // namespace tidemark::values
