#include "values/quicklist.h"

#include <algorithm>
#include <new>

#include "base/check.h"
#include "base/memory.h"

namespace tidemark::values {

Quicklist* Quicklist::Create(int compress_depth) {
  auto* const list = new (Allocate(sizeof(Quicklist))) Quicklist;
  list->compress_depth_ = static_cast<uint32_t>(std::max(compress_depth, 0));
  return list;
}

void Quicklist::Destroy(Quicklist* list) {
  for (QuicklistNode* node = list->head_; node != nullptr;) {
    QuicklistNode* const next = node->next;
    QuicklistNode::Destroy(node);
    node = next;
  }
  Release(list);
}

Quicklist* Quicklist::Clone() const {
  Quicklist* const copy = Create(static_cast<int>(compress_depth_));
  for (const QuicklistNode* node = head_; node != nullptr; node = node->next) copy->Link(node->Clone(), nullptr);
  return copy;
}

size_t Quicklist::AllocatedBytes() const {
  return GoodSize(sizeof(Quicklist)) + bytes_;
}

Quicklist::Place Quicklist::Seek(uint64_t index) const {
  TIDEMARK_DCHECK(index < size_);
  QuicklistNode* node;
  if (index < size_ / 2) {
    for (node = head_; index >= node->count(); node = node->next) index -= node->count();
    return {node, static_cast<size_t>(index)};
  }
  uint64_t from_end = size_ - index;
  for (node = tail_; from_end > node->count(); node = node->previous) from_end -= node->count();
  return {node, static_cast<size_t>(node->count() - from_end)};
}

void Quicklist::Open(QuicklistNode* node) {
  bytes_ -= node->AllocatedBytes();
  node->Unfold();
}

void Quicklist::Link(QuicklistNode* node, QuicklistNode* before) {
  node->next = before;
  node->previous = before == nullptr ? tail_ : before->previous;
  (node->previous == nullptr ? head_ : node->previous->next) = node;
  (before == nullptr ? tail_ : before->previous) = node;
  ++node_count_;
  size_ += node->count();
  Close(node);
}

void Quicklist::Unlink(QuicklistNode* node) {
  (node->previous == nullptr ? head_ : node->previous->next) = node->next;
  (node->next == nullptr ? tail_ : node->next->previous) = node->previous;
  --node_count_;
  size_ -= node->count();
  bytes_ -= node->AllocatedBytes();
  QuicklistNode::Destroy(node);
}

QuicklistNode* Quicklist::NewNode(std::string_view text, const NodeLimit& limit) const {
  if (limit.IsLarge(text.size())) return QuicklistNode::NewPlain(text);
  Listpack pack = Listpack::Create();
  pack.Append(text);
  return QuicklistNode::NewPacked(pack);
}

void Quicklist::AddAt(QuicklistNode* node, size_t index, std::string_view text) {
  Open(node);
  Listpack pack = node->pack();
  pack.Insert(index == node->count() ? nullptr : pack.Seek(static_cast<int64_t>(index)), text);
  node->SetPack(pack, 1);
  ++size_;
  Close(node);
}

void Quicklist::EraseAt(QuicklistNode* node, size_t index, size_t count) {
  if (count == node->count()) return Unlink(node);
  if (index == 0 && !node->compressed()) {
    bytes_ -= node->AllocatedBytes();
    node->DropFront(count);
    size_ -= count;
    return Close(node);
  }
  Open(node);
  Listpack pack = node->pack();
  pack.EraseRange(static_cast<int64_t>(index), count);
  node->SetPack(pack, -static_cast<int64_t>(count));
  size_ -= count;
  Close(node);
}

void Quicklist::Push(ListEnd end, std::string_view text, const NodeLimit& limit) {
  QuicklistNode* const node = end == ListEnd::kHead ? head_ : tail_;
  if (node != nullptr && node->HasRoom(text, limit)) {
    if (end == ListEnd::kTail || node->compressed())
      return AddAt(node, end == ListEnd::kHead ? 0 : node->count(), text);
    bytes_ -= node->AllocatedBytes();
    node->PushFront(text, limit);
    ++size_;
    return Close(node);
  }
  if (node != nullptr && end == ListEnd::kHead && !node->compressed()) {
    // Nothing will be put in front of it any more.
    Open(node);
    Close(node);
  }
  Link(NewNode(text, limit), end == ListEnd::kHead ? head_ : nullptr);
  Settle();
}

void Quicklist::AppendNode(QuicklistNode* node) {
  if (node->count() == 0) return QuicklistNode::Destroy(node);
  Link(node, nullptr);
  Settle();
}

QuicklistNode* Quicklist::Split(QuicklistNode* node, size_t index) {
  TIDEMARK_DCHECK(!node->plain() && index > 0 && index < node->count());
  const auto moved = static_cast<int64_t>(node->count() - index);
  Open(node);
  Listpack left = node->pack();
  Listpack right = Listpack::CopyOf(left.view());
  right.EraseRange(0, index);
  left.EraseRange(static_cast<int64_t>(index), static_cast<size_t>(moved));
  node->SetPack(left, -moved);
  size_ -= static_cast<uint64_t>(moved);
  Close(node);
  QuicklistNode* const second = QuicklistNode::NewPacked(right);
  Link(second, node->next);
  return second;
}

QuicklistNode* Quicklist::MergeWithNext(QuicklistNode* node, const NodeLimit& limit) {
  QuicklistNode* const second = node->next;
  const bool fits = !node->plain() && !second->plain() &&
                    limit.Allows(node->bytes() + second->bytes(), node->count() + second->count());
  if (!fits) return second;
  Open(node);
  Open(second);
  Listpack pack = node->pack();
  pack.AppendAll(second->pack());
  const size_t added = second->count();
  Close(second);
  Unlink(second);
  node->SetPack(pack, static_cast<int64_t>(added));
  size_ += added;
  Close(node);
  return node;
}

void Quicklist::Insert(uint64_t index, std::string_view text, const NodeLimit& limit) {
  if (index == 0) return Push(ListEnd::kHead, text, limit);
  if (index == size_) return Push(ListEnd::kTail, text, limit);
  const Place place = Seek(index);
  if (place.node->HasRoom(text, limit)) {
    AddAt(place.node, place.index, text);
    return Settle(place.node);
  }
  if (place.index > 0) return InsertInside(place, text, limit);
  QuicklistNode* const left = place.node->previous;
  if (left->HasRoom(text, limit)) {
    AddAt(left, left->count(), text);
    return Settle(left);
  }
  QuicklistNode* const fresh = NewNode(text, limit);
  Link(fresh, place.node);
  Settle(fresh);
}

void Quicklist::InsertInside(const Place& place, std::string_view text, const NodeLimit& limit) {
  QuicklistNode* left = place.node;
  QuicklistNode* const right = Split(left, place.index);
  // After each node that is added, as Settle looks only one node further than the depth.
  Settle();
  const bool to_left = left->bytes() <= right->bytes();
  QuicklistNode* const smaller = to_left ? left : right;
  if (smaller->HasRoom(text, limit)) {
    AddAt(smaller, to_left ? left->count() : 0, text);
  } else {
    Link(NewNode(text, limit), right);
    Settle();
  }
  // The halves may find room with their neighbours, so that inserting again and again leaves no small nodes behind.
  if (right->next != nullptr) MergeWithNext(right, limit);
  if (left->previous != nullptr) left = MergeWithNext(left->previous, limit);
  for (QuicklistNode* node = left; node != right->next; node = node->next) Settle(node);
}

void Quicklist::Replace(uint64_t index, std::string_view text, const NodeLimit& limit) {
  const Place place = Seek(index);
  QuicklistNode* const node = place.node;
  const bool large = limit.IsLarge(text.size());
  bool replaced = node->plain() == large && node->count() == 1;
  Open(node);
  if (replaced && large) {
    node->ReplacePlain(text);
  } else if (!node->plain() && !large) {
    Listpack pack = node->pack();
    const Listpack::Position at = pack.Seek(static_cast<int64_t>(place.index));
    const size_t bytes = pack.bytes() - Listpack::ElementBytes(at) + Listpack::EncodedBytes(text);
    replaced = replaced || limit.Allows(bytes, node->count());
    if (replaced) {
      pack.Replace(at, text);
      node->SetPack(pack, 0);
    }
  }
  Close(node);
  if (replaced) return Settle(node);
  EraseRange(index, 1);
  Insert(index, text, limit);
}

void Quicklist::EraseRange(uint64_t start, uint64_t count) {
  if (count == 0) return;
  Place place = Seek(start);
  // Only the first and the last node can be left with elements.
  QuicklistNode* kept[2] = {};
  while (count > 0) {
    QuicklistNode* const next = place.node->next;
    const size_t taken = static_cast<size_t>(std::min<uint64_t>(count, place.node->count() - place.index));
    if (taken < place.node->count()) kept[place.index == 0] = place.node;
    EraseAt(place.node, place.index, taken);
    count -= taken;
    place = {next, 0};
  }
  Settle(kept[0]);
  if (kept[1] != nullptr) Settle(kept[1]);
}

uint64_t Quicklist::Remove(ListEnd end, std::string_view text, uint64_t count_max) {
  const ElementMatcher matcher(text);
  NodeReader reader;
  uint64_t removed = 0;
  QuicklistNode* node = end == ListEnd::kHead ? head_ : tail_;
  while (node != nullptr && removed < count_max) {
    QuicklistNode* const following = end == ListEnd::kHead ? node->next : node->previous;
    if (Contains(reader.Read(*node), node->form(), matcher)) {
      removed += RemoveFrom(node, end, matcher, count_max - removed);
    }
    node = following;
  }
  return removed;
}

bool Quicklist::Contains(std::string_view bytes, QuicklistNode::Form form, const ElementMatcher& matcher) {
  if (form == QuicklistNode::Form::kPlain) return matcher.Matches(PackedItem{.text = bytes});
  const Listpack pack = Listpack::OfBytes(bytes);
  Listpack::Position at = pack.First();
  while (at != nullptr && !matcher.Matches(Listpack::Get(at))) at = pack.Next(at);
  return at != nullptr;
}

uint64_t Quicklist::RemoveFrom(QuicklistNode* node, ListEnd end, const ElementMatcher& matcher, uint64_t count_max) {
  if (node->plain()) {
    Unlink(node);
    Settle();
    return 1;
  }
  Open(node);
  Listpack pack = node->pack();
  const uint64_t removed = RemoveMatches(pack, end, matcher, count_max);
  node->SetPack(pack, -static_cast<int64_t>(removed));
  size_ -= removed;
  Close(node);
  const bool emptied = node->count() == 0;
  if (emptied) Unlink(node);
  Settle(emptied ? nullptr : node);
  return removed;
}

Listpack Quicklist::ReleaseOnlyPack() {
  TIDEMARK_CHECK(node_count_ == 1 && !head_->plain());
  Open(head_);
  const Listpack pack = head_->pack();
  Release(head_);
  head_ = tail_ = nullptr;
  node_count_ = 0;
  size_ = 0;
  return pack;
}

void Quicklist::Settle(QuicklistNode* touched) {
  if (compress_depth_ == 0) return;
  QuicklistNode* front = head_;
  QuicklistNode* back = tail_;
  bool touched_is_outer = touched == nullptr;
  for (uint32_t i = 0; i < compress_depth_ && front != nullptr; ++i) {
    for (QuicklistNode* const outer : {front, back}) {
      touched_is_outer |= outer == touched;
      if (!outer->compressed()) continue;
      Open(outer);
      Close(outer);
    }
    if (front == back || front->next == back) return;
    front = front->next;
    back = back->previous;
  }
  if (front == nullptr) return;
  Compress(front);
  Compress(back);
  if (!touched_is_outer) Compress(touched);
}

void Quicklist::Compress(QuicklistNode* node) {
  bytes_ -= node->AllocatedBytes();
  node->Compress();
  bytes_ += node->AllocatedBytes();
}

uint64_t RemoveMatches(Listpack& pack, ListEnd end, const ElementMatcher& matcher, uint64_t count_max) {
  const bool forward = end == ListEnd::kHead;
  uint64_t removed = 0;
  Listpack::Position at = forward ? pack.First() : pack.Last();
  while (at != nullptr && removed < count_max) {
    if (!matcher.Matches(Listpack::Get(at))) {
      at = forward ? pack.Next(at) : pack.Previous(at);
      continue;
    }
    at = pack.Erase(at);
    ++removed;
    if (!forward) at = at != nullptr ? pack.Previous(at) : pack.Last();
  }
  return removed;
}

}  // namespace tidemark::values
