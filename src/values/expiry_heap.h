// The fields of a large hash that expire, the next one first: a 4-ary heap (Johnson, "Priority queues with update and
// finding minimum spanning trees", 1975) of pointers to items, each of which knows its place, so that one that is
// changed or deleted is found at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "values/hash_item.h"

namespace tidemark::values {

class ExpiryHeap {
 public:
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  size_t MemoryBytes() const { return items_.capacity() * sizeof(HashItem*); }
  // The item that expires first. There must be one.
  HashItem* first() const { return items_.front(); }
  // Items that have expired at this time; takes time in their number.
  size_t CountExpired(int64_t unix_ms) const;

  void Add(HashItem* item);
  void Remove(const HashItem* item);
  // The item's expiry has changed.
  void Move(HashItem* item);
  // `item`, with the same expiry and index, has taken the place of another block.
  void SetPointer(HashItem* item) { items_[item->heap_index()] = item; }

 private:
  static constexpr size_t kWays = 4;
  static constexpr size_t kShrinkBelow = 4;  // gives memory back when less than one in so many places is used

  static size_t Parent(size_t index) { return (index - 1) / kWays; }
  static size_t FirstChild(size_t index) { return index * kWays + 1; }

  void Place(size_t index, HashItem* item) {
    items_[index] = item;
    item->set_heap_index(static_cast<uint32_t>(index));
  }
  void SiftUp(size_t index, HashItem* item);
  void SiftDown(size_t index, HashItem* item);

  std::vector<HashItem*> items_;
};

}  // namespace tidemark::values
