// One node of a quicklist: a packed list, or one element too large to be packed. Either may be kept compressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "values/listpack.h"

namespace tidemark::values {

// How much goes into one node; from the directive list-max-listpack-size.
struct NodeLimit {
  size_t bytes_max = 0;
  size_t count_max = 0;

  // Positive: elements (and at most kCountedBytesMax bytes); -1 to -5: 4, 8, 16, 32, 64 KB, however many elements.
  static NodeLimit Of(int list_max_listpack_size);
  bool Allows(size_t bytes, size_t count) const { return bytes <= bytes_max && count <= count_max; }
  // Whether a list of this size may go back to the one packed list it would fit into twice over.
  bool AllowsTwice(size_t bytes, size_t count) const {
    return count_max == kUncounted ? bytes <= bytes_max / 2 : count <= count_max / 2;
  }
  // Whether an element of this size is to have a node of its own, unpacked.
  bool IsLarge(size_t element_bytes) const { return element_bytes > bytes_max; }

  static constexpr size_t kCountedBytesMax = 8192;
  static constexpr size_t kUncounted = UINT32_MAX;
};

class QuicklistNode {
 public:
  enum class Form : uint8_t { kPacked, kPlain };

  // Takes the block over.
  static QuicklistNode* NewPacked(Listpack pack);
  static QuicklistNode* NewPlain(std::string_view text);
  static void Destroy(QuicklistNode* node);
  // A copy, unlinked.
  QuicklistNode* Clone() const;

  Form form() const { return form_; }
  bool plain() const { return form_ == Form::kPlain; }
  bool compressed() const { return compressed_; }
  size_t count() const { return count_; }
  // Bytes of the packed list or of the element, uncompressed.
  size_t bytes() const;
  // What the allocator set aside for the node and its block.
  size_t AllocatedBytes() const;

  // The list of a node that is not compressed. For changes, Unfold first.
  Listpack pack() const { return Listpack(static_cast<char*>(block_) + lead_); }
  std::string_view raw() const;
  // After a change to pack().
  void SetPack(Listpack pack, int64_t count_change) {
    block_ = pack.block();
    count_ = static_cast<uint32_t>(count_ + count_change);
  }
  void ReplacePlain(std::string_view text);
  // Whether `text` may be added.
  bool HasRoom(std::string_view text, const NodeLimit& limit) const;
  // Elements that come and go at the front, of a packed node that is not compressed. Room is kept there (at most a
  // quarter of the node when pushing, half when dropping), so that the other elements are seldom moved. `count` <
  // count().
  void PushFront(std::string_view text, const NodeLimit& limit);
  void DropFront(size_t count);

  // Leaves the node as it is where that would not save enough.
  void Compress();
  // Decompressed, and without room in front: ready for any change. What the block has to spare is given back.
  void Unfold();

  QuicklistNode* previous = nullptr;
  QuicklistNode* next = nullptr;

 private:
  friend class NodeReader;

  void MakeLead(size_t wanted);
  // Moves the list from there to the start of the block.
  void CloseLead(size_t lead);
  void DecompressTo(char* out) const;
  void ReleaseBlock();

  void* block_ = nullptr;  // a Listpack's; a StringBlob; compressed: a StringBlob, see quicklist_node.cc
  uint32_t count_ = 0;
  Form form_ = Form::kPacked;
  bool compressed_ = false;
  uint16_t lead_ = 0;  // bytes of the block in front of the packed list
};
static_assert(sizeof(QuicklistNode) == 32, "a size class of the allocator");

// Reads a node without changing it: a compressed one is unfolded into the reader's own room.
class NodeReader {
 public:
  // The bytes of the packed list or the element; good until the next call, or a change to the node.
  std::string_view Read(const QuicklistNode& node);

 private:
  std::unique_ptr<char[]> room_;
  size_t room_bytes_ = 0;
};

}  // namespace tidemark::values
