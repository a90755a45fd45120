// Items in the order of their stream IDs: the nodes of a stream, the pending entries of a group, the IDs a consumer has
// to acknowledge. Two levels: a directory of chunks, each a sorted array of up to kChunkItems items that lie one behind
// the other. IDs come almost always in rising order, so an insertion at the end opens a new chunk instead of halving a
// full one, and chunks stay full; a search looks at the directory, which has the first ID of each chunk, and then into
// one chunk.
//
// An Item is trivially copyable and has a member `id`. What the map allocates is added to an account of its owner, and
// taken off again when it is given back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/memory.h"
#include "values/stream/stream_id.h"

namespace tidemark::values {

template <typename Item>
class IdMap {
  static_assert(std::is_trivially_copyable_v<Item>, "chunks are moved as bytes");

 public:
  static constexpr uint32_t kChunkItems = 128;

  // Where an item is; ends with any insertion or erasure but for the one it is answered by.
  struct Position {
    size_t chunk = 0;
    uint32_t index = 0;
    friend bool operator==(const Position&, const Position&) = default;
  };

  // `account_bytes` outlives the map.
  explicit IdMap(size_t* account_bytes) : account_(account_bytes) {}
  ~IdMap() { Clear(); }
  IdMap(const IdMap&) = delete;
  IdMap& operator=(const IdMap&) = delete;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Allocations that freeing the map takes, but for what items point to.
  size_t chunk_count() const { return chunks_.size(); }

  Position Begin() const { return {}; }
  // The last item; the map must not be empty.
  Position Last() const { return {chunks_.size() - 1, chunks_.back().count - 1}; }
  bool AtEnd(Position at) const { return at.chunk >= chunks_.size(); }
  const Item& At(Position at) const { return chunks_[at.chunk].items[at.index]; }
  Item& At(Position at) { return chunks_[at.chunk].items[at.index]; }
  Position Next(Position at) const {
    if (++at.index < chunks_[at.chunk].count) return at;
    return {at.chunk + 1, 0};
  }
  // The position before; `at` must not be the first, but may be the end.
  Position Previous(Position at) const {
    if (at.index > 0) return {at.chunk, at.index - 1};
    return {at.chunk - 1, chunks_[at.chunk - 1].count - 1};
  }

  // The first item whose ID is `id` or greater.
  Position LowerBound(const StreamId& id) const {
    const size_t chunk = ChunkFor(id);
    if (chunk >= chunks_.size()) return {chunks_.size(), 0};
    const Chunk& in = chunks_[chunk];
    const Item* const at =
        std::lower_bound(in.items, in.items + in.count, id, [](const Item& a, const StreamId& b) { return a.id < b; });
    if (at == in.items + in.count) return {chunk + 1, 0};
    return {chunk, static_cast<uint32_t>(at - in.items)};
  }

  // Null if there is none.
  const Item* Find(const StreamId& id) const {
    const Position at = LowerBound(id);
    return !AtEnd(at) && At(at).id == id ? &At(at) : nullptr;
  }
  Item* Find(const StreamId& id) { return const_cast<Item*>(std::as_const(*this).Find(id)); }

  // Adds an item whose ID is not in the map. The answer ends like a Position.
  Item& Insert(const Item& item) {
    Position at;
    if (chunks_.empty() || chunks_.back().items[chunks_.back().count - 1].id < item.id) {
      at = PlaceAtEnd();
    } else {
      at = MakePlace(LowerBound(item.id));
    }
    Chunk& chunk = chunks_[at.chunk];
    std::memmove(chunk.items + at.index + 1, chunk.items + at.index, (chunk.count - at.index) * sizeof(Item));
    chunk.items[at.index] = item;
    ++chunk.count;
    if (at.index == 0) chunk.first = item.id;
    ++size_;
    return chunk.items[at.index];
  }

  bool Erase(const StreamId& id) {
    const Position at = LowerBound(id);
    if (AtEnd(at) || At(at).id != id) return false;
    Erase(at);
    return true;
  }

  // Answers where the item behind it now is.
  Position Erase(Position at) {
    Chunk& chunk = chunks_[at.chunk];
    --chunk.count;
    --size_;
    std::memmove(chunk.items + at.index, chunk.items + at.index + 1, (chunk.count - at.index) * sizeof(Item));
    if (chunk.count == 0) {
      FreeItems(chunk);
      EraseChunk(at.chunk);
      return {at.chunk, 0};
    }
    chunk.first = chunk.items[0].id;
    if (chunk.count <= kChunkItems / 4) return Mend(at);
    return at.index < chunk.count ? at : Position{at.chunk + 1, 0};
  }

  void Clear() {
    for (Chunk& chunk : chunks_) FreeItems(chunk);
    *account_ -= chunks_.capacity() * sizeof(Chunk);
    std::vector<Chunk>().swap(chunks_);
    size_ = 0;
  }

  // visit(const Item&) for each, in order.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const Chunk& chunk : chunks_) {
      for (uint32_t i = 0; i < chunk.count; ++i) visit(std::as_const(chunk.items[i]));
    }
  }

 private:
  struct Chunk {
    StreamId first;
    Item* items = nullptr;
    uint32_t count = 0;
    uint32_t capacity = 0;
  };

  // The chunk in which `id` is or whose end it would follow; the first if it comes before all.
  size_t ChunkFor(const StreamId& id) const {
    // Most look-ups are for what came last.
    if (!chunks_.empty() && chunks_.back().first <= id) return chunks_.size() - 1;
    const auto after = std::upper_bound(chunks_.begin(), chunks_.end(), id,
                                        [](const StreamId& a, const Chunk& b) { return a < b.first; });
    const auto index = static_cast<size_t>(after - chunks_.begin());
    return index == 0 ? 0 : index - 1;
  }

  void SetCapacity(Chunk& chunk, uint32_t capacity) {
    if (chunk.items != nullptr) *account_ -= AllocatedBytes(chunk.items);
    chunk.items = static_cast<Item*>(Reallocate(chunk.items, capacity * sizeof(Item)));
    chunk.capacity = capacity;
    *account_ += AllocatedBytes(chunk.items);
  }
  void FreeItems(Chunk& chunk) {
    *account_ -= AllocatedBytes(chunk.items);
    Release(chunk.items);
  }
  void EnsureRoom(Chunk& chunk, uint32_t count) {
    if (count <= chunk.capacity) return;
    SetCapacity(chunk, std::min(kChunkItems, std::max(count, chunk.capacity * 2)));
  }

  void InsertChunk(size_t index, const Chunk& chunk) {
    const size_t before = chunks_.capacity();
    chunks_.insert(chunks_.begin() + static_cast<ptrdiff_t>(index), chunk);
    *account_ += (chunks_.capacity() - before) * sizeof(Chunk);
  }
  void EraseChunk(size_t index) {
    chunks_.erase(chunks_.begin() + static_cast<ptrdiff_t>(index));
    if (chunks_.size() < chunks_.capacity() / 4) {
      const size_t before = chunks_.capacity();
      std::vector<Chunk>(chunks_).swap(chunks_);
      *account_ -= (before - chunks_.capacity()) * sizeof(Chunk);
    }
  }

  // A place with room behind all items.
  Position PlaceAtEnd() {
    if (chunks_.empty() || chunks_.back().count == kChunkItems) InsertChunk(chunks_.size(), {});
    Chunk& chunk = chunks_.back();
    EnsureRoom(chunk, chunk.count + 1);
    return {chunks_.size() - 1, chunk.count};
  }

  // Room for an item in front of the one at `at`, which is not the end.
  Position MakePlace(Position at) {
    if (chunks_[at.chunk].count < kChunkItems) {
      EnsureRoom(chunks_[at.chunk], chunks_[at.chunk].count + 1);
      return at;
    }
    // Halve the chunk.
    constexpr uint32_t kHalf = kChunkItems / 2;
    Chunk upper;
    EnsureRoom(upper, kChunkItems);
    Chunk& lower = chunks_[at.chunk];
    std::memcpy(upper.items, lower.items + kHalf, (kChunkItems - kHalf) * sizeof(Item));
    upper.count = kChunkItems - kHalf;
    upper.first = upper.items[0].id;
    lower.count = kHalf;
    InsertChunk(at.chunk + 1, upper);
    return at.index <= kHalf ? at : Position{at.chunk + 1, at.index - kHalf};
  }

  // The chunk at `at` has become small: joins it with a neighbour if both fit well in one, else gives memory back.
  // Answers where the item at `at` now is.
  Position Mend(Position at) {
    constexpr uint32_t kFull = kChunkItems * 3 / 4;
    const uint32_t count = chunks_[at.chunk].count;
    if (at.chunk > 0 && chunks_[at.chunk - 1].count + count <= kFull) {
      at.index += chunks_[at.chunk - 1].count;
      --at.chunk;
      Join(at.chunk);
    } else if (at.chunk + 1 < chunks_.size() && count + chunks_[at.chunk + 1].count <= kFull) {
      Join(at.chunk);
    } else if (chunks_[at.chunk].capacity >= 4 && count <= chunks_[at.chunk].capacity / 4) {
      SetCapacity(chunks_[at.chunk], chunks_[at.chunk].capacity / 2);
    }
    return at.index < chunks_[at.chunk].count ? at : Position{at.chunk + 1, 0};
  }

  // Moves the items of the chunk behind `index` into that one.
  void Join(size_t index) {
    Chunk& left = chunks_[index];
    Chunk& right = chunks_[index + 1];
    EnsureRoom(left, left.count + right.count);
    std::memcpy(left.items + left.count, right.items, right.count * sizeof(Item));
    left.count += right.count;
    FreeItems(right);
    EraseChunk(index + 1);
  }

  std::vector<Chunk> chunks_;
  size_t size_ = 0;
  size_t* account_;
};

}  // namespace tidemark::values
