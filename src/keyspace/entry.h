// One key with its value, in one allocation:
//
//   header 8 | expiry 8 if kHasExpiry | locator 8 if kHasLocator | word 8 if stored as integer or pointer
//          | key length 4 if it does not fit in the header | key | inline value
//
// The header is the access field (32 bits: LRU clock or LFU counter), type and encoding, flags, the length of the key
// if it is shorter than 2047 bytes, and the length of an inline value. A 16-byte key with a 32-byte value takes 56
// bytes; the same key cold takes 32.
//
// Entries are made and changed by Database alone; everybody else reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "values/object.h"
#include "values/string_blob.h"
#include "values/types.h"

namespace tidemark::keyspace {

// Where a value is. kMissing and kFetching are answers of a lookup; an entry itself is one of the other four.
// tiering/README.md has the invariants and who makes each transition.
enum class Residency : uint8_t {
  kResident,  // in RAM only
  kClean,     // in RAM, and unchanged on flash under `locator`
  kSpilling,  // in RAM, a write to flash is under way
  kCold,      // on flash only
  kFetching,  // on flash, a read is under way
  kMissing,
};

std::string_view ResidencyName(Residency residency);

class Entry {
 public:
  static constexpr size_t kMaxInlineBytes = 192;
  static constexpr int64_t kNoExpiry = -1;
  // In `inline_bytes_` of a cold entry: the number of elements is this or more, or not known.
  static constexpr uint8_t kUnknownSize = 255;

  enum class Storage : uint8_t { kNone, kInline, kInteger, kPointer };

  std::string_view key() const { return {bytes() + key_offset(), key_bytes()}; }
  values::Type type() const { return static_cast<values::Type>(type_); }
  values::Encoding encoding() const { return static_cast<values::Encoding>(encoding_); }
  Residency residency() const { return static_cast<Residency>(residency_); }
  bool cold() const { return residency() == Residency::kCold; }
  Storage storage() const { return static_cast<Storage>(storage_); }

  bool has_expiry() const { return has_expiry_; }
  // Unix time in milliseconds, or kNoExpiry.
  int64_t expiry_ms() const { return has_expiry_ ? LoadWord<int64_t>(sizeof(Entry)) : kNoExpiry; }
  bool ExpiredAt(int64_t unix_ms) const { return has_expiry_ && expiry_ms() < unix_ms; }

  // Zero unless the value is clean or cold.
  uint64_t locator() const { return has_locator_ ? LoadWord<uint64_t>(locator_offset()) : 0; }

  // See access_clock.h.
  uint32_t access() const { return access_; }
  void set_access(uint32_t field) { access_ = field; }

  // String values in RAM.
  bool is_integer() const { return storage() == Storage::kInteger; }
  int64_t integer() const { return LoadWord<int64_t>(word_offset()); }
  // The value's bytes. An integer is written into `scratch` (at least 24 bytes).
  std::string_view StringView(char* scratch) const;
  size_t StringBytes() const;
  // An object value in RAM (StringBlob for strings, the container for the other types).
  void* pointer() const { return LoadWord<void*>(word_offset()); }

  // A container in RAM.
  values::Object object() const { return {type(), encoding(), pointer()}; }
  // Elements of a container in RAM, or of a cold one that is small enough for the entry to remember; else empty.
  std::optional<uint64_t> ContainerSize() const;

  // What the allocator set aside for this entry and the value behind it, bytes.
  size_t AllocatedBytes() const;
  // What spilling the value would give back, bytes; 0 if nothing would be.
  size_t ReclaimableBytes() const;

 private:
  friend class EntryFactory;

  template <typename T>
  T LoadWord(size_t offset) const {
    T word;
    std::memcpy(&word, bytes() + offset, sizeof(word));
    return word;
  }
  template <typename T>
  void StoreWord(size_t offset, T word) {
    std::memcpy(reinterpret_cast<char*>(this) + offset, &word, sizeof(word));
  }

  const char* bytes() const { return reinterpret_cast<const char*>(this); }
  size_t locator_offset() const { return sizeof(Entry) + (has_expiry_ ? 8 : 0); }
  size_t word_offset() const { return locator_offset() + (has_locator_ ? 8 : 0); }
  bool has_word() const { return storage() == Storage::kInteger || storage() == Storage::kPointer; }
  size_t key_length_offset() const { return word_offset() + (has_word() ? 8 : 0); }
  size_t key_offset() const { return key_length_offset() + (short_key_bytes_ == kLongKey ? 4 : 0); }
  size_t key_bytes() const {
    return short_key_bytes_ == kLongKey ? LoadWord<uint32_t>(key_length_offset()) : short_key_bytes_;
  }
  size_t inline_offset() const { return key_offset() + key_bytes(); }

  // In `short_key_bytes_`: the key is as long or longer, and its length stands in front of it.
  static constexpr uint32_t kLongKey = (1u << 11) - 1;

  // A word of its own: every read of a value in RAM writes it.
  uint32_t access_;
  uint32_t type_ : 3;
  uint32_t encoding_ : 4;
  uint32_t residency_ : 2;
  uint32_t storage_ : 2;
  uint32_t has_expiry_ : 1;
  uint32_t has_locator_ : 1;
  uint32_t short_key_bytes_ : 11;
  uint8_t inline_bytes_;  // while cold: elements, see kUnknownSize
};
static_assert(static_cast<int>(values::Type::kStream) < 1 << 3, "three bits hold every type");
static_assert(static_cast<int>(values::Encoding::kListpackEx) < 1 << 4, "four bits hold every encoding");
static_assert(sizeof(Entry) == 8, "a cold 16-byte key must fit in 32 bytes: header, locator, key");

}  // namespace tidemark::keyspace
