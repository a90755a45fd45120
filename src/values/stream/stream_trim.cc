// How Stream trims.
#include "values/stream.h"

namespace tidemark::values {

using stream_node::EndOf;
using stream_node::EndOfList;
using stream_node::Entry;
using stream_node::Header;
using stream_node::ReadEntry;
using stream_node::ReadHeader;

namespace {

// Whether nothing of the node is to stay.
bool GoesAsAWhole(const StreamTrim& trim, const StreamNode& node, const Header& header, uint64_t length) {
  if (trim.by == StreamTrim::By::kLength) return length - static_cast<uint64_t>(header.live) >= trim.length_max;
  return stream_node::LastId(node) < trim.min_id;
}

}  // namespace

uint64_t Stream::Trim(const StreamTrim& trim) {
  if (trim.by == StreamTrim::By::kNothing) return 0;
  const bool plainly = trim.references == StreamReferences::kKeep || groups_.empty();
  const uint64_t removed = plainly ? TrimPlainly(trim) : TrimByReferences(trim);
  if (removed > 0) RefreshFirstId();
  return removed;
}

uint64_t Stream::TrimPlainly(const StreamTrim& trim) {
  uint64_t removed = 0;
  while (!nodes_.empty()) {
    if (trim.by == StreamTrim::By::kLength && length_ <= trim.length_max) break;
    const NodePosition at = nodes_.Begin();
    const Header header = ReadHeader(nodes_.At(at).block);
    const auto live = static_cast<uint64_t>(header.live);
    if (trim.limit != 0 && removed + live > trim.limit) break;
    if (GoesAsAWhole(trim, nodes_.At(at), header, length_)) {
      RemoveNode(at);
      length_ -= live;
      removed += live;
      continue;
    }
    if (!trim.approximate) removed += TrimWithinNode(trim, at);
    break;
  }
  return removed;
}

// Marks the entries at the front of the node that are to go.
uint64_t Stream::TrimWithinNode(const StreamTrim& trim, NodePosition at) {
  const StreamId node_id = nodes_.At(at).id;
  const Header header = ReadHeader(nodes_.At(at).block);
  uint64_t removed = 0;
  for (auto offset = static_cast<size_t>(header.entries - nodes_.At(at).block);;) {
    const uint8_t* const block = nodes_.At(at).block;
    if (block + offset == EndOfList(block)) break;
    const Entry entry = ReadEntry(block + offset, node_id, header.field_count);
    if (trim.by == StreamTrim::By::kLength ? length_ <= trim.length_max : entry.id >= trim.min_id) break;
    // Counted from the end, as the header in front may grow by a byte.
    const auto behind = static_cast<size_t>(EndOfList(block) - EndOf(entry));
    if (!entry.deleted) {
      MarkDeleted(at, offset);
      ++removed;
    }
    const uint8_t* const now = nodes_.At(at).block;
    offset = static_cast<size_t>(EndOfList(now) - now) - behind;
  }
  return removed;
}

uint64_t Stream::TrimByReferences(const StreamTrim& trim) {
  uint64_t removed = 0;
  NodePosition at = nodes_.Begin();
  while (!nodes_.AtEnd(at)) {
    if (trim.by == StreamTrim::By::kLength && length_ <= trim.length_max) break;
    const StreamNode node = nodes_.At(at);
    const Header header = ReadHeader(node.block);
    if (trim.limit != 0 && removed + static_cast<uint64_t>(header.live) > trim.limit) break;
    const bool whole = GoesAsAWhole(trim, node, header, length_);
    if (!whole && trim.approximate) break;

    // The deletions end the walk, so what is to go is found first.
    std::vector<StreamId> going;
    StreamIterator walk = Range(node.id, stream_node::LastId(node));
    while (walk.Next()) {
      const uint64_t left = length_ - going.size();
      if (trim.by == StreamTrim::By::kLength ? left <= trim.length_max : walk.id() >= trim.min_id) break;
      if (trim.references == StreamReferences::kAcknowledged && IsReferenced(walk.id())) continue;
      going.push_back(walk.id());
    }
    const bool node_goes = going.size() == static_cast<size_t>(header.live);
    for (const StreamId& id : going) {
      if (trim.references == StreamReferences::kDelete) DropReferences(id);
      if (node_goes) continue;
      StreamIterator found = Range(id, id);
      if (found.Next()) MarkDeleted(at, found.entry_offset());
    }
    removed += going.size();
    if (node_goes) {
      length_ -= going.size();
      at = RemoveNode(at);
    } else {
      at = nodes_.Next(at);
    }
    if (!whole && trim.by == StreamTrim::By::kMinId) break;
  }
  return removed;
}

}  // namespace tidemark::values
