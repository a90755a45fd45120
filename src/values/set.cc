#include "values/set.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/check.h"
#include "base/numbers.h"

namespace tidemark::values {
namespace {

Intset IntsetOf(const Object& object) {
  return Intset(object.pointer);
}
Listpack ListpackOf(const Object& object) {
  return Listpack(object.pointer);
}
StringTable& TableOf(const Object& object) {
  return *static_cast<StringTable*>(object.pointer);
}

Object MakeSet(Encoding encoding, void* pointer) {
  return {Type::kSet, encoding, pointer};
}

PackedItem IntegerItem(int64_t value) {
  return {.text = {}, .integer = value, .is_integer = true};
}

size_t Digits(int64_t value) {
  char scratch[kInt64Chars];
  return FormatInt64(value, scratch).size();
}

}  // namespace

void FreeSet(const Object& object) {
  switch (object.encoding) {
    case Encoding::kIntset:
      return IntsetOf(object).Destroy();
    case Encoding::kListpack:
      return ListpackOf(object).Destroy();
    default:
      delete &TableOf(object);
  }
}

Object CloneSet(const Object& object) {
  switch (object.encoding) {
    case Encoding::kIntset:
      return SetFromIntset(IntsetOf(object).view());
    case Encoding::kListpack:
      return SetFromListpack(ListpackOf(object).view());
    default: {
      auto* const copy = new StringTable;
      TableOf(object).VisitWhile([&](std::string_view text) { return copy->Add(text); });
      return MakeSet(Encoding::kHashtable, copy);
    }
  }
}

size_t SetBytes(const Object& object) {
  switch (object.encoding) {
    case Encoding::kIntset:
      return IntsetOf(object).AllocatedBytes();
    case Encoding::kListpack:
      return ListpackOf(object).AllocatedBytes();
    default:
      return TableOf(object).MemoryBytes();
  }
}

uint64_t SetSize(const Object& object) {
  switch (object.encoding) {
    case Encoding::kIntset:
      return IntsetOf(object).count();
    case Encoding::kListpack:
      return ListpackOf(object).count();
    default:
      return TableOf(object).size();
  }
}

size_t SetFreeEffort(const Object& object) {
  return object.encoding == Encoding::kHashtable ? TableOf(object).size() : 1;
}

Object NewSet(std::string_view first_member, size_t size_hint, const EncodingLimits& limits) {
  if (ParseInt64(first_member)) return NewIntsetSet();
  return size_hint <= limits.set_max_listpack_entries ? NewListpackSet() : NewTableSet();
}

Object NewIntsetSet() {
  return MakeSet(Encoding::kIntset, Intset::Create().block());
}

Object NewListpackSet() {
  return MakeSet(Encoding::kListpack, Listpack::Create().block());
}

Object NewTableSet() {
  return MakeSet(Encoding::kHashtable, new StringTable);
}

Object SetFromIntset(std::string_view bytes) {
  return MakeSet(Encoding::kIntset, Intset::CopyOf(bytes).block());
}

Object SetFromListpack(std::string_view bytes) {
  return MakeSet(Encoding::kListpack, Listpack::CopyOf(bytes).block());
}

bool IsSetListpack(std::string_view bytes) {
  if (!Listpack::Validate(bytes)) return false;
  const Listpack list = Listpack::OfBytes(bytes);
  std::unordered_set<std::string> seen;
  for (Listpack::Position at = list.First(); at != nullptr; at = list.Next(at)) {
    if (!seen.insert(Listpack::Get(at).ToString()).second) return false;
  }
  return true;
}

bool SetView::Contains(std::string_view member) const {
  switch (object_.encoding) {
    case Encoding::kIntset: {
      const std::optional<int64_t> value = ParseInt64(member);
      return value && intset().Contains(*value);
    }
    case Encoding::kListpack:
      return listpack().Find(listpack().First(), member) != nullptr;
    default:
      return table().Contains(member);
  }
}

bool SetView::Contains(const PackedItem& member) const {
  if (member.is_integer && object_.encoding == Encoding::kIntset) return intset().Contains(member.integer);
  char scratch[kInt64Chars];
  return Contains(member.View(scratch));
}

PackedItem SetView::PackedAt(uint64_t index) const {
  if (object_.encoding == Encoding::kIntset) return IntegerItem(intset().At(index));
  return Listpack::Get(listpack().Seek(static_cast<int64_t>(index)));
}

PackedItem SetView::Pick(Random& random) const {
  if (object_.encoding == Encoding::kHashtable) return {.text = table().Pick(random)};
  return PackedAt(random.Below(size()));
}

std::vector<PackedItem> SetView::All() const {
  std::vector<PackedItem> members;
  members.reserve(size());
  ForEach([&](const PackedItem& member) { members.push_back(member); });
  return members;
}

std::vector<PackedItem> SetView::Sample(uint64_t count, Random& random) const {
  // Drawing again and again what was drawn already is slow when nearly all are wanted.
  constexpr uint64_t kDrawBelowShare = 3;
  const uint64_t members = size();
  if (count >= members) return All();
  if (object_.encoding != Encoding::kHashtable) return SampleInOrder(count, random);
  if (count <= members / kDrawBelowShare) return SampleByDrawing(count, random);
  std::vector<PackedItem> all = All();
  for (uint64_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.Below(members - i)]);
  all.resize(count);
  return all;
}

// Knuth, "The Art of Computer Programming", volume 2, 3.4.2, algorithm S: one pass over all.
std::vector<PackedItem> SetView::SampleInOrder(uint64_t count, Random& random) const {
  std::vector<PackedItem> sample;
  sample.reserve(count);
  uint64_t left = size();
  VisitWhile([&](const PackedItem& member) {
    if (random.Below(left--) < count - sample.size()) sample.push_back(member);
    return sample.size() < count;
  });
  return sample;
}

std::vector<PackedItem> SetView::SampleByDrawing(uint64_t count, Random& random) const {
  std::vector<PackedItem> sample;
  sample.reserve(count);
  std::unordered_set<const void*> drawn;
  while (sample.size() < count) {
    const std::string_view text = table().Pick(random);
    if (drawn.insert(text.data()).second) sample.push_back({.text = text});
  }
  return sample;
}

std::string_view SetView::PackedBytes() const {
  TIDEMARK_CHECK(object_.encoding != Encoding::kHashtable);
  return object_.encoding == Encoding::kIntset ? intset().view() : listpack().view();
}

void Set::Become(Encoding encoding, void* pointer) {
  FreeSet(object_);
  object_.encoding = target_.encoding = encoding;
  UpdatePointer(pointer);
}

void Set::ConvertToListpack() {
  Listpack list = Listpack::Create();
  ForEach([&](const PackedItem& member) { list.AppendInteger(member.integer); });
  Become(Encoding::kListpack, list.block());
}

void Set::ConvertToTable() {
  auto* const table = new StringTable;
  ForEach([&](const PackedItem& member) {
    char scratch[kInt64Chars];
    table->Add(member.View(scratch));
  });
  Become(Encoding::kHashtable, table);
}

size_t Set::MaxIntsetCount() const {
  return std::min(limits_.set_max_intset_entries, Intset::kMaxCount);
}

void Set::Expect(size_t size_hint) {
  if (object_.encoding == Encoding::kListpack && size_hint > limits_.set_max_listpack_entries) ConvertToTable();
}

void Set::TryBecomeIntset() {
  if (object_.encoding == Encoding::kIntset || size() > MaxIntsetCount()) return;
  Intset set = Intset::Create();
  const bool all = VisitWhile([&](const PackedItem& member) {
    const std::optional<int64_t> value = member.is_integer ? member.integer : ParseInt64(member.text);
    if (value) set.Add(*value);
    return value.has_value();
  });
  if (all) {
    Become(Encoding::kIntset, set.block());
  } else {
    set.Destroy();
  }
}

void Set::ShrinkToFit() {
  if (object_.encoding != Encoding::kListpack) return;
  Listpack list = listpack();
  list.ShrinkToFit();
  UpdatePointer(list.block());
}

bool Set::Add(std::string_view member) {
  switch (object_.encoding) {
    case Encoding::kIntset:
      if (const std::optional<int64_t> value = ParseInt64(member)) return AddInteger(*value);
      if (ListpackCanHold(member)) {
        ConvertToListpack();
        Listpack list = listpack();
        list.Append(member);
        UpdatePointer(list.block());
      } else {
        ConvertToTable();
        table().Add(member);
      }
      return true;
    case Encoding::kListpack:
      return AddToListpack(member);
    default:
      return table().Add(member);
  }
}

bool Set::Add(const PackedItem& member) {
  if (member.is_integer && object_.encoding == Encoding::kIntset) return AddInteger(member.integer);
  char scratch[kInt64Chars];
  return Add(member.View(scratch));
}

bool Set::AddInteger(int64_t value) {
  Intset set = intset();
  if (!set.Add(value)) return false;
  UpdatePointer(set.block());
  if (set.count() > MaxIntsetCount()) ConvertToTable();
  return true;
}

// Whether the integers that are there and this string make a listpack within the limits.
bool Set::ListpackCanHold(std::string_view member) const {
  const Intset set = intset();
  const size_t count = set.count();
  if (count >= limits_.set_max_listpack_entries || member.size() > limits_.set_max_listpack_value) return false;
  if (count == 0) return true;
  const size_t longest = std::max(Digits(set.At(0)), Digits(set.At(count - 1)));
  constexpr size_t kIntegerBytesMax = 10;  // of one element of a listpack
  return longest <= limits_.set_max_listpack_value && member.size() + count * kIntegerBytesMax < Listpack::kMaxBytes;
}

bool Set::AddToListpack(std::string_view member) {
  Listpack list = listpack();
  if (list.Find(list.First(), member) != nullptr) return false;
  if (list.count() < limits_.set_max_listpack_entries && member.size() <= limits_.set_max_listpack_value &&
      list.bytes() + member.size() < Listpack::kMaxBytes) {
    list.Append(member);
    UpdatePointer(list.block());
  } else {
    ConvertToTable();
    table().Add(member);
  }
  return true;
}

bool Set::Remove(std::string_view member) {
  switch (object_.encoding) {
    case Encoding::kIntset: {
      const std::optional<int64_t> value = ParseInt64(member);
      return value && Remove(IntegerItem(*value));
    }
    case Encoding::kListpack: {
      Listpack list = listpack();
      const Listpack::Position at = list.Find(list.First(), member);
      if (at == nullptr) return false;
      list.Erase(at);
      UpdatePointer(list.block());
      return true;
    }
    default:
      return table().Remove(member);
  }
}

bool Set::Remove(const PackedItem& member) {
  if (member.is_integer && object_.encoding == Encoding::kIntset) {
    Intset set = intset();
    const bool removed = set.Remove(member.integer);
    UpdatePointer(set.block());
    return removed;
  }
  char scratch[kInt64Chars];
  return Remove(member.View(scratch));
}

}  // namespace tidemark::values
