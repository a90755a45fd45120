#include <algorithm>
#include <limits>
#include <optional>

#include "base/numbers.h"
#include "formats/packed_input.h"
#include "formats/type_codecs.h"
#include "formats/ziplist.h"
#include "formats/zipmap.h"
#include "values/hash.h"

namespace tidemark::formats {

using values::Encoding;
using values::Hash;
using values::HashView;
using values::Listpack;
using values::OwnedObject;
using values::PackedItem;

namespace {

// What Valkey writes for a field that does not expire.
constexpr auto kValkeyNever = ~uint64_t{0};
constexpr uint64_t kMaxExpiryMs = std::numeric_limits<int64_t>::max() - 1;

Status Damaged(std::string what) {
  return Status::Corruption("a hash " + std::move(what));
}

// Builds a hash out of fields that come in any order.
class Builder {
 public:
  Builder(uint64_t count, const DecodeOptions& options)
      : object_(options.encoding || count > options.limits.hash_max_listpack_entries ? values::NewTableHash()
                                                                                     : values::NewHash()),
        limits_(options.limits) {}

  Status Add(std::string_view field, std::string_view value, uint64_t expiry_ms = 0) {
    if (expiry_ms > kMaxExpiryMs) return Damaged("has a field with an expiry that cannot be");
    Hash hash(*object_, limits_, HashView::kNoTime);
    const HashView::Place place = hash.Find(field);
    if (place) return Damaged("has a field twice");
    hash.Insert(place, field, value, static_cast<int64_t>(expiry_ms));
    return Status::Ok();
  }
  DecodedObject Finish() {
    if (values::HashSize(*object_) == 0) return Damaged("has no fields");
    return std::move(object_);
  }

 private:
  OwnedObject object_;
  const values::EncodingLimits limits_;
};

// How the expiries of fields are stored in the forms that are not packed.
enum class ExpiryForm : uint8_t {
  kNone,
  kRelative,  // in front of the field: 0, or 1 more than what it is behind the earliest, which stands in front of all
  kAbsolute,  // in front of the field: 0, or Unix time in milliseconds
  kBehind,    // behind the value: Unix time in milliseconds, or kValkeyNever
};

Result<uint64_t> DecodeExpiryInFront(std::string_view& in, ExpiryForm form, uint64_t earliest_ms) {
  if (form == ExpiryForm::kNone || form == ExpiryForm::kBehind) return uint64_t{0};
  Result<uint64_t> stored = DecodeLength(in);
  if (!stored || form == ExpiryForm::kAbsolute || *stored == 0) return stored;
  if (earliest_ms > kMaxExpiryMs || *stored - 1 > kMaxExpiryMs - earliest_ms) {
    return Damaged("has a field with an expiry that cannot be");
  }
  return earliest_ms + *stored - 1;
}

DecodedObject DecodeFields(std::string_view& in, ExpiryForm form, const DecodeOptions& options) {
  uint64_t earliest_ms = 0;
  if (form == ExpiryForm::kRelative) {
    const Result<uint64_t> earliest = DecodeLittle64(in);
    if (!earliest) return earliest.error();
    earliest_ms = *earliest;
  }
  const Result<uint64_t> count = DecodeLength(in);
  if (!count) return count.error();
  if (*count > in.size() / 2) return Damaged("has fewer fields than it says");
  Builder builder(*count, options);
  std::string field_scratch;
  std::string value_scratch;
  for (uint64_t i = 0; i < *count; ++i) {
    Result<uint64_t> expiry_ms = DecodeExpiryInFront(in, form, earliest_ms);
    if (!expiry_ms) return expiry_ms.error();
    const Result<std::string_view> field = DecodeString(in, field_scratch);
    if (!field) return field.error();
    const Result<std::string_view> value = DecodeString(in, value_scratch);
    if (!value) return value.error();
    if (form == ExpiryForm::kBehind) {
      expiry_ms = DecodeLittle64(in);
      if (!expiry_ms) return expiry_ms.error();
      if (*expiry_ms == kValkeyNever) expiry_ms = uint64_t{0};
    }
    TIDEMARK_RETURN_IF_ERROR(builder.Add(*field, *value, *expiry_ms));
  }
  return builder.Finish();
}

DecodedObject DecodeZipmap(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  if (!bytes) return bytes.error();
  ZipmapReader reader(*bytes);
  Builder builder(0, options);
  while (const std::optional<ZipmapReader::Pair> pair = reader.Next()) {
    TIDEMARK_RETURN_IF_ERROR(builder.Add(pair->field, pair->value));
  }
  if (reader.damaged()) return Damaged("of old is damaged");
  return builder.Finish();
}

// Redis asks only for the number of fields whether what comes packed stays packed.
values::EncodingLimits CountLimits(values::EncodingLimits limits) {
  limits.hash_max_listpack_value = SIZE_MAX;
  return limits;
}

DecodedObject DecodeZiplist(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  if (!bytes) return bytes.error();
  ZiplistReader reader(*bytes);
  Builder builder(0, {.limits = CountLimits(options.limits), .encoding = options.encoding});
  char field_text[kInt64Chars];
  char value_text[kInt64Chars];
  while (const std::optional<PackedItem> field = reader.Next()) {
    const std::optional<PackedItem> value = reader.Next();
    if (!value) return Damaged("has a field without a value");
    TIDEMARK_RETURN_IF_ERROR(builder.Add(field->View(field_text), value->View(value_text)));
  }
  if (reader.damaged()) return Damaged("of old is damaged");
  return builder.Finish();
}

// A hash of a packed list that has been checked, unpacked if it is beyond the limits.
OwnedObject OfPack(Listpack pack, Encoding encoding, const DecodeOptions& options) {
  OwnedObject object({values::Type::kHash, encoding, pack.block()});
  if (!options.encoding) {
    const values::EncodingLimits limits = CountLimits(options.limits);
    Hash(*object, limits, HashView::kNoTime).FitLimits();
  }
  return object;
}

DecodedObject DecodePairs(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodePacked(in, scratch);
  if (!bytes) return bytes.error();
  if (ReadOnlyPack(*bytes).count() % 2 != 0) return Damaged("has a field without a value");
  if (options.encoding) return OfPack(Listpack::CopyOf(*bytes), Encoding::kListpack, options);
  if (!AllDiffer(*bytes, 2)) return Damaged("has a field twice");
  return OfPack(CanonicalPack(*bytes), Encoding::kListpack, options);
}

// Triplets in any order, or with expiries as text.
DecodedObject RebuildTriplets(const Listpack& pack, const DecodeOptions& options) {
  Builder builder(pack.count() / 3, options);
  char field_text[kInt64Chars];
  char value_text[kInt64Chars];
  for (Listpack::Position at = pack.First(); at != nullptr;) {
    const PackedItem field = Listpack::Get(at);
    at = pack.Next(at);
    const PackedItem value = Listpack::Get(at);
    at = pack.Next(at);
    const PackedItem expiry = Listpack::Get(at);
    const std::optional<int64_t> expiry_ms = expiry.is_integer ? expiry.integer : ParseInt64(expiry.text);
    if (!expiry_ms || *expiry_ms < 0) return Damaged("has a field with an expiry that cannot be");
    TIDEMARK_RETURN_IF_ERROR(
        builder.Add(field.View(field_text), value.View(value_text), static_cast<uint64_t>(*expiry_ms)));
    at = pack.Next(at);
  }
  return builder.Finish();
}

DecodedObject DecodeTriplets(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodePacked(in, scratch);
  if (!bytes) return bytes.error();
  const Listpack pack = ReadOnlyPack(*bytes);
  if (pack.count() % 3 != 0) return Damaged("has a field without a value or an expiry");
  if (options.encoding || (IsCanonicalPack(*bytes) && values::IsHashListpackEx(*bytes))) {
    return OfPack(Listpack::CopyOf(*bytes), Encoding::kListpackEx, options);
  }
  return RebuildTriplets(pack, options);
}

uint8_t EncodeFields(const HashView& hash, const EncodeOptions& options, std::string& out) {
  char field_text[kInt64Chars];
  char value_text[kInt64Chars];
  EncodeLength(hash.size(), out);
  hash.ForEachWithExpiry([&](const PackedItem& field, const PackedItem& value, int64_t) {
    EncodeString(field.View(field_text), options.strings, out);
    EncodeString(value.View(value_text), options.strings, out);
  });
  return kRdbTypeHash;
}

uint8_t EncodeFieldsWithExpiries(const HashView& hash, int64_t earliest_ms, const EncodeOptions& options,
                                 std::string& out) {
  char field_text[kInt64Chars];
  char value_text[kInt64Chars];
  EncodeLittle64(static_cast<uint64_t>(earliest_ms), out);
  EncodeLength(hash.size(), out);
  hash.ForEachWithExpiry([&](const PackedItem& field, const PackedItem& value, int64_t expiry_ms) {
    EncodeLength(expiry_ms == 0 ? 0 : static_cast<uint64_t>(expiry_ms - earliest_ms + 1), out);
    EncodeString(field.View(field_text), options.strings, out);
    EncodeString(value.View(value_text), options.strings, out);
  });
  return kRdbTypeHashMetadata;
}

}  // namespace

uint8_t EncodeHash(const values::Object& object, const EncodeOptions& options, std::string& out) {
  const HashView hash(object, HashView::kNoTime);
  if (hash.encoding() == Encoding::kListpack) {
    EncodeString(hash.PackedBytes(), options.strings, out);
    return kRdbTypeHashListpack;
  }
  const int64_t earliest_ms = values::HashNextExpiry(object);
  const bool expires = earliest_ms != values::kNeverExpires;
  if (hash.encoding() == Encoding::kListpackEx && (expires || options.audience == Audience::kTidemark)) {
    EncodeLittle64(expires ? static_cast<uint64_t>(earliest_ms) : 0, out);
    EncodeString(hash.PackedBytes(), options.strings, out);
    return kRdbTypeHashListpackEx;
  }
  return expires ? EncodeFieldsWithExpiries(hash, earliest_ms, options, out) : EncodeFields(hash, options, out);
}

DecodedObject DecodeHash(uint8_t type_tag, std::string_view& in, const DecodeOptions& options) {
  static_assert(kRdbTypeValkeyHashExpiry == kRdbTypeHashMetadataOld, "what the dialect is for");
  switch (type_tag) {
    case kRdbTypeHashZipmap:
      return DecodeZipmap(in, options);
    case kRdbTypeHashZiplist:
      return DecodeZiplist(in, options);
    case kRdbTypeHashListpack:
      return DecodePairs(in, options);
    case kRdbTypeHashMetadataOld:
      return DecodeFields(in, options.dialect == Dialect::kValkey ? ExpiryForm::kBehind : ExpiryForm::kAbsolute,
                          options);
    case kRdbTypeHashListpackOld:
      return DecodeTriplets(in, options);
    case kRdbTypeHashMetadata:
      return DecodeFields(in, ExpiryForm::kRelative, options);
    case kRdbTypeHashListpackEx: {
      // The earliest expiry, which is that of the first triplet.
      const Result<uint64_t> earliest = DecodeLittle64(in);
      if (!earliest) return earliest.error();
      return DecodeTriplets(in, options);
    }
    default:
      return DecodeFields(in, ExpiryForm::kNone, options);
  }
}

}  // namespace tidemark::formats
