#include "values/stream/stream_node.h"

#include <optional>

namespace tidemark::values {
namespace stream_node {
namespace {

bool ElementEquals(const uint8_t* at, std::string_view text) {
  const uint8_t first = *at;
  if (first >= 0x80 && first < 0xc0) {
    const size_t length = first & 0x3fu;
    return length == text.size() && std::memcmp(at + 1, text.data(), length) == 0;
  }
  return Listpack::Get(at).Equals(text);
}

}  // namespace

StreamId LastId(const StreamNode& node) {
  const Header header = ReadHeader(node.block);
  const uint8_t* const end = EndOfList(node.block);
  if (end == header.entries) return node.id;
  return ReadEntry(BeginOfEntryBefore(end), node.id, header.field_count).id;
}

uint8_t* MarkDeleted(uint8_t* block, size_t begin_offset) {
  Listpack list(block);
  const Listpack::Position flags = list.block() + begin_offset;
  list.ReplaceInteger(flags, ReadInteger(flags) | kDeleted);
  const Listpack::Position live = list.First();
  const Listpack::Position after = list.ReplaceInteger(live, ReadInteger(live) - 1);
  const Listpack::Position deleted = list.Next(after);
  list.ReplaceInteger(deleted, ReadInteger(deleted) + 1);
  return list.block();
}

bool HasMasterFields(const Header& header, std::string_view const* pairs, size_t pair_count) {
  if (header.field_count != pair_count) return false;
  const uint8_t* at = header.fields;
  for (size_t i = 0; i < pair_count; ++i) {
    if (!ElementEquals(at, pairs[2 * i])) return false;
    at = NextElement(at);
  }
  return true;
}

}  // namespace stream_node

namespace {

// Walks a list whose elements are whole but mean anything.
class Reader {
 public:
  explicit Reader(const uint8_t* at) : at_(at) {}
  bool done() const { return *at_ == stream_node::kEnd; }
  // Empty if the list ends or something else stands there.
  std::optional<int64_t> Integer() {
    if (done()) return std::nullopt;
    const PackedItem item = Listpack::Get(at_);
    if (!item.is_integer) return std::nullopt;
    at_ = stream_node::NextElement(at_);
    return item.integer;
  }
  bool Skip(uint64_t count) {
    for (; count > 0; --count) {
      if (done()) return false;
      at_ = stream_node::NextElement(at_);
    }
    return true;
  }

 private:
  const uint8_t* at_;
};

struct CheckedEntry {
  StreamId id;
  bool deleted;
};

std::optional<CheckedEntry> CheckEntry(Reader& reader, const StreamId& node_id, int64_t master_field_count) {
  const std::optional<int64_t> flags = reader.Integer();
  const std::optional<int64_t> ms = reader.Integer();
  const std::optional<int64_t> seq = reader.Integer();
  if (!flags || !ms || !seq || *flags < 0 || *flags > (stream_node::kDeleted | stream_node::kSameFields)) {
    return std::nullopt;
  }
  int64_t elements = 3;
  if ((*flags & stream_node::kSameFields) != 0) {
    elements += master_field_count;
  } else {
    const std::optional<int64_t> field_count = reader.Integer();
    if (!field_count || *field_count < 0 || *field_count > UINT32_MAX) return std::nullopt;
    elements += 1 + 2 * *field_count;
  }
  const int64_t content = elements - ((*flags & stream_node::kSameFields) != 0 ? 3 : 4);
  if (!reader.Skip(static_cast<uint64_t>(content))) return std::nullopt;
  const std::optional<int64_t> stated = reader.Integer();
  if (!stated || *stated != elements) return std::nullopt;
  const StreamId id = {node_id.ms + static_cast<uint64_t>(*ms), node_id.seq + static_cast<uint64_t>(*seq)};
  return CheckedEntry{id, (*flags & stream_node::kDeleted) != 0};
}

}  // namespace

bool CheckStreamNode(const StreamId& id, std::string_view bytes, StreamId& last_id, uint64_t& live_count) {
  if (!Listpack::Validate(bytes)) return false;
  Reader reader(reinterpret_cast<const uint8_t*>(bytes.data()) + Listpack::kEmptyBytes - 1);
  const std::optional<int64_t> live = reader.Integer();
  const std::optional<int64_t> deleted = reader.Integer();
  const std::optional<int64_t> field_count = reader.Integer();
  if (!live || !deleted || !field_count || *live < 0 || *deleted < 0 || *field_count < 0) return false;
  if (*field_count > UINT32_MAX || !reader.Skip(static_cast<uint64_t>(*field_count))) return false;
  if (reader.Integer() != 0) return false;
  int64_t found_live = 0;
  int64_t found_deleted = 0;
  last_id = id;
  while (!reader.done()) {
    const std::optional<CheckedEntry> entry = CheckEntry(reader, id, *field_count);
    if (!entry) return false;
    const bool first = found_live + found_deleted == 0;
    if (first ? entry->id < id : entry->id <= last_id) return false;
    last_id = entry->id;
    ++(entry->deleted ? found_deleted : found_live);
  }
  live_count = static_cast<uint64_t>(found_live);
  // A node without any entry is never written, and would be in the way of walks.
  return found_live == *live && found_deleted == *deleted && found_live + found_deleted > 0;
}

}  // namespace tidemark::values
