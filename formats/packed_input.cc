#include "formats/packed_input.h"

#include <algorithm>

#include "base/numbers.h"
#include "formats/rdb_string.h"

namespace tidemark::formats {

using values::Listpack;
using values::PackedItem;

namespace {

bool IsCanonical(Listpack::Position at) {
  char scratch[kInt64Chars];
  const PackedItem item = Listpack::Get(at);
  if (!item.is_integer && item.text.size() < kInt64Chars && ParseInt64(item.text)) return false;
  return Listpack::ElementBytes(at) == Listpack::EncodedBytes(item.View(scratch));
}

// The same for equal elements in whatever form, in an order that means nothing.
PackedItem Normal(PackedItem item) {
  if (item.is_integer) return item;
  if (const std::optional<int64_t> integer = ParseInt64(item.text))
    return {.text = {}, .integer = *integer, .is_integer = true};
  return item;
}

bool Less(const PackedItem& a, const PackedItem& b) {
  if (a.is_integer != b.is_integer) return a.is_integer;
  return a.is_integer ? a.integer < b.integer : a.text < b.text;
}

}  // namespace

Result<std::string_view> DecodePacked(std::string_view& in, std::string& scratch) {
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  if (!bytes) return bytes.error();
  if (!Listpack::Validate(*bytes)) return Status::Corruption("a damaged packed list");
  if (ReadOnlyPack(*bytes).empty()) return Status::Corruption("an empty packed list");
  return *bytes;
}

Listpack ReadOnlyPack(std::string_view bytes) {
  return Listpack(const_cast<char*>(bytes.data()));
}

bool IsCanonicalPack(std::string_view bytes) {
  const Listpack pack = ReadOnlyPack(bytes);
  for (Listpack::Position at = pack.First(); at != nullptr; at = pack.Next(at)) {
    if (!IsCanonical(at)) return false;
  }
  return true;
}

Listpack CanonicalPack(std::string_view bytes) {
  if (IsCanonicalPack(bytes)) return Listpack::CopyOf(bytes);
  const Listpack from = ReadOnlyPack(bytes);
  Listpack to = Listpack::Create(bytes.size());
  for (Listpack::Position at = from.First(); at != nullptr; at = from.Next(at)) {
    const PackedItem item = Listpack::Get(at);
    if (item.is_integer) {
      to.AppendInteger(item.integer);
    } else {
      to.Append(item.text);
    }
  }
  return to;
}

bool AllDiffer(std::string_view bytes, size_t step) {
  const Listpack pack = ReadOnlyPack(bytes);
  std::vector<PackedItem> items;
  size_t index = 0;
  for (Listpack::Position at = pack.First(); at != nullptr; at = pack.Next(at)) {
    if (index++ % step == 0) items.push_back(Normal(Listpack::Get(at)));
  }
  std::sort(items.begin(), items.end(), Less);
  const auto equal = [](const PackedItem& a, const PackedItem& b) { return !Less(a, b) && !Less(b, a); };
  return std::adjacent_find(items.begin(), items.end(), equal) == items.end();
}

}  // namespace tidemark::formats
