#include "base/numbers.h"
#include "formats/packed_input.h"
#include "formats/type_codecs.h"
#include "formats/ziplist.h"
#include "values/list.h"

namespace tidemark::formats {

using values::Encoding;
using values::List;
using values::ListEnd;
using values::Listpack;
using values::ListView;
using values::OwnedObject;
using values::PackedItem;
using values::Quicklist;
using values::QuicklistNode;
using values::Type;

namespace {

// How a node is stored, in front of its bytes.
constexpr uint64_t kPlainNode = 1;
constexpr uint64_t kPackedNode = 2;

DecodedObject Finish(OwnedObject object) {
  if (!object.has_value() || values::ListSize(*object) == 0) return Status::Corruption("a list of nothing");
  return object;
}

// The number of what follows.
Result<uint64_t> DecodeCount(std::string_view& in) {
  Result<uint64_t> count = DecodeLength(in);
  if (count && *count > in.size()) return Status::Corruption("a list of a length that cannot be");
  return count;
}

DecodedObject DecodeElements(std::string_view& in, const DecodeOptions& options) {
  const Result<uint64_t> count = DecodeCount(in);
  if (!count) return count.error();
  OwnedObject object(values::NewList());
  List list(*object, options.limits);
  std::string scratch;
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<std::string_view> element = DecodeString(in, scratch);
    if (!element) return element.error();
    list.Push(ListEnd::kTail, *element);
  }
  return Finish(std::move(object));
}

// Appends the elements of a ziplist as one node.
Status AppendZiplist(std::string_view& in, List& list) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  if (!bytes) return bytes.error();
  ZiplistReader reader(*bytes);
  Listpack pack = Listpack::Create(bytes->size());
  while (const std::optional<PackedItem> item = reader.Next()) {
    if (item->is_integer) {
      pack.AppendInteger(item->integer);
    } else {
      pack.Append(item->text);
    }
  }
  if (!reader.damaged() && !pack.empty()) list.AppendPackedNode(pack.view());
  pack.Destroy();
  return reader.damaged() ? Status::Corruption("a damaged packed list of old") : Status::Ok();
}

DecodedObject DecodeZiplists(std::string_view& in, uint64_t count, const DecodeOptions& options) {
  OwnedObject object(values::NewList());
  List list(*object, options.limits);
  for (uint64_t i = 0; i < count; ++i) TIDEMARK_RETURN_IF_ERROR(AppendZiplist(in, list));
  return Finish(std::move(object));
}

Status AppendNode(std::string_view& in, std::string& scratch, List& list) {
  const Result<uint64_t> container = DecodeLength(in);
  if (!container) return container.error();
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  if (!bytes) return bytes.error();
  if (*container == kPlainNode) {
    list.AppendPlainNode(*bytes);
    return Status::Ok();
  }
  if (*container != kPackedNode || !Listpack::Validate(*bytes)) return Status::Corruption("a damaged node of a list");
  if (ReadOnlyPack(*bytes).empty()) return Status::Ok();
  if (IsCanonicalPack(*bytes)) {
    list.AppendPackedNode(*bytes);
  } else {
    Listpack pack = CanonicalPack(*bytes);
    list.AppendPackedNode(pack.view());
    pack.Destroy();
  }
  return Status::Ok();
}

// A list that was written here, in the encoding it had.
DecodedObject DecodeOwnNodes(std::string_view& in, uint64_t count, const DecodeOptions& options) {
  const bool packed = options.encoding == Encoding::kListpack;
  OwnedObject object;
  if (!packed) {
    object = OwnedObject({Type::kList, Encoding::kQuicklist, Quicklist::Create(options.limits.list_compress_depth)});
  }
  for (uint64_t i = 0; i < count; ++i) {
    const Result<uint64_t> container = DecodeLength(in);
    if (!container) return container.error();
    const Result<std::string_view> bytes = DecodeRawString(in);
    if (!bytes) return bytes.error();
    const bool plain = *container == kPlainNode;
    if ((packed && (plain || count != 1)) || (!plain && !Listpack::Validate(*bytes))) {
      return Status::Corruption("a damaged node of a list");
    }
    if (packed) {
      object = OwnedObject({Type::kList, Encoding::kListpack, Listpack::CopyOf(*bytes).block()});
    } else {
      auto* const node = plain ? QuicklistNode::NewPlain(*bytes) : QuicklistNode::NewPacked(Listpack::CopyOf(*bytes));
      static_cast<Quicklist*>(object->pointer)->AppendNode(node);
    }
  }
  return Finish(std::move(object));
}

DecodedObject DecodeNodes(std::string_view& in, const DecodeOptions& options) {
  const Result<uint64_t> count = DecodeCount(in);
  if (!count) return count.error();
  if (options.encoding) return DecodeOwnNodes(in, *count, options);
  OwnedObject object(values::NewList());
  List list(*object, options.limits);
  std::string scratch;
  for (uint64_t i = 0; i < *count; ++i) TIDEMARK_RETURN_IF_ERROR(AppendNode(in, scratch, list));
  return Finish(std::move(object));
}

}  // namespace

uint8_t EncodeList(const values::Object& object, const EncodeOptions& options, std::string& out) {
  const ListView list(object);
  EncodeLength(list.node_count(), out);
  list.ForEachNode([&](const ListView::Node& node) {
    EncodeLength(node.form == QuicklistNode::Form::kPlain ? kPlainNode : kPackedNode, out);
    EncodeString(node.bytes, options.strings, out);
  });
  return kRdbTypeListQuicklist2;
}

DecodedObject DecodeList(uint8_t type_tag, std::string_view& in, const DecodeOptions& options) {
  switch (type_tag) {
    case kRdbTypeListZiplist:
      return DecodeZiplists(in, 1, options);
    case kRdbTypeListQuicklist: {
      const Result<uint64_t> count = DecodeCount(in);
      if (!count) return count.error();
      return DecodeZiplists(in, *count, options);
    }
    case kRdbTypeListQuicklist2:
      return DecodeNodes(in, options);
    default:
      return DecodeElements(in, options);
  }
}

}  // namespace tidemark::formats
