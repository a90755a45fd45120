#include "formats/packed_input.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/numbers.h"
#include "formats/rdb_string.h"

namespace tidemark::formats {

using values::Listpack;
using values::PackedItem;

namespace {

// False for most of what is no integer, at a glance.
bool MayBeInteger(std::string_view text) {
  return !text.empty() && text.size() < kInt64Chars && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

bool IsCanonical(Listpack::Position at) {
  // An integer of 7 bits, a string of less than 64 bytes: nothing is shorter.
  constexpr uint8_t kSmallIntegerEnd = 0x80;
  constexpr uint8_t kShortTextEnd = 0xc0;
  if (*at < kSmallIntegerEnd) return true;
  const PackedItem item = Listpack::Get(at);
  if (!item.is_integer && MayBeInteger(item.text) && ParseInt64(item.text)) return false;
  if (*at < kShortTextEnd) return true;
  char scratch[kInt64Chars];
  return Listpack::ElementBytes(at) == Listpack::EncodedBytes(item.View(scratch));
}

// The same for equal elements in whatever form, in an order that means nothing.
PackedItem Normal(PackedItem item) {
  if (item.is_integer || !MayBeInteger(item.text)) return item;
  if (const std::optional<int64_t> integer = ParseInt64(item.text))
    return {.text = {}, .integer = *integer, .is_integer = true};
  return item;
}

bool Less(const PackedItem& a, const PackedItem& b) {
  if (a.is_integer != b.is_integer) return a.is_integer;
  return a.is_integer ? a.integer < b.integer : a.text < b.text;
}

// The same for equal items; seldom the same for others.
uint64_t Fingerprint(const PackedItem& item) {
  constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15;
  uint64_t hash = item.is_integer ? static_cast<uint64_t>(item.integer) : item.text.size();
  if (!item.is_integer) {
    std::string_view rest = item.text;
    for (; rest.size() >= sizeof(uint64_t); rest.remove_prefix(sizeof(uint64_t))) {
      uint64_t word;
      std::memcpy(&word, rest.data(), sizeof(word));
      hash = (hash ^ word) * kMultiplier;
      hash ^= hash >> 32;
    }
    for (const char c : rest) hash = (hash ^ static_cast<uint8_t>(c)) * kMultiplier;
  }
  return hash * kMultiplier;
}

// A set of fingerprints in which no two are the same shows that no two items are. Only a few items fit in.
class FingerprintSet {
 public:
  static constexpr size_t kMaxItems = 512;
  // False if it may be there already.
  bool Add(const PackedItem& item) {
    const uint64_t bit = Fingerprint(item) >> (64 - kBits);
    uint64_t& word = words_[bit / 64];
    const uint64_t mask = uint64_t{1} << (bit % 64);
    if ((word & mask) != 0) return false;
    word |= mask;
    return true;
  }

 private:
  static constexpr int kBits = 12;
  std::array<uint64_t, (1 << kBits) / 64> words_{};
};

// Whether all items differ, if that can be told without comparing them.
bool ClearlyDiffer(const Listpack& pack, size_t step) {
  FingerprintSet seen;
  size_t index = 0;
  for (Listpack::Position at = pack.First(); at != nullptr; at = pack.Next(at), ++index) {
    if (index > FingerprintSet::kMaxItems) return false;
    if (index % step == 0 && !seen.Add(Normal(Listpack::Get(at)))) return false;
  }
  return true;
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
  if (ClearlyDiffer(pack, step)) return true;
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
