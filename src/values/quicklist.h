// The large list: nodes linked both ways, each a packed list of a few kilobytes or one large element. With a compress
// depth of n, nodes further than n from both ends are kept LZF-compressed (but for those that would save too little).
//
// Functions that change the list take the NodeLimit that holds at the moment: nodes made under another one stay as they
// are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "values/quicklist_node.h"

namespace tidemark::values {

enum class ListEnd : uint8_t { kHead, kTail };

// An element as it is looked for: text that is an integer equals a packed integer.
class ElementMatcher {
 public:
  explicit ElementMatcher(std::string_view text) : text_(text), integer_(ParseInt64(text)) {}
  bool Matches(const PackedItem& item) const { return item.is_integer ? integer_ == item.integer : item.text == text_; }

 private:
  std::string_view text_;
  std::optional<int64_t> integer_;
};

// Takes up to `count_max` elements that match out of a packed list, starting from `end`; answers how many.
uint64_t RemoveMatches(Listpack& pack, ListEnd end, const ElementMatcher& matcher, uint64_t count_max);

class Quicklist {
 public:
  // An empty list; `compress_depth` 0: nothing is compressed.
  static Quicklist* Create(int compress_depth);
  static void Destroy(Quicklist* list);
  Quicklist* Clone() const;

  // Elements.
  uint64_t size() const { return size_; }
  size_t node_count() const { return node_count_; }
  size_t AllocatedBytes() const;

  const QuicklistNode* head() const { return head_; }
  const QuicklistNode* tail() const { return tail_; }
  // Where the element at `index` is, from the nearer end: its node and its index there. `index` is less than size().
  struct Place {
    QuicklistNode* node;
    size_t index;
  };
  Place Seek(uint64_t index) const;

  void Push(ListEnd end, std::string_view text, const NodeLimit& limit);
  // The node, which the list takes over, becomes its tail (unless it is empty). Any size will do.
  void AppendNode(QuicklistNode* node);
  // In front of the element at `index`, or at the end if `index` is size().
  void Insert(uint64_t index, std::string_view text, const NodeLimit& limit);
  void Replace(uint64_t index, std::string_view text, const NodeLimit& limit);
  // `start` + `count` is at most size().
  void EraseRange(uint64_t start, uint64_t count);
  // Takes out up to `count_max` elements that equal `text`, starting from `end`; answers how many.
  uint64_t Remove(ListEnd end, std::string_view text, uint64_t count_max);
  // Takes the packed list out of a quicklist whose only node it is; the quicklist is to be destroyed then.
  Listpack ReleaseOnlyPack();

 private:
  // Changes of a node go between these two, which keep the byte account; Open also unfolds it.
  void Open(QuicklistNode* node);
  void Close(QuicklistNode* node) { bytes_ += node->AllocatedBytes(); }

  // Links a node in front of `before`, or at the end if that is null.
  void Link(QuicklistNode* node, QuicklistNode* before);
  void Unlink(QuicklistNode* node);
  void AddAt(QuicklistNode* node, size_t index, std::string_view text);
  void EraseAt(QuicklistNode* node, size_t index, size_t count);
  QuicklistNode* NewNode(std::string_view text, const NodeLimit& limit) const;
  // The elements from `index` on become a node of their own, which is answered; both nodes are left with some.
  QuicklistNode* Split(QuicklistNode* node, size_t index);
  // Joins the following node to this one if both fit into one; answers the node that then holds the following one's
  // elements.
  QuicklistNode* MergeWithNext(QuicklistNode* node, const NodeLimit& limit);
  // Inserts into the middle of a node without room.
  void InsertInside(const Place& place, std::string_view text, const NodeLimit& limit);
  static bool Contains(std::string_view bytes, QuicklistNode::Form form, const ElementMatcher& matcher);
  uint64_t RemoveFrom(QuicklistNode* node, ListEnd end, const ElementMatcher& matcher, uint64_t count_max);

  // Compresses and unfolds what the depth asks for: at the ends, and `touched` if it is not null.
  void Settle(QuicklistNode* touched = nullptr);
  void Compress(QuicklistNode* node);

  QuicklistNode* head_ = nullptr;
  QuicklistNode* tail_ = nullptr;
  uint64_t size_ = 0;
  uint64_t bytes_ = 0;  // of all nodes
  uint32_t node_count_ = 0;
  uint32_t compress_depth_ = 0;
};

}  // namespace tidemark::values
