// The set of integers in one sorted array. The bytes are those of Redis' intset, which RDB files hold as they are:
//
//   block = width:le32 count:le32 value*     ; width 2, 4 or 8: bytes of each value, little-endian, ascending
//
// The width is that of the widest value there ever was; it grows when a value needs it and never shrinks. An Intset is
// a handle: it does not own its block, and whoever holds the block's address (an Object) takes block() back after a
// change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidemark::values {

class Intset {
 public:
  static constexpr size_t kMaxCount = size_t{1} << 30;  // whatever set-max-intset-entries says

  Intset() = default;
  explicit Intset(void* block) : block_(static_cast<uint8_t*>(block)) {}
  static Intset Create();
  // A copy of bytes that Validate has passed, or that another Intset gave.
  static Intset CopyOf(std::string_view bytes);
  void Destroy();

  uint8_t* block() const { return block_; }
  size_t count() const { return Load32(4); }
  // All bytes: what an RDB file holds.
  std::string_view view() const { return {reinterpret_cast<const char*>(block_), kHeaderBytes + count() * width()}; }
  size_t AllocatedBytes() const;

  // The value at `index`, counted from the smallest.
  int64_t At(size_t index) const;
  bool Contains(int64_t value) const;
  // False if it is there already. Takes time linear in the values above it.
  bool Add(int64_t value);
  // False if it is not there.
  bool Remove(int64_t value);

  // Checks bytes from outside: width, count and length agree, and the values ascend. Whatever passes is safe for every
  // function here.
  static bool Validate(std::string_view bytes);

 private:
  static constexpr size_t kHeaderBytes = 8;

  // Where a value is, or where it belongs.
  struct Place {
    size_t index;
    bool found;
  };

  size_t width() const { return Load32(0); }
  uint32_t Load32(size_t offset) const;
  void Store32(size_t offset, size_t value);
  void Put(size_t index, int64_t value);
  Place Search(int64_t value) const;
  void Resize(size_t count);
  // Lays every value out anew in `new_width` bytes, with room for one more at the front or the end.
  void Widen(size_t new_width, int64_t with);

  uint8_t* block_ = nullptr;
};

}  // namespace tidemark::values
