// The packed list: elements one behind the other in one block, each a string or an integer with its length in front and
// behind, so that it can be walked both ways. The bytes are those of Redis' listpack, which RDB files hold as they are:
//
//   block   = total:le32 count:le16 element* %xFF       ; count 65535: walk to know
//   element = head content back                          ; back: bytes of head and content, 7 bits a byte, last first
//   head    = 0vvvvvvv                                   ; integer 0..127
//           / 10llllll bytes                             ; string up to 63 bytes
//           / 110vvvvv v                                 ; integer of 13 bits, signed
//           / 1110llll l bytes                           ; string up to 4095 bytes
//           / %xF0 l:le32 bytes / %xF1 le16 / %xF2 le24 / %xF3 le32 / %xF4 le64   ; string, integers
//
// Strings that are canonical 64-bit integers are kept as integers. A Listpack is a handle: it does not own its block,
// and whoever holds the block's address (an Object) takes block() back after a change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/numbers.h"

namespace tidemark::values {

// One element, as it lies in the block.
struct PackedItem {
  std::string_view text;  // if it is a string
  int64_t integer = 0;    // if not
  bool is_integer = false;

  // The element's bytes. An integer is written into `scratch` (kInt64Chars).
  std::string_view View(char* scratch) const { return is_integer ? FormatInt64(integer, scratch) : text; }
  std::string ToString() const;
  bool Equals(std::string_view bytes) const;
};

class Listpack {
 public:
  // Where an element begins; null: none. Any change to the list ends its life, but for the one it is handed back by.
  using Position = const uint8_t*;
  static constexpr size_t kEmptyBytes = 7;
  static constexpr size_t kMaxBytes = size_t{1} << 30;  // beyond this nothing is added, as Redis refuses too

  Listpack() = default;
  explicit Listpack(void* block) : block_(static_cast<uint8_t*>(block)) {}
  // An empty list with room for `reserve` bytes.
  static Listpack Create(size_t reserve = 0);
  // A copy of bytes that Validate has passed, or that another Listpack gave.
  static Listpack CopyOf(std::string_view bytes);
  // For reading only: `bytes` has passed Validate, or another Listpack gave it.
  static const Listpack OfBytes(std::string_view bytes) { return Listpack(const_cast<char*>(bytes.data())); }
  void Destroy();

  uint8_t* block() const { return block_; }
  // Bytes of the list, and all of them (what an RDB file holds).
  size_t bytes() const;
  std::string_view view() const { return {reinterpret_cast<const char*>(block_), bytes()}; }
  // Elements; walks the list when there are 65535 and more.
  size_t count() const;
  bool empty() const { return block_[kHeaderBytes] == kEnd; }
  size_t AllocatedBytes() const;

  Position First() const { return empty() ? nullptr : block_ + kHeaderBytes; }
  Position Last() const;
  Position Next(Position at) const;
  Position Previous(Position at) const;
  // The element at `index`; negative counts from the end. Null if there is none.
  Position Seek(int64_t index) const;
  static PackedItem Get(Position at);
  // Bytes that the element takes.
  static size_t ElementBytes(Position at);
  // Bytes that an element of this text would take.
  static size_t EncodedBytes(std::string_view text);

  // The first element from `from` on that equals `text`, looking at one and leaving out `skip` in turn. Null: none.
  Position Find(Position from, std::string_view text, size_t skip = 0) const;

  // `text` may lie in this block only for the duration of reads: pass a copy when it does. Answer where the new element
  // begins.
  Position Append(std::string_view text) { return Insert(nullptr, text); }
  Position AppendInteger(int64_t value) { return InsertInteger(nullptr, value); }
  Position Prepend(std::string_view text) { return Insert(First(), text); }
  // In front of `before`; at the end if that is null.
  Position Insert(Position before, std::string_view text);
  Position InsertInteger(Position before, int64_t value);
  Position Replace(Position at, std::string_view text);
  Position ReplaceInteger(Position at, int64_t value);
  // Takes `count` elements out from `at` on; answers what then stands there, null at the end.
  Position Erase(Position at, size_t count = 1);
  // Takes out `count` elements from index `start` (negative: from the end) on.
  void EraseRange(int64_t start, size_t count);
  // For whoever keeps room in front of the list, in the same block, so that elements may come and go there without
  // moving the others. Both answer by how many bytes the list then begins earlier (later): the handle follows, the
  // block's own address does not. 0, and nothing done, if the element does not fit into `room`.
  size_t PrependInto(size_t room, std::string_view text);
  // `count` is less than count().
  size_t DropFirst(size_t count);
  // Appends the elements of `other`.
  void AppendAll(const Listpack& other);
  // Gives back what the block has to spare.
  void ShrinkToFit();

  // Checks bytes from outside: lengths, back lengths, count and end all agree and nothing reaches outside. Whatever
  // passes is safe for every function here.
  static bool Validate(std::string_view bytes);

 private:
  static constexpr size_t kHeaderBytes = 6;
  static constexpr uint8_t kEnd = 0xff;
  static constexpr uint16_t kManyElements = 65535;

  void SetBytes(size_t bytes);
  void ChangeCount(int64_t by);
  // Puts `size` bytes at `at_offset` in place of `old_size`; answers where they are to be written.
  uint8_t* Splice(size_t at_offset, size_t old_size, size_t size);
  Position Put(Position at, size_t old_size, int64_t count_change, const uint8_t* head, size_t head_bytes,
               std::string_view content);
  Position PutText(Position at, size_t old_size, int64_t count_change, std::string_view text);
  Position PutInteger(Position at, size_t old_size, int64_t count_change, int64_t value);

  uint8_t* block_ = nullptr;
};

}  // namespace tidemark::values
