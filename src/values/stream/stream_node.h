// A node of a stream: consecutive entries in one packed list, laid out as Redis lays them out, so that an RDB file
// holds the same bytes:
//
//   node   = count deleted master 0 entry*                     ; entries that live, that are marked as deleted
//   master = fields field*                                     ; the fields of the first entry
//   entry  = flags ms seq ( value* / fields (field value)* ) elements
//
// `ms` and `seq` are differences from the node's ID, which is that of its first entry; `flags` has bit 0 for deleted
// and bit 1 for "fields as the master's", in which case only values follow; `elements` is how many there are before it
// in the entry, for walks from the end.
//
// These functions trust the bytes: they are Tidemark's own, or CheckStreamNode has passed them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "values/listpack.h"
#include "values/packed_element.h"
#include "values/stream/stream_id.h"

namespace tidemark::values {

// One node as the stream's index holds it.
struct StreamNode {
  StreamId id;
  uint8_t* block = nullptr;

  std::string_view bytes() const { return Listpack(block).view(); }
};

namespace stream_node {

inline constexpr uint8_t kEnd = 0xff;
inline constexpr int64_t kDeleted = 1;
inline constexpr int64_t kSameFields = 2;

inline const uint8_t* NextElement(const uint8_t* at) {
  const size_t body = packed_element::BodyBytes(at);
  return at + body + packed_element::BackBytes(body);
}

// The element that ends where `at` begins.
inline const uint8_t* PreviousElement(const uint8_t* at) {
  const uint8_t* p = at - 1;
  size_t size = *p & 127u;
  for (unsigned shift = 7; (*p & 128) != 0; shift += 7) size |= static_cast<size_t>(*--p & 127) << shift;
  return p - size;
}

inline int64_t ReadInteger(const uint8_t* at) {
  return *at < 0x80 ? *at : Listpack::Get(at).integer;
}

inline const uint8_t* SkipElements(const uint8_t* at, uint64_t count) {
  while (count-- > 0) at = NextElement(at);
  return at;
}

struct Header {
  int64_t live = 0;
  int64_t deleted = 0;
  uint64_t field_count = 0;
  const uint8_t* fields = nullptr;   // of the master
  const uint8_t* entries = nullptr;  // the first entry, or the end of the list
};

inline Header ReadHeader(const uint8_t* block) {
  Header header;
  const uint8_t* at = block + Listpack::kEmptyBytes - 1;
  header.live = ReadInteger(at);
  at = NextElement(at);
  header.deleted = ReadInteger(at);
  at = NextElement(at);
  header.field_count = static_cast<uint64_t>(ReadInteger(at));
  header.fields = NextElement(at);
  header.entries = NextElement(SkipElements(header.fields, header.field_count));
  return header;
}

struct Entry {
  StreamId id;
  uint64_t field_count = 0;
  const uint8_t* begin = nullptr;    // its flags
  const uint8_t* content = nullptr;  // its first field, or value if the fields are the master's
  bool deleted = false;
  bool same_fields = false;
};

// The entry that begins at `at`.
inline Entry ReadEntry(const uint8_t* at, const StreamId& node_id, uint64_t master_field_count) {
  Entry entry;
  entry.begin = at;
  const int64_t flags = ReadInteger(at);
  entry.deleted = (flags & kDeleted) != 0;
  entry.same_fields = (flags & kSameFields) != 0;
  at = NextElement(at);
  entry.id.ms = node_id.ms + static_cast<uint64_t>(ReadInteger(at));
  at = NextElement(at);
  entry.id.seq = node_id.seq + static_cast<uint64_t>(ReadInteger(at));
  at = NextElement(at);
  if (entry.same_fields) {
    entry.field_count = master_field_count;
  } else {
    entry.field_count = static_cast<uint64_t>(ReadInteger(at));
    at = NextElement(at);
  }
  entry.content = at;
  return entry;
}

// What stands behind the entry.
inline const uint8_t* EndOf(const Entry& entry) {
  return NextElement(SkipElements(entry.content, entry.same_fields ? entry.field_count : 2 * entry.field_count));
}

// The entry that ends at `end`, which is not where the entries begin.
inline const uint8_t* BeginOfEntryBefore(const uint8_t* end) {
  const uint8_t* at = PreviousElement(end);
  for (int64_t left = ReadInteger(at); left > 0; --left) at = PreviousElement(at);
  return at;
}

inline const uint8_t* EndOfList(const uint8_t* block) {
  return block + packed_element::LoadLittle(block, sizeof(uint32_t)) - 1;
}

// The ID of the last entry, deleted or not; the node's own if it has none.
StreamId LastId(const StreamNode& node);

// Marks the entries whose flags stand at `begin_offset` of the block as deleted and counts them in the header. Returns
// the block, which may have moved.
uint8_t* MarkDeleted(uint8_t* block, size_t begin_offset);

// Whether the fields of the pairs equal the master's, in the same order.
bool HasMasterFields(const Header& header, std::string_view const* pairs, size_t pair_count);

}  // namespace stream_node

// Checks bytes from outside: a packed list of the form above whose counts all agree, with IDs that rise from `id` on.
// Whatever passes is safe for every function here. Answers the ID of the last entry and how many live in the arguments.
bool CheckStreamNode(const StreamId& id, std::string_view bytes, StreamId& last_id, uint64_t& live_count);

}  // namespace tidemark::values
