// The large form of a sorted set: every member is one block (score, length, bytes), found by its bytes through a Dict
// and kept in order of (score, bytes) by a B+ tree that knows how many members lie below each of its nodes, so that
// ranks and positions take logarithmic time too.
//
//   leaf    512 bytes: up to 49 members, each as a 48-bit address beside its score as a float; links to both
//   neighbours.
//           Most comparisons are settled by the floats, without touching a member.
//   inner   up to 63 children, each with its smallest member, that member's score, and the number of members in it.
//
// A full leaf gives some members to the next one if that has room. Else it is halved, unless it is the first or the
// last and grows at its end: then it stays full, so that members that arrive in order fill their leaves. Nodes that run
// low are merged with a neighbour if both fit well.
//
// Owned by one thread. Cursors are valid until the next change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "values/dict.h"
#include "values/table_hash.h"

namespace tidemark::values {

// A member with its score, as callers see it. The bytes belong to somebody else.
struct ScoredMember {
  std::string_view member;
  double score = 0;

  // The order of sorted sets: by score, then by bytes.
  friend bool operator<(const ScoredMember& a, const ScoredMember& b) {
    return a.score < b.score || (a.score == b.score && a.member < b.member);
  }
};

// One block: score 8 | length 1, or 255 and length 8 | bytes.
class MemberBlock {
 public:
  static MemberBlock* Create(const ScoredMember& element);
  // Bytes that a block for a member of `length` bytes asks for.
  static size_t BytesFor(size_t length);
  void Destroy();

  double score() const { return score_; }
  void set_score(double score) { score_ = score; }
  std::string_view member() const {
    if (short_length_ != kLong) return {tail(), short_length_};
    uint64_t length;
    std::memcpy(&length, tail(), sizeof(length));
    return {tail() + sizeof(length), length};
  }
  ScoredMember element() const { return {member(), score_}; }

 private:
  static constexpr uint8_t kLong = 255;
  static constexpr size_t kHeadBytes = sizeof(double) + 1;

  const char* tail() const { return reinterpret_cast<const char*>(&short_length_) + 1; }

  double score_;
  uint8_t short_length_;
};

struct MemberOps {
  std::string_view Key(const MemberBlock& block, unsigned) const { return block.member(); }
  uint64_t Hash(std::string_view member) const { return TableHash(member); }
};

namespace scored_tree_internal {
struct Leaf;
struct Inner;
}  // namespace scored_tree_internal

class ScoredTree {
 public:
  // A place in the order, or none.
  class Cursor {
   public:
    Cursor() = default;
    explicit operator bool() const { return leaf_ != nullptr; }
    const MemberBlock& operator*() const;
    const MemberBlock* operator->() const { return &**this; }
    void Next();
    void Previous();

   private:
    friend class ScoredTree;
    Cursor(const scored_tree_internal::Leaf* leaf, int index) : leaf_(leaf), index_(index) {}
    const scored_tree_internal::Leaf* leaf_ = nullptr;
    int index_ = 0;
  };

  ScoredTree() : members_(MemberOps{}) {}
  ~ScoredTree();
  ScoredTree(const ScoredTree&) = delete;
  ScoredTree& operator=(const ScoredTree&) = delete;

  size_t size() const { return members_.size(); }
  // What the allocator set aside for everything, bytes: an estimate in constant time.
  size_t MemoryBytes() const;
  // Allocations.
  size_t BlockCount() const { return size() + leaves_ + inners_ + members_.child_count() + 1; }

  // Null if there is no such member.
  const MemberBlock* Find(std::string_view member) const { return FindHashed(TableHash(member), member); }
  // Adds a member that is not there yet. Its score is not NaN.
  void Insert(const ScoredMember& element);
  // The block is one that Find gave.
  void SetScore(const MemberBlock* block, double score);
  // False if there is no such member.
  bool Erase(std::string_view member);
  // Takes out `count` members from `rank` on; there are as many.
  void EraseRange(uint64_t rank, uint64_t count);

  // The number of members in front of this one.
  uint64_t Rank(const MemberBlock& block) const;
  // The number of members with a score below `score`, or at it too.
  uint64_t CountBelow(double score) const;
  uint64_t CountUpTo(double score) const;
  // The same by bytes, for sets whose scores are all equal; with others the answer means nothing.
  uint64_t CountBelow(std::string_view member) const;
  uint64_t CountUpTo(std::string_view member) const;
  // The member at `rank`; none if there are not as many.
  Cursor At(uint64_t rank) const;

  // One step of an iteration that a client drives, see Dict::Scan; visit(const MemberBlock&).
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const {
    return members_.Scan(cursor, [&](MemberDict::Slot slot) { visit(*members_.Get(slot)); });
  }

  // Checks every rule that the nodes obey; for tests.
  bool IsSound() const;

 private:
  using MemberDict = Dict<MemberBlock, MemberOps>;
  using Leaf = scored_tree_internal::Leaf;
  using Inner = scored_tree_internal::Inner;
  // How a probe that counts the members in front of something goes down.
  struct Place {
    Leaf* leaf = nullptr;
    int index = 0;
    uint64_t rank = 0;
  };

  const MemberBlock* FindHashed(uint64_t hash, std::string_view member) const {
    const MemberDict::Slot slot = members_.Find(hash, member);
    return slot ? members_.Get(slot) : nullptr;
  }
  template <typename Probe>
  Place Descend(const Probe& probe) const;
  // Puts the block into the tree / takes it out. The dict is the caller's business.
  void Link(MemberBlock* block);
  void Unlink(const MemberBlock& block);
  // Puts the block below `node`; answers the node that split off to its right, or null.
  void* InsertBelow(void* node, int level, MemberBlock* block);
  // Makes room in a full leaf by moving some members to the next one, if that has room.
  bool ShiftRight(Inner* inner, int at);
  void* InsertIntoLeaf(Leaf* leaf, MemberBlock* block);
  void* InsertChild(Inner* inner, int at, int level, void* child);
  void EraseBelow(void* node, int level, const MemberBlock& block);
  // Child `at` has lost a member: removes it if it is empty, merges it with a neighbour if it runs low.
  void Rebalance(Inner* inner, int at, int level);
  void Merge(Inner* inner, int left, int level);
  void RemoveChild(Inner* inner, int at, int level);
  void Grow(void* right);

  Leaf* NewLeaf();
  Inner* NewInner();
  void FreeLeaf(Leaf* leaf);
  void FreeNode(void* node, int level);
  static uint64_t CountOf(const void* node, int level);
  static const MemberBlock* FirstOf(const void* node, int level);
  static void RefreshFirst(Inner* inner, int at, int level);
  bool IsSoundBelow(const void* node, int level, const MemberBlock*& before, const Leaf*& leaf_before) const;

  MemberDict members_;
  void* root_ = nullptr;  // a leaf at height 0
  int height_ = 0;
  size_t leaves_ = 0;
  size_t inners_ = 0;
  size_t block_bytes_ = 0;
};

}  // namespace tidemark::values
