// Sets. What an Object's pointer is, by encoding: intset: an Intset block; listpack: a Listpack block; hashtable: a
// StringTable.
//
// A set begins as an intset if its first member is an integer, else as a listpack, and only ever grows: an intset that
// meets another string becomes a listpack if it is small enough, and either becomes a hashtable beyond its limits.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "values/intset.h"
#include "values/listpack.h"
#include "values/object.h"
#include "values/string_table.h"

namespace tidemark::values {

// What object.h asks of each type.
void FreeSet(const Object& object);
Object CloneSet(const Object& object);
size_t SetBytes(const Object& object);
uint64_t SetSize(const Object& object);
size_t SetFreeEffort(const Object& object);

// Empty sets. The first has the encoding that fits a first member and a guess of the number of members; integers are an
// intset however many come, since some may come twice.
Object NewSet(std::string_view first_member, size_t size_hint, const EncodingLimits& limits);
Object NewIntsetSet();
Object NewListpackSet();
Object NewTableSet();
// Sets from packed bytes that have passed Intset::Validate or IsSetListpack.
Object SetFromIntset(std::string_view bytes);
Object SetFromListpack(std::string_view bytes);
// Whether bytes from outside are a listpack without members that are there twice.
bool IsSetListpack(std::string_view bytes);

// A set to read. It stays valid until the set changes.
class SetView {
 public:
  explicit SetView(const Object& object) : object_(object) {}

  Encoding encoding() const { return object_.encoding; }
  uint64_t size() const { return SetSize(object_); }
  bool Contains(std::string_view member) const;
  bool Contains(const PackedItem& member) const;

  // visit(const PackedItem&) for every member, in no order that means anything, until it answers false. False if ended
  // early.
  template <typename Visit>
  bool VisitWhile(Visit&& visit) const;
  // visit(const PackedItem&) for every member.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    VisitWhile([&](const PackedItem& member) {
      visit(member);
      return true;
    });
  }
  // One step of an iteration that a client drives: visit(const PackedItem&); answers the next cursor, 0 at the end. The
  // packed encodings are done in one step.
  template <typename Visit>
  uint64_t Scan(uint64_t cursor, Visit&& visit) const;

  // A member, each equally likely. The set must not be empty.
  PackedItem Pick(Random& random) const;
  // `count` different members (all if there are fewer), each choice equally likely.
  std::vector<PackedItem> Sample(uint64_t count, Random& random) const;

  // The bytes of a packed encoding, as an RDB file holds them.
  std::string_view PackedBytes() const;

 protected:
  Intset intset() const { return Intset(object_.pointer); }
  Listpack listpack() const { return Listpack(object_.pointer); }
  StringTable& table() const { return *static_cast<StringTable*>(object_.pointer); }
  // The member at a place of a packed encoding, counted from the first.
  PackedItem PackedAt(uint64_t index) const;

  Object object_;

 private:
  std::vector<PackedItem> All() const;
  std::vector<PackedItem> SampleInOrder(uint64_t count, Random& random) const;
  std::vector<PackedItem> SampleByDrawing(uint64_t count, Random& random) const;
};

// A set to change in place: `object` follows.
class Set : public SetView {
 public:
  Set(Object& object, const EncodingLimits& limits) : SetView(object), target_(object), limits_(limits) {}

  // False if it is there already. `member` must not lie in this set.
  bool Add(std::string_view member);
  bool Add(const PackedItem& member);
  // False if it is not there. `member` may lie in this set.
  bool Remove(std::string_view member);
  bool Remove(const PackedItem& member);
  // A listpack becomes a hashtable at once if so many members would not fit it.
  void Expect(size_t size_hint);
  // An intset if all members are integers and there are not too many. Takes linear time.
  void TryBecomeIntset();
  // Gives back what a listpack has to spare.
  void ShrinkToFit();

 private:
  bool AddInteger(int64_t value);
  bool AddToListpack(std::string_view member);
  bool ListpackCanHold(std::string_view member) const;
  size_t MaxIntsetCount() const;
  void Become(Encoding encoding, void* pointer);
  void UpdatePointer(void* pointer) { target_.pointer = object_.pointer = pointer; }
  void ConvertToListpack();
  void ConvertToTable();

  Object& target_;
  const EncodingLimits& limits_;
};

template <typename Visit>
bool SetView::VisitWhile(Visit&& visit) const {
  switch (object_.encoding) {
    case Encoding::kIntset: {
      const Intset set = intset();
      for (size_t i = 0, count = set.count(); i < count; ++i) {
        if (!visit(PackedItem{.text = {}, .integer = set.At(i), .is_integer = true})) return false;
      }
      return true;
    }
    case Encoding::kListpack: {
      const Listpack list = listpack();
      for (Listpack::Position at = list.First(); at != nullptr; at = list.Next(at)) {
        if (!visit(Listpack::Get(at))) return false;
      }
      return true;
    }
    default:
      return table().VisitWhile([&](std::string_view text) { return visit(PackedItem{.text = text}); });
  }
}

template <typename Visit>
uint64_t SetView::Scan(uint64_t cursor, Visit&& visit) const {
  if (object_.encoding == Encoding::kHashtable) {
    return table().Scan(cursor, [&](std::string_view text) { visit(PackedItem{.text = text}); });
  }
  ForEach(std::forward<Visit>(visit));
  return 0;
}

}  // namespace tidemark::values
