// One field of a large hash with its value, in one allocation:
//
//   item   = short / long
//   short  = head:byte value-length:byte expiry field value      ; field up to 63 bytes, value up to 255
//   long   = head-and-field-length:le64 value-length:le64 expiry field value
//   head   = is-long:bit has-expiry:bit field-length:6           ; of a long one, the length is in the upper 56 bits
//   expiry = "" / unix-ms:le64 heap-index:le32                   ; the place in the ExpiryHeap of the table
//
// A field of 4 bytes with a value of 10 takes 16 bytes. Made, changed and freed by HashTable alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tidemark::values {

class HashItem {
 public:
  std::string_view field() const {
    const Lengths lengths = ReadLengths();
    return {bytes() + lengths.content, lengths.field};
  }
  std::string_view value() const {
    const Lengths lengths = ReadLengths();
    return {bytes() + lengths.content + lengths.field, lengths.value};
  }
  bool has_expiry() const { return (*bytes() & kHasExpiry) != 0; }
  // Unix time in milliseconds; 0: none.
  int64_t expiry_ms() const { return has_expiry() ? Load<int64_t>(HeadBytes()) : 0; }
  bool ExpiredAt(int64_t unix_ms) const { return has_expiry() && Load<int64_t>(HeadBytes()) < unix_ms; }
  // What the allocator set aside, bytes.
  size_t BlockBytes() const;

 private:
  friend class HashTable;
  friend class ExpiryHeap;

  static constexpr uint8_t kLong = 1;
  static constexpr uint8_t kHasExpiry = 2;
  static constexpr size_t kShortFieldMax = 63;
  static constexpr size_t kShortValueMax = 255;
  static constexpr size_t kExpiryBytes = 12;
  // The dict wants its items at multiples of 16, and the allocator gives those to all but the smallest blocks.
  static constexpr size_t kMinBlockBytes = 16;

  struct Lengths {
    size_t content;  // where the field begins
    size_t field;
    size_t value;
  };

  // `expiry_ms` 0: none.
  static HashItem* Create(std::string_view field, std::string_view value, int64_t expiry_ms);
  // Bytes asked of the allocator.
  static size_t PlainBytes(size_t field_bytes, size_t value_bytes, bool expiry);
  // Puts another value in, if the item's form and the allocator's block stay the same. Else false: nothing is changed.
  bool TryReplace(std::string_view value);

  const char* bytes() const { return reinterpret_cast<const char*>(this); }
  char* bytes() { return reinterpret_cast<char*>(this); }
  bool is_long() const { return (*bytes() & kLong) != 0; }
  size_t HeadBytes() const { return is_long() ? 2 * sizeof(uint64_t) : 2; }

  template <typename T>
  T Load(size_t offset) const {
    T value;
    std::memcpy(&value, bytes() + offset, sizeof(value));
    return value;
  }
  template <typename T>
  void Store(size_t offset, T value) {
    std::memcpy(bytes() + offset, &value, sizeof(value));
  }

  Lengths ReadLengths() const {
    const auto head = static_cast<uint8_t>(*bytes());
    const size_t expiry = (head & kHasExpiry) != 0 ? kExpiryBytes : 0;
    if ((head & kLong) == 0) [[likely]] {
      return {2 + expiry, static_cast<size_t>(head >> 2), static_cast<uint8_t>(bytes()[1])};
    }
    return {2 * sizeof(uint64_t) + expiry, Load<uint64_t>(0) >> 8, Load<uint64_t>(sizeof(uint64_t))};
  }

  // Only of an item with an expiry.
  uint32_t heap_index() const { return Load<uint32_t>(HeadBytes() + sizeof(int64_t)); }
  void set_heap_index(uint32_t index) { Store(HeadBytes() + sizeof(int64_t), index); }
  void set_expiry_ms(int64_t unix_ms) { Store(HeadBytes(), unix_ms); }
};

}  // namespace tidemark::values
