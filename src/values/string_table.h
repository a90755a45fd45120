// A large set of strings: a dict of blocks, one allocation for each string.
//
//   block = bytes                          ; 16 times the flags of the slot, if there are flags
//         / length:byte bytes              ; up to 127 bytes
//         / %x80 length:7 bytes bytes      ; longer: the length is the upper seven bytes of a little-endian word
//
// The allocator deals in multiples of 16 bytes, so that a length beside a string which fills its block would cost 16
// bytes; the dict's slot has room for it. A member of 16 bytes takes so many, and about 10.5 of the table; one of 17 to
// 31 takes 32. Owned by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/random.h"
#include "values/dict.h"
#include "values/table_hash.h"

namespace tidemark::values {

// The bytes of one member. Made and freed by StringTable alone.
class TableString {
 public:
  // `flags` are those of the slot.
  std::string_view View(unsigned flags) const {
    const auto* const bytes = reinterpret_cast<const char*>(this);
    if (flags != 0) return {bytes, flags * kUnit};
    const auto first = static_cast<uint8_t>(*bytes);
    if (first < kLong) return {bytes + 1, first};
    uint64_t word;
    std::memcpy(&word, bytes, sizeof(word));
    return {bytes + sizeof(word), word >> 8};
  }

 private:
  friend class StringTable;
  static constexpr uint8_t kLong = 0x80;
  static constexpr size_t kUnit = 16;
  static constexpr size_t kUnitsMax = 15;

  // The flags that the slot has to have.
  static unsigned FlagsOf(size_t length);
  // Bytes to ask the allocator for.
  static size_t PlainBytes(size_t length);
  static TableString* Create(std::string_view text);
  // Bytes that the allocator sets aside for a string of this length.
  static size_t BlockBytes(size_t length);
};

class StringTable {
 public:
  StringTable() : dict_(Ops{}) {}
  ~StringTable();
  StringTable(const StringTable&) = delete;
  StringTable& operator=(const StringTable&) = delete;

  size_t size() const { return dict_.size(); }
  // Everything that the table takes, bytes.
  size_t MemoryBytes() const { return sizeof(*this) + dict_.MemoryBytes() + string_bytes_; }

  bool Contains(std::string_view text) const { return static_cast<bool>(dict_.Find(TableHash(text), text)); }
  // False if it is there already.
  bool Add(std::string_view text);
  // False if it is not there.
  bool Remove(std::string_view text);
  // Each member is equally likely. The table must not be empty.
  std::string_view Pick(Random& random) const { return TextAt(dict_.Pick(random)); }

  // visit(std::string_view) for every member; the walk ends early when it answers false. `visit` must not change the
  // table. False if ended early.
  template <typename Visit>
  bool VisitWhile(Visit&& visit) const {
    bool going = true;
    const size_t buckets = dict_.bucket_count();
    for (size_t index = 0; going && index < buckets; ++index) {
      // The blocks of a later bucket are on their way while this one's are looked at.
      if (index + kAhead < buckets) {
        dict_.VisitChain(index + kAhead, [&](Table::Slot slot) { __builtin_prefetch(dict_.Get(slot)); });
      }
      dict_.VisitChain(index, [&](Table::Slot slot) { going = going && visit(TextAt(slot)); });
    }
    return going;
  }
  // One step of an iteration, see Dict::Scan: visit(std::string_view); answers the next cursor.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const {
    return dict_.Scan(cursor, [&](Table::Slot slot) { visit(TextAt(slot)); });
  }

 private:
  struct Ops {
    std::string_view Key(const TableString& string, unsigned flags) const { return string.View(flags); }
    uint64_t Hash(std::string_view text) const { return TableHash(text); }
  };
  // Fuller than normal: beside members this small the table counts, about 10.5 bytes each.
  static constexpr size_t kLoad = 15;
  using Table = Dict<TableString, Ops, kLoad>;
  static constexpr size_t kAhead = 2;

  std::string_view TextAt(Table::Slot slot) const { return dict_.Get(slot)->View(dict_.Flags(slot)); }

  Table dict_;
  size_t string_bytes_ = 0;  // what the blocks take
};

}  // namespace tidemark::values
