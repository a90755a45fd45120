// A large hash: a dict of items (hash_item.h), one allocation for each field with its value, and a heap of those that
// expire. Owned by one thread. Expired fields are here until they are erased; who reads looks at their expiry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "values/dict.h"
#include "values/expiry_heap.h"
#include "values/hash_item.h"
#include "values/table_hash.h"

namespace tidemark::values {

class HashTable {
  struct Ops {
    std::string_view Key(const HashItem& item, unsigned) const { return item.field(); }
    uint64_t Hash(std::string_view field) const { return TableHash(field); }
  };
  using Table = Dict<HashItem, Ops>;

 public:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  // Where a field is, or where it would be: also what Insert needs to put it there. Valid until the next Insert or
  // Erase.
  struct Place {
    uint64_t hash = 0;
    Table::Slot slot;
    explicit operator bool() const { return static_cast<bool>(slot); }
  };

  HashTable() : dict_(Ops{}) {}
  ~HashTable();
  HashTable(const HashTable&) = delete;
  HashTable& operator=(const HashTable&) = delete;

  size_t size() const { return dict_.size(); }
  // Everything that the table takes, bytes.
  size_t MemoryBytes() const { return sizeof(*this) + dict_.MemoryBytes() + item_bytes_ + heap_.MemoryBytes(); }

  Place Find(std::string_view field) const {
    const uint64_t hash = TableHash(field);
    return {hash, dict_.Find(hash, field)};
  }
  const HashItem& At(const Place& place) const { return *dict_.Get(place.slot); }
  // Each field is equally likely, expired ones too. The table must not be empty.
  const HashItem& Pick(Random& random) const { return *dict_.Get(dict_.Pick(random)); }

  // Adds a field that Find did not find (`place` is what it answered); `expiry_ms` 0: never.
  void Insert(const Place& place, std::string_view field, std::string_view value, int64_t expiry_ms = 0);
  // `place` stays valid. `value` must not lie in this table.
  void SetValue(const Place& place, std::string_view value);
  // 0: never. `place` stays valid.
  void SetExpiry(const Place& place, int64_t expiry_ms);
  void Erase(const Place& place);

  // When the next field expires, Unix time in milliseconds; kNever.
  int64_t NextExpiry() const { return heap_.empty() ? kNever : heap_.first()->expiry_ms(); }
  // Fields that have expired at this time; takes time in their number.
  size_t CountExpired(int64_t unix_ms) const { return heap_.CountExpired(unix_ms); }
  // Erases fields that have expired at this time, at most so many; answers how many.
  size_t EraseExpired(int64_t unix_ms, size_t most, std::vector<std::string>* names);

  // visit(const HashItem&) for every field; the walk ends early when it answers false. `visit` must not change the
  // table. False if ended early.
  template <typename Visit>
  bool VisitWhile(Visit&& visit) const {
    bool going = true;
    const size_t buckets = dict_.bucket_count();
    for (size_t index = 0; going && index < buckets; ++index) {
      // The items of a later bucket are on their way while this one's are looked at.
      if (index + kAhead < buckets) {
        dict_.VisitChain(index + kAhead, [&](Table::Slot slot) { __builtin_prefetch(dict_.Get(slot)); });
      }
      dict_.VisitChain(index, [&](Table::Slot slot) { going = going && visit(*dict_.Get(slot)); });
    }
    return going;
  }
  // One step of an iteration, see Dict::Scan: visit(const HashItem&); answers the next cursor.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const {
    return dict_.Scan(cursor, [&](Table::Slot slot) { visit(*dict_.Get(slot)); });
  }

 private:
  static constexpr size_t kAhead = 2;

  // Puts another block of the same field in the slot.
  void Exchange(const Place& place, HashItem* old, HashItem* fresh);

  Table dict_;
  ExpiryHeap heap_;
  size_t item_bytes_ = 0;  // what the items take
};

}  // namespace tidemark::values
