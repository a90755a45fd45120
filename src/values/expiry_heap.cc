#include "values/expiry_heap.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::values {

size_t ExpiryHeap::CountExpired(int64_t unix_ms) const {
  if (items_.empty() || !items_.front()->ExpiredAt(unix_ms)) return 0;
  // What is not expired has nothing expired below it.
  std::vector<size_t> open{0};
  size_t count = 0;
  while (!open.empty()) {
    const size_t index = open.back();
    open.pop_back();
    ++count;
    const size_t end = std::min(FirstChild(index) + kWays, items_.size());
    for (size_t child = FirstChild(index); child < end; ++child) {
      if (items_[child]->ExpiredAt(unix_ms)) open.push_back(child);
    }
  }
  return count;
}

void ExpiryHeap::Add(HashItem* item) {
  TIDEMARK_CHECK(items_.size() < UINT32_MAX);
  items_.push_back(item);
  SiftUp(items_.size() - 1, item);
}

void ExpiryHeap::Remove(const HashItem* item) {
  const size_t index = item->heap_index();
  HashItem* const last = items_.back();
  items_.pop_back();
  if (index < items_.size()) {
    Place(index, last);
    Move(last);
  }
  if (items_.size() < items_.capacity() / kShrinkBelow) items_.shrink_to_fit();
}

void ExpiryHeap::Move(HashItem* item) {
  SiftUp(item->heap_index(), item);
  SiftDown(item->heap_index(), item);
}

void ExpiryHeap::SiftUp(size_t index, HashItem* item) {
  const int64_t expiry = item->expiry_ms();
  while (index > 0 && items_[Parent(index)]->expiry_ms() > expiry) {
    Place(index, items_[Parent(index)]);
    index = Parent(index);
  }
  Place(index, item);
}

void ExpiryHeap::SiftDown(size_t index, HashItem* item) {
  const int64_t expiry = item->expiry_ms();
  for (;;) {
    const size_t end = std::min(FirstChild(index) + kWays, items_.size());
    size_t least = index;
    int64_t least_expiry = expiry;
    for (size_t child = FirstChild(index); child < end; ++child) {
      if (const int64_t of_child = items_[child]->expiry_ms(); of_child < least_expiry) {
        least = child;
        least_expiry = of_child;
      }
    }
    if (least == index) break;
    Place(index, items_[least]);
    index = least;
  }
  Place(index, item);
}

}  // namespace tidemark::values
