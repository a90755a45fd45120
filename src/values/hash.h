// Hashes. What an Object's pointer is, by encoding: listpack: a Listpack block of field, value pairs; listpackex: a
// Listpack block of field, value, expiry triplets, the one that expires next first and those that never do (expiry 0)
// last; hashtable: a HashTable.
//
// A hash begins as a listpack and only ever grows: it becomes a listpackex with its first field that expires, and a
// hashtable beyond its limits. Fields that have expired are hidden from whoever reads, and go when they are written
// to or when somebody calls EraseExpired.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "values/hash_table.h"
#include "values/listpack.h"
#include "values/object.h"

namespace tidemark::values {

// What object.h asks of each type. The size counts fields that have expired and are still there.
void FreeHash(const Object& object);
Object CloneHash(const Object& object);
size_t HashBytes(const Object& object);
uint64_t HashSize(const Object& object);
size_t HashFreeEffort(const Object& object);

inline constexpr int64_t kNeverExpires = HashTable::kNever;
// When the next field expires, Unix time in milliseconds; kNeverExpires. Constant time.
int64_t HashNextExpiry(const Object& object);

// Empty hashes.
Object NewHash();
Object NewTableHash();
// Hashes from packed bytes that have passed IsHashListpack, or IsHashListpackEx.
Object HashFromListpack(std::string_view bytes);
Object HashFromListpackEx(std::string_view bytes);
// Whether bytes from outside are a listpack of pairs without fields that are there twice.
bool IsHashListpack(std::string_view bytes);
// The same of triplets, with expiries that are in order.
bool IsHashListpackEx(std::string_view bytes);

struct HashPair {
  PackedItem field;
  PackedItem value;
};

// A hash to read. It stays valid until the hash changes.
class HashView {
 public:
  // As the time for those to whom nothing ever expires (who saves or compares).
  static constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

  // Where a field is. Valid until the hash changes, but for the change it is handed to.
  class Place {
   public:
    explicit operator bool() const { return packed_ != nullptr || static_cast<bool>(table_); }

   private:
    friend class HashView;
    friend class Hash;
    Listpack::Position packed_ = nullptr;  // the field's element
    HashTable::Place table_;
  };

  // Fields that have expired before `now_ms` are hidden.
  HashView(const Object& object, int64_t now_ms) : object_(object), now_ms_(now_ms) {}

  Encoding encoding() const { return object_.encoding; }
  // Fields, counting those that have expired.
  uint64_t size() const { return HashSize(object_); }
  // Fields that are not hidden. Takes time in the number of those that are.
  uint64_t LiveSize() const;

  // Empty if it is not there or hidden.
  Place Find(std::string_view field) const;
  PackedItem ValueAt(const Place& place) const;
  // Unix time in milliseconds; 0: never.
  int64_t ExpiryAt(const Place& place) const;
  std::optional<PackedItem> Get(std::string_view field) const;

  // visit(const PackedItem& field, const PackedItem& value) for every field that is not hidden, in no order that means
  // anything.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    ForEachWithExpiry([&](const PackedItem& field, const PackedItem& value, int64_t expiry_ms) {
      if (!Hidden(expiry_ms)) visit(field, value);
    });
  }
  // visit(const PackedItem& field, const PackedItem& value, int64_t expiry_ms) for every field, hidden ones too;
  // expiry_ms 0: never.
  template <typename Visit>
  void ForEachWithExpiry(Visit&& visit) const;
  // One step of an iteration that a client drives: visit(const PackedItem& field, const PackedItem& value); answers the
  // next cursor, 0 at the end. The packed encodings are done in one step.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const;

  // A field that is not hidden, each equally likely; empty if there is none.
  std::optional<HashPair> Pick(Random& random) const;
  // `count` draws of which each may be any field; empty if there is none.
  std::vector<HashPair> Draw(uint64_t count, Random& random) const;
  // `count` different fields (all if there are fewer), each choice equally likely.
  std::vector<HashPair> Sample(uint64_t count, Random& random) const;

  // The bytes of a packed encoding, as an RDB file holds them.
  std::string_view PackedBytes() const;

 protected:
  bool packed() const { return object_.encoding != Encoding::kHashtable; }
  bool expiring() const { return object_.encoding == Encoding::kListpackEx; }
  // Elements of a listpack that go together.
  size_t stride() const { return expiring() ? 3 : 2; }
  bool Hidden(int64_t expiry_ms) const { return expiry_ms != 0 && expiry_ms < now_ms_; }
  Listpack listpack() const { return Listpack(object_.pointer); }
  HashTable& table() const { return *static_cast<HashTable*>(object_.pointer); }
  int64_t PackedExpiry(Listpack::Position field) const;
  // As Find, with fields that would be hidden.
  Place FindAny(std::string_view field) const;

  Object object_;
  int64_t now_ms_;

 private:
  // Fields that are hidden.
  uint64_t HiddenSize() const;
  HashPair PackedAt(uint64_t index) const;
  std::vector<HashPair> All() const;
  std::vector<HashPair> SampleInOrder(uint64_t count, Random& random) const;
  std::vector<HashPair> SampleByDrawing(uint64_t count, Random& random) const;
};

// A hash to change in place: `object` follows. Texts that are handed in must not lie in this hash.
class Hash : public HashView {
 public:
  Hash(Object& object, const EncodingLimits& limits, int64_t now_ms)
      : HashView(object, now_ms), target_(object), limits_(limits) {}

  // As HashView::Find, and a field that has expired is erased, so that Insert may follow.
  Place Find(std::string_view field);
  // Sets a field to a value that never expires. True if the field is new.
  bool Set(std::string_view field, std::string_view value);
  // Adds a field that Find did not find (`missing` is what it answered); expiry_ms 0: never.
  void Insert(const Place& missing, std::string_view field, std::string_view value, int64_t expiry_ms = 0);
  // Another value for a field, whose name is `field`; its expiry stays.
  void Replace(const Place& place, std::string_view field, std::string_view value);
  // Expiry of a field, Unix time in milliseconds; 0: never.
  void SetExpiry(const Place& place, int64_t expiry_ms);
  void Erase(const Place& place);
  // False if it is not there.
  bool Erase(std::string_view field);

  // Erases fields that have expired, at most so many; answers how many. Appends their names to `names`, if it is not
  // null.
  size_t EraseExpired(size_t most, std::vector<std::string>* names = nullptr);
  // Fields that this handle has erased because they had expired.
  uint64_t erased_expired() const { return erased_expired_; }

  // Converts a hash made from packed bytes if it is beyond the limits.
  void FitLimits();

 private:
  bool FitsPacked(std::string_view text) const { return text.size() <= limits_.hash_max_listpack_value; }
  // Makes a packed hash a hashtable if these two do not fit it. True if so.
  bool MakeRoom(std::string_view field, std::string_view value);
  // Makes a packed hash a hashtable if it has too many fields.
  void CheckCount();
  void Become(Encoding encoding, void* pointer);
  void UpdatePointer(void* pointer) { target_.pointer = object_.pointer = pointer; }
  void ConvertToListpackEx();
  void ConvertToTable();
  void InsertPacked(std::string_view field, std::string_view value, int64_t expiry_ms);

  Object& target_;
  const EncodingLimits& limits_;
  uint64_t erased_expired_ = 0;
};

template <typename Visit>
void HashView::ForEachWithExpiry(Visit&& visit) const {
  if (!packed()) {
    table().VisitWhile([&](const HashItem& item) {
      visit(PackedItem{.text = item.field()}, PackedItem{.text = item.value()}, item.expiry_ms());
      return true;
    });
    return;
  }
  const Listpack list = listpack();
  for (Listpack::Position at = list.First(); at != nullptr;) {
    const PackedItem field = Listpack::Get(at);
    at = list.Next(at);
    const PackedItem value = Listpack::Get(at);
    at = list.Next(at);
    int64_t expiry_ms = 0;
    if (expiring()) {
      expiry_ms = Listpack::Get(at).integer;
      at = list.Next(at);
    }
    visit(field, value, expiry_ms);
  }
}

template <typename Visit>
uint64_t HashView::Scan(uint64_t cursor, Visit&& visit) const {
  if (!packed()) {
    return table().Scan(cursor, [&](const HashItem& item) {
      if (!item.ExpiredAt(now_ms_)) visit(PackedItem{.text = item.field()}, PackedItem{.text = item.value()});
    });
  }
  ForEach(visit);
  return 0;
}

}  // namespace tidemark::values
