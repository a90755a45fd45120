#include "values/hash.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/check.h"
#include "base/numbers.h"

namespace tidemark::values {
namespace {

Listpack ListpackOf(const Object& object) {
  return Listpack(object.pointer);
}
HashTable& TableOf(const Object& object) {
  return *static_cast<HashTable*>(object.pointer);
}

Object MakeHash(Encoding encoding, void* pointer) {
  return {Type::kHash, encoding, pointer};
}

// The expiry of the first triplet, which no other comes before; kNeverExpires if none has one.
int64_t FirstExpiry(const Listpack& list) {
  const Listpack::Position first = list.First();
  if (first == nullptr) return kNeverExpires;
  const int64_t expiry_ms = Listpack::Get(list.Next(list.Next(first))).integer;
  return expiry_ms == 0 ? kNeverExpires : expiry_ms;
}

// Whether a valid listpack is made of groups of `stride` elements, none of which begins like another.
bool HasDistinctFields(const Listpack& list, size_t stride) {
  std::unordered_set<std::string> seen;
  size_t index = 0;
  for (Listpack::Position at = list.First(); at != nullptr; at = list.Next(at), ++index) {
    if (index % stride == 0 && !seen.insert(Listpack::Get(at).ToString()).second) return false;
  }
  return index % stride == 0;
}

}  // namespace

void FreeHash(const Object& object) {
  if (object.encoding == Encoding::kHashtable) {
    delete &TableOf(object);
  } else {
    ListpackOf(object).Destroy();
  }
}

Object CloneHash(const Object& object) {
  if (object.encoding != Encoding::kHashtable) {
    return MakeHash(object.encoding, Listpack::CopyOf(ListpackOf(object).view()).block());
  }
  auto* const copy = new HashTable;
  TableOf(object).VisitWhile([&](const HashItem& item) {
    copy->Insert(copy->Find(item.field()), item.field(), item.value(), item.expiry_ms());
    return true;
  });
  return MakeHash(Encoding::kHashtable, copy);
}

size_t HashBytes(const Object& object) {
  return object.encoding == Encoding::kHashtable ? TableOf(object).MemoryBytes() : ListpackOf(object).AllocatedBytes();
}

uint64_t HashSize(const Object& object) {
  switch (object.encoding) {
    case Encoding::kListpack:
      return ListpackOf(object).count() / 2;
    case Encoding::kListpackEx:
      return ListpackOf(object).count() / 3;
    default:
      return TableOf(object).size();
  }
}

size_t HashFreeEffort(const Object& object) {
  return object.encoding == Encoding::kHashtable ? TableOf(object).size() : 1;
}

int64_t HashNextExpiry(const Object& object) {
  switch (object.encoding) {
    case Encoding::kListpack:
      return kNeverExpires;
    case Encoding::kListpackEx:
      return FirstExpiry(ListpackOf(object));
    default:
      return TableOf(object).NextExpiry();
  }
}

Object NewHash() {
  return MakeHash(Encoding::kListpack, Listpack::Create().block());
}

Object NewTableHash() {
  return MakeHash(Encoding::kHashtable, new HashTable);
}

Object HashFromListpack(std::string_view bytes) {
  return MakeHash(Encoding::kListpack, Listpack::CopyOf(bytes).block());
}

Object HashFromListpackEx(std::string_view bytes) {
  return MakeHash(Encoding::kListpackEx, Listpack::CopyOf(bytes).block());
}

bool IsHashListpack(std::string_view bytes) {
  // Only read through this handle.
  return Listpack::Validate(bytes) && HasDistinctFields(Listpack(const_cast<char*>(bytes.data())), 2);
}

bool IsHashListpackEx(std::string_view bytes) {
  if (!Listpack::Validate(bytes)) return false;
  const Listpack list(const_cast<char*>(bytes.data()));
  if (!HasDistinctFields(list, 3)) return false;
  int64_t last = 0;
  size_t index = 0;
  for (Listpack::Position at = list.First(); at != nullptr; at = list.Next(at), ++index) {
    if (index % 3 != 2) continue;
    const PackedItem expiry = Listpack::Get(at);
    if (!expiry.is_integer || expiry.integer < 0) return false;
    const int64_t when = expiry.integer == 0 ? kNeverExpires : expiry.integer;
    if (when < last) return false;
    last = when;
  }
  return true;
}

int64_t HashView::PackedExpiry(Listpack::Position field) const {
  if (!expiring()) return 0;
  const Listpack list = listpack();
  return Listpack::Get(list.Next(list.Next(field))).integer;
}

uint64_t HashView::HiddenSize() const {
  if (HashNextExpiry(object_) >= now_ms_) return 0;
  if (!packed()) return table().CountExpired(now_ms_);
  uint64_t hidden = 0;
  ForEachWithExpiry([&](const PackedItem&, const PackedItem&, int64_t expiry_ms) { hidden += Hidden(expiry_ms); });
  return hidden;
}

uint64_t HashView::LiveSize() const {
  return size() - HiddenSize();
}

HashView::Place HashView::FindAny(std::string_view field) const {
  Place place;
  if (packed()) {
    const Listpack list = listpack();
    const Listpack::Position first = list.First();
    if (first != nullptr) place.packed_ = list.Find(first, field, stride() - 1);
  } else {
    place.table_ = table().Find(field);
  }
  return place;
}

HashView::Place HashView::Find(std::string_view field) const {
  Place place = FindAny(field);
  if (place && Hidden(ExpiryAt(place))) return {};
  return place;
}

PackedItem HashView::ValueAt(const Place& place) const {
  if (packed()) return Listpack::Get(listpack().Next(place.packed_));
  return {.text = table().At(place.table_).value()};
}

int64_t HashView::ExpiryAt(const Place& place) const {
  return packed() ? PackedExpiry(place.packed_) : table().At(place.table_).expiry_ms();
}

std::optional<PackedItem> HashView::Get(std::string_view field) const {
  const Place place = Find(field);
  if (!place) return std::nullopt;
  return ValueAt(place);
}

std::string_view HashView::PackedBytes() const {
  TIDEMARK_CHECK(packed());
  return listpack().view();
}

Hash::Place Hash::Find(std::string_view field) {
  Place place = FindAny(field);
  if (place && Hidden(ExpiryAt(place))) {
    Erase(place);
    ++erased_expired_;
    // Of a table, what says where to put the field again.
    place = FindAny(field);
  }
  return place;
}

bool Hash::Set(std::string_view field, std::string_view value) {
  MakeRoom(field, value);
  const Place place = Find(field);
  if (!place) {
    Insert(place, field, value);
    return true;
  }
  const bool expires = ExpiryAt(place) != 0;
  Replace(place, field, value);
  if (expires) SetExpiry(FindAny(field), 0);
  return false;
}

void Hash::Insert(const Place& missing, std::string_view field, std::string_view value, int64_t expiry_ms) {
  const bool converted = MakeRoom(field, value);
  if (!packed()) {
    table().Insert(converted ? table().Find(field) : missing.table_, field, value, expiry_ms);
    return;
  }
  if (expiry_ms != 0 && !expiring()) ConvertToListpackEx();
  InsertPacked(field, value, expiry_ms);
  CheckCount();
}

void Hash::InsertPacked(std::string_view field, std::string_view value, int64_t expiry_ms) {
  Listpack list = listpack();
  if (!expiring()) {
    list.Append(field);
    list.Append(value);
    UpdatePointer(list.block());
    return;
  }
  // In front of the first that expires later.
  Listpack::Position at = expiry_ms == 0 ? nullptr : list.First();
  while (at != nullptr) {
    const Listpack::Position expiry = list.Next(list.Next(at));
    const int64_t other_ms = Listpack::Get(expiry).integer;
    if (other_ms == 0 || other_ms > expiry_ms) break;
    at = list.Next(expiry);
  }
  // Each insertion may move the block and answers where it went; the next element goes behind it.
  at = list.Insert(at, field);
  at = list.Next(at) == nullptr ? list.Append(value) : list.Insert(list.Next(at), value);
  if (list.Next(at) == nullptr) {
    list.AppendInteger(expiry_ms);
  } else {
    list.InsertInteger(list.Next(at), expiry_ms);
  }
  UpdatePointer(list.block());
}

void Hash::Replace(const Place& place, std::string_view field, std::string_view value) {
  const bool converted = MakeRoom(field, value);
  if (!packed()) {
    table().SetValue(converted ? table().Find(field) : place.table_, value);
    return;
  }
  Listpack list = listpack();
  list.Replace(list.Next(place.packed_), value);
  UpdatePointer(list.block());
  CheckCount();
}

void Hash::SetExpiry(const Place& place, int64_t expiry_ms) {
  if (!packed()) {
    table().SetExpiry(place.table_, expiry_ms);
    return;
  }
  if (PackedExpiry(place.packed_) == expiry_ms) return;
  const std::string field = Listpack::Get(place.packed_).ToString();
  const std::string value = ValueAt(place).ToString();
  Erase(place);
  if (!expiring()) ConvertToListpackEx();
  InsertPacked(field, value, expiry_ms);
}

void Hash::Erase(const Place& place) {
  if (!packed()) {
    table().Erase(place.table_);
    return;
  }
  Listpack list = listpack();
  list.Erase(place.packed_, stride());
  UpdatePointer(list.block());
}

bool Hash::Erase(std::string_view field) {
  const Place place = Find(field);
  if (!place) return false;
  Erase(place);
  return true;
}

size_t Hash::EraseExpired(size_t most, std::vector<std::string>* names) {
  if (HashNextExpiry(object_) >= now_ms_) return 0;
  size_t erased = 0;
  if (packed()) {
    // They stand at the beginning.
    Listpack list = listpack();
    Listpack::Position at = list.First();
    while (at != nullptr && erased < most) {
      const Listpack::Position expiry = list.Next(list.Next(at));
      if (!Hidden(Listpack::Get(expiry).integer)) break;
      if (names != nullptr) names->push_back(Listpack::Get(at).ToString());
      ++erased;
      at = list.Next(expiry);
    }
    list.Erase(list.First(), erased * stride());
    UpdatePointer(list.block());
  } else {
    erased = table().EraseExpired(now_ms_, most, names);
  }
  erased_expired_ += erased;
  return erased;
}

bool Hash::MakeRoom(std::string_view field, std::string_view value) {
  if (!packed()) return false;
  constexpr size_t kElementsOverhead = 64;
  if (FitsPacked(field) && FitsPacked(value) &&
      listpack().bytes() + field.size() + value.size() + kElementsOverhead <= Listpack::kMaxBytes) [[likely]] {
    return false;
  }
  ConvertToTable();
  return true;
}

void Hash::CheckCount() {
  if (size() > limits_.hash_max_listpack_entries) ConvertToTable();
}

void Hash::FitLimits() {
  if (!packed()) return;
  bool fits = size() <= limits_.hash_max_listpack_entries;
  ForEachWithExpiry([&](const PackedItem& field, const PackedItem& value, int64_t) {
    char scratch[kInt64Chars];
    fits = fits && FitsPacked(field.View(scratch)) && FitsPacked(value.View(scratch));
  });
  if (!fits) ConvertToTable();
}

void Hash::Become(Encoding encoding, void* pointer) {
  FreeHash(object_);
  object_.encoding = target_.encoding = encoding;
  UpdatePointer(pointer);
}

void Hash::ConvertToListpackEx() {
  constexpr size_t kNoExpiryBytes = 2;
  Listpack list = Listpack::Create(listpack().bytes() + size() * kNoExpiryBytes);
  char scratch[kInt64Chars];
  ForEachWithExpiry([&](const PackedItem& field, const PackedItem& value, int64_t) {
    list.Append(field.View(scratch));
    list.Append(value.View(scratch));
    list.AppendInteger(0);
  });
  Become(Encoding::kListpackEx, list.block());
}

void Hash::ConvertToTable() {
  auto* const table = new HashTable;
  char field_scratch[kInt64Chars];
  char value_scratch[kInt64Chars];
  ForEachWithExpiry([&](const PackedItem& packed_field, const PackedItem& value, int64_t expiry_ms) {
    const std::string_view field = packed_field.View(field_scratch);
    table->Insert(table->Find(field), field, value.View(value_scratch), expiry_ms);
  });
  Become(Encoding::kHashtable, table);
}

}  // namespace tidemark::values
