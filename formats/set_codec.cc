#include "base/numbers.h"
#include "formats/packed_input.h"
#include "formats/type_codecs.h"
#include "values/set.h"

namespace tidemark::formats {

using values::Encoding;
using values::EncodingLimits;
using values::Intset;
using values::OwnedObject;
using values::PackedItem;

namespace {

Status Duplicate() {
  return Status::Corruption("a member of a set is there twice");
}

// A set of so many members, of which the first is known.
OwnedObject Begin(std::string_view first, size_t count, const DecodeOptions& options) {
  if (options.encoding) return OwnedObject(values::NewTableSet());
  return OwnedObject(values::NewSet(first, count, options.limits));
}

DecodedObject DecodeMembers(std::string_view& in, const DecodeOptions& options) {
  const Result<uint64_t> count = DecodeLength(in);
  if (!count) return count.error();
  if (*count == 0 || *count > in.size()) return Status::Corruption("a set of a length that cannot be");
  OwnedObject object;
  std::string scratch;
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<std::string_view> member = DecodeString(in, scratch);
    if (!member) return member.error();
    if (i == 0) object = Begin(*member, *count, options);
    if (!values::Set(*object, options.limits).Add(*member)) return Duplicate();
  }
  return object;
}

// The same members, laid out as the limits say.
DecodedObject Rebuild(const values::Object& from, const EncodingLimits& limits) {
  const values::SetView view(from);
  OwnedObject object;
  bool unique = true;
  char scratch[kInt64Chars];
  view.ForEach([&](const PackedItem& item) {
    if (!object.has_value()) object = OwnedObject(values::NewSet(item.View(scratch), view.size(), limits));
    unique = values::Set(*object, limits).Add(item) && unique;
  });
  if (!unique) return Duplicate();
  return object;
}

DecodedObject DecodeIntset(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  if (!bytes) return bytes.error();
  if (!Intset::Validate(*bytes)) return Status::Corruption("a damaged set of integers");
  OwnedObject object(values::SetFromIntset(*bytes));
  const uint64_t count = values::SetSize(*object);
  if (count == 0) return Status::Corruption("an empty set of integers");
  if (options.encoding || count <= options.limits.set_max_intset_entries) return object;
  return Rebuild(*object, options.limits);
}

DecodedObject DecodeListpack(std::string_view& in, const DecodeOptions& options) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodePacked(in, scratch);
  if (!bytes) return bytes.error();
  if (options.encoding) return OwnedObject(values::SetFromListpack(*bytes));
  OwnedObject object({values::Type::kSet, Encoding::kListpack, CanonicalPack(*bytes).block()});
  if (values::SetSize(*object) > options.limits.set_max_listpack_entries) return Rebuild(*object, options.limits);
  if (!AllDiffer(*bytes, 1)) return Duplicate();
  return object;
}

}  // namespace

uint8_t EncodeSet(const values::Object& object, const EncodeOptions& options, std::string& out) {
  const values::SetView set(object);
  if (object.encoding == Encoding::kIntset) {
    EncodeString(set.PackedBytes(), options.strings, out);
    return kRdbTypeSetIntset;
  }
  if (object.encoding == Encoding::kListpack && options.audience == Audience::kTidemark) {
    EncodeString(set.PackedBytes(), options.strings, out);
    return kRdbTypeSetListpack;
  }
  EncodeLength(set.size(), out);
  char scratch[kInt64Chars];
  set.ForEach([&](const PackedItem& member) { EncodeString(member.View(scratch), options.strings, out); });
  return kRdbTypeSet;
}

DecodedObject DecodeSet(uint8_t type_tag, std::string_view& in, const DecodeOptions& options) {
  switch (type_tag) {
    case kRdbTypeSetIntset:
      return DecodeIntset(in, options);
    case kRdbTypeSetListpack:
      return DecodeListpack(in, options);
    default:
      return DecodeMembers(in, options);
  }
}

}  // namespace tidemark::formats
