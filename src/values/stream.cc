#include "values/stream.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"
#include "values/packed_appender.h"

namespace tidemark::values {

using stream_node::Header;
using stream_node::ReadHeader;

Stream::Stream() : nodes_(&account_) {}

Stream::~Stream() {
  nodes_.ForEach([](const StreamNode& node) { Release(node.block); });
}

size_t Stream::bytes() const {
  return GoodSize(sizeof(Stream)) + account_ + groups_.capacity() * sizeof(groups_[0]);
}

size_t Stream::FreeEffort() const {
  return nodes_.size() + groups_.size() + (producers_ ? producers_->iid_count() : 0);
}

IdempotentProducers& Stream::GetProducers(const IdempotencyLimits& limits) {
  if (!producers_) producers_ = std::make_unique<IdempotentProducers>(limits, &account_);
  return *producers_;
}

size_t Stream::MaxNodeBytes(const EncodingLimits& limits) {
  const size_t bytes = limits.stream_node_max_bytes;
  return bytes == 0 || bytes > kMaxEntryBytes ? kMaxEntryBytes : bytes;
}

bool Stream::TailHasRoom(const Header& header, size_t text_bytes, const EncodingLimits& limits) const {
  const StreamNode& tail = nodes_.At(nodes_.Last());
  if (Listpack(tail.block).bytes() + text_bytes >= MaxNodeBytes(limits)) return false;
  const size_t entries_max = limits.stream_node_max_entries;
  return entries_max == 0 || static_cast<size_t>(header.live + header.deleted) < entries_max;
}

void Stream::Append(const StreamId& id, std::span<const std::string_view> pairs, const EncodingLimits& limits) {
  size_t text_bytes = 0;
  for (const std::string_view text : pairs) text_bytes += text.size();
  // Flags, two differences, the number of fields and that of elements.
  const size_t room_bytes = text_bytes + (pairs.size() + 5) * PackedAppender::kOverheadBytes;
  const size_t pair_count = pairs.size() / 2;

  bool same_fields = true;
  Header header;
  if (!nodes_.empty()) header = ReadHeader(nodes_.At(nodes_.Last()).block);
  if (nodes_.empty() || !TailHasRoom(header, text_bytes, limits)) {
    StartNode(id, pairs, room_bytes);
  } else {
    same_fields = stream_node::HasMasterFields(header, pairs.data(), pair_count);
    CountOneMoreInTail();
    ReserveInTail(room_bytes, limits);
  }

  const StreamNode& node = nodes_.At(nodes_.Last());
  PackedAppender appender(node.block);
  appender.Integer(same_fields ? stream_node::kSameFields : 0);
  appender.Integer(static_cast<int64_t>(id.ms - node.id.ms));
  appender.Integer(static_cast<int64_t>(id.seq - node.id.seq));
  const auto fields = static_cast<int64_t>(pair_count);
  if (same_fields) {
    for (size_t i = 1; i < pairs.size(); i += 2) appender.Text(pairs[i]);
    appender.Integer(3 + fields);
  } else {
    appender.Integer(fields);
    for (const std::string_view text : pairs) appender.Text(text);
    appender.Integer(4 + 2 * fields);
  }
  appender.Finish();

  if (length_ == 0) first_id_ = id;
  last_id_ = id;
  ++length_;
  ++entries_added_;
}

void Stream::StartNode(const StreamId& id, std::span<const std::string_view> pairs, size_t room_bytes) {
  const size_t pair_count = pairs.size() / 2;
  size_t field_bytes = 0;
  for (size_t i = 0; i < pairs.size(); i += 2) field_bytes += pairs[i].size();
  // The header has four numbers.
  size_t capacity =
      Listpack::kEmptyBytes + room_bytes + field_bytes + (pair_count + 4) * PackedAppender::kOverheadBytes;
  if (!nodes_.empty()) {
    SealTail();
    // A node is likely to become as large as the one before it.
    capacity = std::max(capacity, Listpack(nodes_.At(nodes_.Last()).block).bytes());
  }
  capacity = GoodSize(capacity);
  Listpack list = Listpack::Create(capacity);
  PackedAppender appender(list.block());
  appender.Integer(1);
  appender.Integer(0);
  appender.Integer(static_cast<int64_t>(pair_count));
  for (size_t i = 0; i < pairs.size(); i += 2) appender.Text(pairs[i]);
  appender.Integer(0);
  appender.Finish();
  nodes_.Insert({id, list.block()});
  tail_capacity_ = list.AllocatedBytes();
  account_ += tail_capacity_;
}

void Stream::CountOneMoreInTail() {
  StreamNode& tail = nodes_.At(nodes_.Last());
  uint8_t* const live = tail.block + Listpack::kEmptyBytes - 1;
  if (*live < 127) {
    ++*live;  // its element is one byte long and stays so
    return;
  }
  Listpack list(tail.block);
  const size_t bytes = list.bytes();
  list.ReplaceInteger(list.First(), stream_node::ReadInteger(live) + 1);
  if (list.bytes() == bytes) return;
  tail.block = list.block();
  account_ -= tail_capacity_;
  tail_capacity_ = list.AllocatedBytes();
  account_ += tail_capacity_;
}

void Stream::ReserveInTail(size_t more_bytes, const EncodingLimits& limits) {
  const size_t needed = Listpack(nodes_.At(nodes_.Last()).block).bytes() + more_bytes;
  if (needed <= tail_capacity_) return;
  // Doubling makes appends cheap, but a node beyond its limit is only waste.
  ResizeTail(std::max(needed, std::min(tail_capacity_ * 2, MaxNodeBytes(limits))));
}

void Stream::ResizeTail(size_t capacity) {
  StreamNode& tail = nodes_.At(nodes_.Last());
  tail.block = static_cast<uint8_t*>(Reallocate(tail.block, GoodSize(capacity)));
  account_ -= tail_capacity_;
  tail_capacity_ = AllocatedBytes(tail.block);
  account_ += tail_capacity_;
}

void Stream::SealTail() {
  const size_t bytes = Listpack(nodes_.At(nodes_.Last()).block).bytes();
  if (GoodSize(bytes) < tail_capacity_) ResizeTail(bytes);
}

Stream::NodePosition Stream::RemoveNode(NodePosition at) {
  const bool was_tail = at == nodes_.Last();
  account_ -= AllocatedBytes(nodes_.At(at).block);
  Release(nodes_.At(at).block);
  const NodePosition next = nodes_.Erase(at);
  if (was_tail) tail_capacity_ = nodes_.empty() ? 0 : AllocatedBytes(nodes_.At(nodes_.Last()).block);
  return next;
}

void Stream::MarkDeleted(NodePosition at, size_t entry_offset) {
  StreamNode& node = nodes_.At(at);
  const size_t bytes = node.bytes().size();
  const size_t allocated = AllocatedBytes(node.block);
  node.block = stream_node::MarkDeleted(node.block, entry_offset);
  --length_;
  if (node.bytes().size() == bytes) return;
  const size_t now_allocated = AllocatedBytes(node.block);
  account_ = account_ - allocated + now_allocated;
  if (at == nodes_.Last()) tail_capacity_ = now_allocated;
}

bool Stream::DeleteOne(const StreamId& id) {
  StreamIterator found = Range(id, id);
  if (!found.Next()) return false;
  const NodePosition at = found.node_position();
  if (ReadHeader(nodes_.At(at).block).live == 1) {
    RemoveNode(at);
    --length_;
  } else {
    MarkDeleted(at, found.entry_offset());
  }
  max_deleted_id_ = std::max(max_deleted_id_, id);
  return true;
}

uint64_t Stream::Delete(std::span<const StreamId> ids) {
  uint64_t deleted = 0;
  for (const StreamId& id : ids) deleted += DeleteOne(id) ? 1 : 0;
  if (deleted > 0) RefreshFirstId();
  return deleted;
}

void Stream::RefreshFirstId() {
  first_id_ = {};
  if (length_ == 0) return;
  StreamIterator first = Range({}, StreamId::Max());
  if (first.Next()) first_id_ = first.id();
}

bool Stream::Contains(const StreamId& id) const {
  return Range(id, id).Next();
}

std::optional<StreamId> Stream::LastEntryId() const {
  StreamIterator last = Range({}, StreamId::Max(), StreamDirection::kBackward);
  if (!last.Next()) return std::nullopt;
  return last.id();
}

bool Stream::AppendNode(const StreamId& id, std::string_view bytes) {
  StreamId last_id;
  uint64_t live_count;
  if (!CheckStreamNode(id, bytes, last_id, live_count)) return false;
  if (!nodes_.empty() && stream_node::LastId(nodes_.At(nodes_.Last())) >= id) return false;
  const Listpack list = Listpack::CopyOf(bytes);
  nodes_.Insert({id, list.block()});
  tail_capacity_ = list.AllocatedBytes();
  account_ += tail_capacity_;
  length_ += live_count;
  return true;
}

bool Stream::Restore(const Totals& totals) {
  if (totals.length != length_) return false;
  if (!nodes_.empty() && stream_node::LastId(nodes_.At(nodes_.Last())) > totals.last_id) return false;
  last_id_ = totals.last_id;
  max_deleted_id_ = totals.max_deleted_id;
  entries_added_ = totals.entries_added.value_or(length_);
  RefreshFirstId();
  return true;
}

std::unique_ptr<Stream> Stream::Clone() const {
  auto copy = std::make_unique<Stream>();
  nodes_.ForEach([&](const StreamNode& node) {
    const Listpack list = Listpack::CopyOf(node.bytes());
    copy->nodes_.Insert({node.id, list.block()});
    copy->tail_capacity_ = list.AllocatedBytes();
    copy->account_ += copy->tail_capacity_;
  });
  copy->length_ = length_;
  copy->first_id_ = first_id_;
  copy->last_id_ = last_id_;
  copy->max_deleted_id_ = max_deleted_id_;
  copy->entries_added_ = entries_added_;
  if (producers_) copy->GetProducers(producers_->limits()).CopyFrom(*producers_);
  for (const auto& group : groups_) {
    ConsumerGroup& to = *copy->AddGroup(group->name(), group->last_id, group->entries_read);
    for (const auto& consumer : group->consumers()) {
      StreamConsumer& same = to.AddConsumer(consumer->name());
      same.seen_ms = consumer->seen_ms;
      same.active_ms = consumer->active_ms;
    }
    group->pending().ForEach([&](const PendingEntry& entry) {
      PendingEntry pending = entry;
      pending.consumer = entry.consumer == nullptr ? nullptr : to.FindConsumer(entry.consumer->name());
      to.AddPending(pending);
    });
    for (const StreamId& id : group->ReleasedIds()) to.Release(*to.FindPending(id));
  }
  return copy;
}

Object NewStream() {
  return {Type::kStream, Encoding::kStream, new Stream()};
}

void FreeStream(const Object& object) {
  delete &Stream::Of(object);
}

Object CloneStream(const Object& object) {
  return {Type::kStream, Encoding::kStream, Stream::Of(object).Clone().release()};
}

size_t StreamBytes(const Object& object) {
  return Stream::Of(object).bytes();
}

uint64_t StreamSize(const Object& object) {
  return Stream::Of(object).length();
}

size_t StreamFreeEffort(const Object& object) {
  return Stream::Of(object).FreeEffort();
}

}  // namespace tidemark::values
