// Lists. What an Object's pointer is, by encoding: listpack: a Listpack block, or null while the list is empty;
// quicklist: a Quicklist.
//
// A list is a listpack as long as it fits into one node (NodeLimit). A quicklist of which one packed node is left goes
// back to a listpack when that is at most half as large as a node may be, so that a list on the border does not go to
// and fro.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "values/listpack.h"
#include "values/object.h"
#include "values/quicklist.h"

namespace tidemark::values {

// What object.h asks of each type.
void FreeList(const Object& object);
Object CloneList(const Object& object);
size_t ListBytes(const Object& object);
uint64_t ListSize(const Object& object);
size_t ListFreeEffort(const Object& object);

// An empty list. Allocates nothing.
inline Object NewList() {
  return {Type::kList, Encoding::kListpack, nullptr};
}

// A list to read. It stays valid until the list changes.
class ListView {
 public:
  enum class Direction : uint8_t { kForward, kBackward };
  // A node as RDB files hold it: a packed list, or one element as it is.
  struct Node {
    QuicklistNode::Form form;
    std::string_view bytes;
    size_t count;
  };

  explicit ListView(const Object& object) : object_(object) {}

  uint64_t size() const { return ListSize(object_); }
  // Nodes; 1 for a listpack that is not empty.
  size_t node_count() const;

  // visit(const PackedItem&) for the elements from `index` (from the head, less than size()) on until it answers false.
  // An item lives no longer than the call.
  template <typename Visit>
  void VisitFrom(uint64_t index, Direction direction, Visit&& visit) const;
  // As above, for `count` elements at most, with a visit that answers nothing.
  template <typename Visit>
  void ForRange(uint64_t index, uint64_t count, Direction direction, Visit&& visit) const {
    if (count == 0) return;
    VisitFrom(index, direction, [&](const PackedItem& item) {
      visit(item);
      return --count > 0;
    });
  }
  // visit(const PackedItem&) for every element, from the head.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    if (size() > 0) ForRange(0, size(), Direction::kForward, visit);
  }
  // visit(const Node&) for every node, from the head: what AppendPackedNode and AppendPlainNode make a list of again.
  template <typename Visit>
  void ForEachNode(Visit&& visit) const;

 protected:
  bool packed() const { return object_.encoding == Encoding::kListpack; }
  Listpack pack() const { return Listpack(object_.pointer); }
  Quicklist& quicklist() const { return *static_cast<Quicklist*>(object_.pointer); }

  Object object_;

 private:
  // Visits a node's elements from the one at `index` on; false if visit did.
  template <typename Visit>
  static bool VisitNode(const Node& node, size_t index, Direction direction, Visit& visit);
};

// A list to change in place: `object` follows. Texts given must not lie in this list.
class List : public ListView {
 public:
  List(Object& object, const EncodingLimits& limits)
      : ListView(object), target_(object), limits_(limits), node_limit_(NodeLimit::Of(limits.list_max_listpack_size)) {}

  // One after the other.
  void Push(ListEnd end, std::span<const std::string_view> texts);
  void Push(ListEnd end, std::string_view text) { Push(end, std::span(&text, 1)); }
  // Takes out up to `count` elements; visit(const PackedItem&) for each first, from `end` on.
  template <typename Visit>
  void Pop(ListEnd end, uint64_t count, Visit&& visit);
  // `index` is at most size(): where the new element will stand.
  void Insert(uint64_t index, std::string_view text);
  // `index` is less than size().
  void Replace(uint64_t index, std::string_view text);
  // Takes out up to `count_max` elements equal to `text`, starting from `end`; answers how many.
  uint64_t Remove(ListEnd end, std::string_view text, uint64_t count_max);
  // `start` + `count` is at most size().
  void EraseRange(uint64_t start, uint64_t count);

  // Build the list from nodes, at its end. The bytes of a packed one have passed Listpack::Validate.
  void AppendPackedNode(std::string_view bytes);
  void AppendPlainNode(std::string_view text);

 private:
  void SetPack(Listpack pack) { target_.pointer = object_.pointer = pack.block(); }
  // The packed list, made if the list is empty.
  Listpack EnsurePack();
  // Becomes a quicklist if a packed list could not hold so much more.
  void MakeRoom(size_t bytes, size_t count);
  void ConvertToQuicklist();
  void TryShrink();

  Object& target_;
  const EncodingLimits& limits_;
  NodeLimit node_limit_;
};

template <typename Visit>
bool ListView::VisitNode(const Node& node, size_t index, Direction direction, Visit& visit) {
  if (node.form == QuicklistNode::Form::kPlain) return visit(PackedItem{.text = node.bytes});
  const Listpack pack = Listpack::OfBytes(node.bytes);
  const bool forward = direction == Direction::kForward;
  Listpack::Position at = pack.Seek(static_cast<int64_t>(index));
  while (at != nullptr) {
    if (!visit(Listpack::Get(at))) return false;
    at = forward ? pack.Next(at) : pack.Previous(at);
  }
  return true;
}

template <typename Visit>
void ListView::VisitFrom(uint64_t index, Direction direction, Visit&& visit) const {
  if (packed()) {
    VisitNode({QuicklistNode::Form::kPacked, pack().view(), 0}, index, direction, visit);
    return;
  }
  const Quicklist::Place place = quicklist().Seek(index);
  const QuicklistNode* node = place.node;
  size_t index_in_node = place.index;
  NodeReader reader;
  while (VisitNode({node->form(), reader.Read(*node), node->count()}, index_in_node, direction, visit)) {
    node = direction == Direction::kForward ? node->next : node->previous;
    if (node == nullptr) return;
    index_in_node = direction == Direction::kForward ? 0 : node->count() - 1;
  }
}

template <typename Visit>
void ListView::ForEachNode(Visit&& visit) const {
  if (packed()) {
    if (size() > 0) visit(Node{QuicklistNode::Form::kPacked, pack().view(), pack().count()});
    return;
  }
  NodeReader reader;
  for (const QuicklistNode* node = quicklist().head(); node != nullptr; node = node->next) {
    visit(Node{node->form(), reader.Read(*node), node->count()});
  }
}

template <typename Visit>
void List::Pop(ListEnd end, uint64_t count, Visit&& visit) {
  const uint64_t size_before = size();
  count = std::min(count, size_before);
  if (count == 0) return;
  const bool from_head = end == ListEnd::kHead;
  ForRange(from_head ? 0 : size_before - 1, count, from_head ? Direction::kForward : Direction::kBackward, visit);
  EraseRange(from_head ? 0 : size_before - count, count);
}

}  // namespace tidemark::values
