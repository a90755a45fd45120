// The hash table of the keyspace and of large hashes and sets: pointers to items in cache-line buckets, grown by linear
// hashing (Litwin, "Linear hashing: a new tool for file and table addressing", 1980).
//
// A bucket is one 64-byte line: nine slots of 6 bytes (a 48-bit pointer whose low four bits carry flags of the caller),
// one hash byte (tag) for each, and one byte of bookkeeping. A lookup touches one line, and the item only when its tag
// matches. A full bucket links a child bucket through its last slot; a bucket with its children is a chain.
//
// Linear hashing grows and shrinks by one bucket at a time, in order: there is never a second table, never a pause and
// never a moment at which both an old and a new array are in memory. With N = 2^level buckets at the start of a round
// and `split` of them split so far, an item lives at hash mod N, or at hash mod 2N where hash mod N < split.
//
// Owned by one thread. A Slot is valid until the next Insert or Erase.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/memory.h"
#include "base/random.h"

namespace tidemark::values {

namespace dict_internal {

inline constexpr int kSlots = 9;
inline constexpr int kLastSlot = kSlots - 1;

// Items in a chain are packed to the front: bucket after bucket, slot after slot, without holes.
struct alignas(64) Bucket {
  uint8_t meta;  // low four bits: slots in use; kHasChild: the last slot holds the child's address
  uint8_t tags[kSlots];
  uint8_t slots[kSlots][6];

  static constexpr uint8_t kCountMask = 0x0f;
  static constexpr uint8_t kHasChild = 0x80;

  int count() const { return meta & kCountMask; }
  bool has_child() const { return (meta & kHasChild) != 0; }
  int capacity() const { return has_child() ? kLastSlot : kSlots; }

  // The 48 bits of a slot. Reads the two bytes before it as well, so as never to read past the line.
  uint64_t Load(int i) const {
    uint64_t word;
    std::memcpy(&word, &slots[i][0] - 2, sizeof(word));
    return word >> 16;
  }
  void Store(int i, uint64_t bits) { std::memcpy(&slots[i][0], &bits, 6); }
  Bucket* child() const { return reinterpret_cast<Bucket*>(Load(kLastSlot)); }

  // One bit for each used slot whose tag is `tag`.
  uint32_t Match(uint8_t tag) const {
#ifdef __SSE2__
    const __m128i line = _mm_load_si128(reinterpret_cast<const __m128i*>(this));
    const auto equal =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(line, _mm_set1_epi8(static_cast<char>(tag)))));
    return (equal >> 1) & ((1u << count()) - 1);
#else
    uint32_t mask = 0;
    for (int i = 0; i < count(); ++i) mask |= static_cast<uint32_t>(tags[i] == tag) << i;
    return mask;
#endif
  }
};
static_assert(sizeof(Bucket) == 64, "a bucket is one cache line, so that a lookup costs one miss");
static_assert(offsetof(Bucket, slots) >= 2, "Load reads two bytes before the slot");

}  // namespace dict_internal

// Load at which a table grows, in half items per bucket of nine slots. The normal one makes about 11.5 bytes of table
// per item, and one lookup in ten goes on to a child.
inline constexpr size_t kNormalLoad = 13;

// `Ops` gives `std::string_view Key(const Item&, unsigned flags) const`, of an item with the flags of its slot, and
// `uint64_t Hash(std::string_view key) const`.
template <typename Item, typename Ops, size_t kLoad = kNormalLoad>
class Dict {
  using Bucket = dict_internal::Bucket;

 public:
  static constexpr unsigned kFlagMask = 0x0f;  // items are 16-byte aligned

  struct Slot {
    Bucket* bucket = nullptr;
    int index = 0;
    explicit operator bool() const { return bucket != nullptr; }
  };

  explicit Dict(Ops ops) : ops_(std::move(ops)) { Reserve(1); }
  ~Dict() { FreeBuckets(); }
  Dict(const Dict&) = delete;
  Dict& operator=(const Dict&) = delete;
  Dict(Dict&& other) noexcept : Dict(other.ops_) { Swap(other); }
  Dict& operator=(Dict&&) = delete;

  void Swap(Dict& other) noexcept {
    std::swap(ops_, other.ops_);
    std::swap(segments_, other.segments_);
    std::swap(first_capacity_, other.first_capacity_);
    std::swap(level_, other.level_);
    std::swap(split_, other.split_);
    std::swap(count_, other.count_);
    std::swap(children_, other.children_);
    std::swap(longest_chain_, other.longest_chain_);
  }

  size_t size() const { return count_; }
  size_t bucket_count() const { return (size_t{1} << level_) + split_; }
  size_t child_count() const { return children_; }
  // Bytes taken by the table itself, without the items.
  size_t MemoryBytes() const {
    const size_t lines = (segments_.size() == 1 ? first_capacity_ : segments_.size() * kSegmentBuckets) + children_;
    return lines * sizeof(Bucket) + segments_.capacity() * sizeof(Bucket*);
  }

  Slot Find(uint64_t hash, std::string_view key) const {
    const uint8_t tag = Tag(hash);
    for (Bucket* bucket = BucketFor(hash);; bucket = bucket->child()) {
      for (uint32_t mask = bucket->Match(tag); mask != 0; mask &= mask - 1) {
        const int i = std::countr_zero(mask);
        if (KeyOf(bucket->Load(i)) == key) return {bucket, i};
      }
      if (!bucket->has_child()) return {};
    }
  }

  // The slot of an item with this hash's tag of which `is_it(const Item&)` is true.
  template <typename Predicate>
  Slot FindWhere(uint64_t hash, Predicate&& is_it) const {
    const uint8_t tag = Tag(hash);
    for (Bucket* bucket = BucketFor(hash);; bucket = bucket->child()) {
      for (uint32_t mask = bucket->Match(tag); mask != 0; mask &= mask - 1) {
        const int i = std::countr_zero(mask);
        if (is_it(*ToItem(bucket->Load(i)))) return {bucket, i};
      }
      if (!bucket->has_child()) return {};
    }
  }

  // The slot that holds this very pointer, without touching the item: tells whether an item seen before is still here.
  Slot FindPointer(uint64_t hash, const Item* item) const {
    for (Bucket* bucket = BucketFor(hash);; bucket = bucket->child()) {
      for (int i = 0; i < bucket->count(); ++i) {
        if (ToItem(bucket->Load(i)) == item) return {bucket, i};
      }
      if (!bucket->has_child()) return {};
    }
  }

  Item* Get(Slot slot) const { return ToItem(slot.bucket->Load(slot.index)); }
  unsigned Flags(Slot slot) const { return static_cast<unsigned>(slot.bucket->Load(slot.index) & kFlagMask); }
  // Puts another item of the same hash in the slot.
  void Set(Slot slot, Item* item, unsigned flags) { slot.bucket->Store(slot.index, ToBits(item, flags)); }

  // Adds an item whose key is not in the table.
  Slot Insert(uint64_t hash, Item* item, unsigned flags) {
    if (count_ + 1 > GrowAbove()) SplitOne();
    ++count_;
    return Append(BucketFor(hash), Tag(hash), ToBits(item, flags));
  }

  // Takes the slot's item out of the table; the item itself is the caller's.
  void Erase(uint64_t hash, Slot slot) {
    EraseFromChain(BucketFor(hash), slot);
    --count_;
    if (count_ < ShrinkBelow() && bucket_count() > 1) MergeOne();
  }

  // Brings the line of `hash` into the cache.
  [[gnu::always_inline]] void PrefetchBucket(uint64_t hash) const { __builtin_prefetch(BucketFor(hash)); }
  // Brings the item that `hash` probably means into the cache; the line should be there already. Always inlined: g++ 12
  // takes a call that only prefetches for one without effect and removes it.
  [[gnu::always_inline]] void PrefetchItem(uint64_t hash) const {
    if (const Item* item = Guess(hash)) {
      __builtin_prefetch(item);
      __builtin_prefetch(reinterpret_cast<const char*>(item) + 64);
    } else if (const Bucket* bucket = BucketFor(hash); bucket->has_child()) {
      __builtin_prefetch(bucket->child());
    }
  }
  // The item that `hash` probably means, by its tag; null if there is none in the first bucket. Reads that line only.
  const Item* Guess(uint64_t hash) const {
    const Bucket* bucket = BucketFor(hash);
    const uint32_t mask = bucket->Match(Tag(hash));
    return mask == 0 ? nullptr : ToItem(bucket->Load(std::countr_zero(mask)));
  }

  // Calls visit(Slot) for each item of the chain at `index`; `visit` must not insert or erase.
  template <typename Visit>
  void VisitChain(size_t index, Visit&& visit) const {
    for (Bucket* bucket = BucketAt(index);; bucket = bucket->child()) {
      for (int i = 0; i < bucket->count(); ++i) visit(Slot{bucket, i});
      if (!bucket->has_child()) return;
    }
  }

  // One step of an iteration that a client drives: visits the chains of one cursor position, returns the next cursor, 0
  // at the end. An item that is in the table from the first step to the last is visited at least once, whatever
  // splits and merges come between. The cursor counts with its bits reversed (the scheme of Pieter Noordhuis), which
  // keeps a position meaningful when the number of buckets changes.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const {
    const uint64_t small = (uint64_t{1} << level_) - 1;
    if (split_ == 0) {
      VisitChain(cursor & small, visit);
      return NextCursor(cursor, small);
    }
    const uint64_t large = small << 1 | 1;
    const bool is_split = (cursor & small) < split_;
    if (!is_split) VisitChain(cursor & small, visit);
    do {
      if (is_split) VisitChain(cursor & large, visit);
      cursor = NextCursor(cursor, large);
    } while ((cursor & (small ^ large)) != 0);
    return cursor;
  }

  // A fair pick: every item is equally likely. Empty slot if the table is empty.
  Slot Pick(Random& random) const {
    if (count_ == 0) return {};
    // Draw a bucket and a position among as many as the longest chain may hold; a position past the chain's end is
    // drawn again, which makes up for chains of different length.
    for (;;) {
      Bucket* bucket = BucketAt(random.Below(bucket_count()));
      auto position = static_cast<int>(random.Below(longest_chain_));
      while (position >= bucket->count() && bucket->has_child()) {
        position -= bucket->count();
        bucket = bucket->child();
      }
      if (position < bucket->count()) return {bucket, position};
    }
  }

  // Gives each item to `dispose` and empties the table.
  template <typename Dispose>
  void Clear(Dispose&& dispose) {
    for (size_t index = 0; index < bucket_count(); ++index) {
      VisitChain(index, [&](Slot slot) { dispose(Get(slot)); });
    }
    FreeBuckets();
    Reserve(1);
  }

 private:
  static constexpr size_t kSegmentBuckets = 1024;  // 64 KiB
  static constexpr size_t kSegmentShift = 10;
  static constexpr size_t kShrinkPerBucket = 2;

  static uint8_t Tag(uint64_t hash) { return static_cast<uint8_t>(hash >> 56); }
  static Item* ToItem(uint64_t bits) { return reinterpret_cast<Item*>(bits & ~uint64_t{kFlagMask}); }
  std::string_view KeyOf(uint64_t bits) const {
    return ops_.Key(*ToItem(bits), static_cast<unsigned>(bits & kFlagMask));
  }
  static uint64_t ToBits(Item* item, unsigned flags) {
    const auto bits = reinterpret_cast<uint64_t>(item);
    TIDEMARK_DCHECK((bits & kFlagMask) == 0 && bits >> 48 == 0 && flags <= kFlagMask);
    return bits | flags;
  }

  static uint64_t ReverseBits(uint64_t v) {
    v = (v >> 1 & 0x5555555555555555) | (v & 0x5555555555555555) << 1;
    v = (v >> 2 & 0x3333333333333333) | (v & 0x3333333333333333) << 2;
    v = (v >> 4 & 0x0f0f0f0f0f0f0f0f) | (v & 0x0f0f0f0f0f0f0f0f) << 4;
    return __builtin_bswap64(v);
  }
  static uint64_t NextCursor(uint64_t cursor, uint64_t mask) { return ReverseBits(ReverseBits(cursor | ~mask) + 1); }

  size_t GrowAbove() const { return bucket_count() * kLoad / 2; }
  size_t ShrinkBelow() const { return bucket_count() * kShrinkPerBucket; }

  size_t IndexOf(uint64_t hash) const {
    const uint64_t small = (uint64_t{1} << level_) - 1;
    const uint64_t index = hash & small;
    return index < split_ ? hash & (small << 1 | 1) : index;
  }
  Bucket* BucketAt(size_t index) const { return segments_[index >> kSegmentShift] + (index & (kSegmentBuckets - 1)); }
  Bucket* BucketFor(uint64_t hash) const { return BucketAt(IndexOf(hash)); }

  static Bucket* NewBuckets(size_t count) {
    // The allocator lets a large block begin anywhere in its first page, and so take part of one page more, unless the
    // block has to begin with the page.
    constexpr size_t kPageBytes = 4096;
    const size_t alignment = count == kSegmentBuckets ? kPageBytes : alignof(Bucket);
    return static_cast<Bucket*>(AllocateZeroed(count * sizeof(Bucket), alignment));
  }

  // Makes room for buckets [0, count). The first segment starts small and doubles, so that small tables are small.
  void Reserve(size_t count) {
    if (segments_.empty()) {
      segments_.push_back(NewBuckets(1));
      first_capacity_ = 1;
    }
    while (first_capacity_ < count && first_capacity_ < kSegmentBuckets) {
      Bucket* larger = NewBuckets(first_capacity_ * 2);
      std::memcpy(static_cast<void*>(larger), segments_[0], first_capacity_ * sizeof(Bucket));
      Release(segments_[0]);
      segments_[0] = larger;
      first_capacity_ *= 2;
    }
    while (segments_.size() * kSegmentBuckets < count) segments_.push_back(NewBuckets(kSegmentBuckets));
  }

  void FreeBuckets() {
    for (size_t index = 0; !segments_.empty() && index < bucket_count(); ++index) FreeChildren(BucketAt(index));
    for (Bucket* segment : segments_) Release(segment);
    segments_.clear();
    level_ = 0;
    split_ = 0;
    count_ = 0;
    longest_chain_ = dict_internal::kSlots;
  }

  void FreeChildren(Bucket* root) {
    for (Bucket* child = root->has_child() ? root->child() : nullptr; child != nullptr;) {
      Bucket* next = child->has_child() ? child->child() : nullptr;
      Release(child);
      --children_;
      child = next;
    }
  }

  Slot Append(Bucket* bucket, uint8_t tag, uint64_t bits) {
    size_t depth = 1;
    while (bucket->has_child()) {
      bucket = bucket->child();
      ++depth;
    }
    if (bucket->count() == dict_internal::kSlots) {
      Bucket* child = NewBuckets(1);
      ++children_;
      ++depth;
      child->tags[0] = bucket->tags[dict_internal::kLastSlot];
      child->Store(0, bucket->Load(dict_internal::kLastSlot));
      child->meta = 1;
      bucket->Store(dict_internal::kLastSlot, reinterpret_cast<uint64_t>(child));
      bucket->meta = Bucket::kHasChild | dict_internal::kLastSlot;
      bucket = child;
      if (depth * dict_internal::kSlots > longest_chain_) longest_chain_ = depth * dict_internal::kSlots;
    }
    const int i = bucket->count();
    bucket->tags[i] = tag;
    bucket->Store(i, bits);
    ++bucket->meta;
    return {bucket, i};
  }

  // The last item of the chain takes the hole; an emptied child is freed.
  void EraseFromChain(Bucket* root, Slot hole) {
    Bucket* before = nullptr;
    Bucket* last = root;
    while (last->has_child()) {
      before = last;
      last = last->child();
    }
    const int tail = last->count() - 1;
    hole.bucket->tags[hole.index] = last->tags[tail];
    hole.bucket->Store(hole.index, last->Load(tail));
    --last->meta;
    if (last->count() == 0 && before != nullptr) {
      before->meta = static_cast<uint8_t>(before->meta & ~Bucket::kHasChild);
      Release(last);
      --children_;
    }
  }

  struct Loose {
    uint8_t tag;
    uint64_t bits;
  };

  // Empties the chain at `root` into `out`.
  void Unload(Bucket* root, std::vector<Loose>& out) {
    out.clear();
    for (Bucket* bucket = root;; bucket = bucket->child()) {
      for (int i = 0; i < bucket->count(); ++i) {
        out.push_back({bucket->tags[i], bucket->Load(i)});
        __builtin_prefetch(ToItem(bucket->Load(i)));
      }
      if (!bucket->has_child()) break;
    }
    FreeChildren(root);
    root->meta = 0;
  }

  // Splits the next bucket of the round in two.
  void SplitOne() {
    const size_t from = split_;
    Reserve(bucket_count() + 1);
    Unload(BucketAt(from), loose_);
    if (++split_ == size_t{1} << level_) {
      ++level_;
      split_ = 0;
    }
    for (const Loose& loose : loose_) Append(BucketFor(ops_.Hash(KeyOf(loose.bits))), loose.tag, loose.bits);
  }

  // Undoes the last split.
  void MergeOne() {
    const size_t last = bucket_count() - 1;
    if (split_ == 0) {
      --level_;
      split_ = size_t{1} << level_;
    }
    --split_;
    Unload(BucketAt(last), loose_);
    Bucket* into = BucketAt(split_);
    for (const Loose& loose : loose_) Append(into, loose.tag, loose.bits);
    if (segments_.size() > 1 && last == (segments_.size() - 1) * kSegmentBuckets) {
      Release(segments_.back());
      segments_.pop_back();
    }
  }

  Ops ops_;
  std::vector<Bucket*> segments_;
  size_t first_capacity_ = 0;  // buckets in segment 0; a power of two
  int level_ = 0;
  size_t split_ = 0;
  size_t count_ = 0;
  size_t children_ = 0;
  size_t longest_chain_ = dict_internal::kSlots;  // upper bound of the slots in any chain, never lowered but by Clear
  std::vector<Loose> loose_;                      // scratch of SplitOne and MergeOne
};

}  // namespace tidemark::values
