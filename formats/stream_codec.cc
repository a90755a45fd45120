#include <algorithm>
#include <optional>
#include <utility>

#include "formats/producers_codec.h"
#include "formats/type_codecs.h"
#include "values/stream.h"

namespace tidemark::formats {

using values::ConsumerGroup;
using values::OwnedObject;
using values::PendingEntry;
using values::PendingId;
using values::Stream;
using values::StreamConsumer;
using values::StreamId;
using values::StreamNode;

namespace {

constexpr size_t kIdBytes = 16;
// A pending entry: ID, time, and at least one byte of count.
constexpr size_t kPendingBytesMin = kIdBytes + 8 + 1;

// What a type has that the one before it has not.
bool HasActiveTimes(uint8_t type_tag) {
  return type_tag >= kRdbTypeStream3;
}
bool HasProducerSection(uint8_t type_tag) {
  return type_tag >= kRdbTypeStream4;
}
bool HasReleased(uint8_t type_tag) {
  return type_tag >= kRdbTypeStream5;
}

uint8_t TypeTagFor(const Stream& stream, Audience audience) {
  const auto& groups = stream.groups();
  const auto released = [](const auto& group) { return group->released_count() > 0; };
  if (std::any_of(groups.begin(), groups.end(), released)) return kRdbTypeStream5;
  if (HasProducers(stream, audience)) return kRdbTypeStream4;
  return audience == Audience::kRedis7 ? kRdbTypeStream2 : kRdbTypeStream3;
}

Status Damaged(std::string what) {
  return Status::Corruption("a stream " + std::move(what));
}

// --- Writing

void EncodeRawId(const StreamId& id, std::string& out) {
  EncodeBig64(id.ms, out);
  EncodeBig64(id.seq, out);
}

void EncodeId(const StreamId& id, std::string& out) {
  EncodeLength(id.ms, out);
  EncodeLength(id.seq, out);
}

void EncodeConsumer(const StreamConsumer& consumer, uint8_t type_tag, StringForm form, std::string& out) {
  EncodeString(consumer.name(), form, out);
  EncodeLittle64(static_cast<uint64_t>(consumer.seen_ms), out);
  if (HasActiveTimes(type_tag)) EncodeLittle64(static_cast<uint64_t>(consumer.active_ms), out);
  EncodeLength(consumer.pending().size(), out);
  consumer.pending().ForEach([&](const PendingId& pending) { EncodeRawId(pending.id, out); });
}

void EncodeGroup(const ConsumerGroup& group, uint8_t type_tag, StringForm form, std::string& out) {
  EncodeString(group.name(), form, out);
  EncodeId(group.last_id, out);
  EncodeLength(static_cast<uint64_t>(group.entries_read), out);
  EncodeLength(group.pending().size(), out);
  group.pending().ForEach([&](const PendingEntry& pending) {
    EncodeRawId(pending.id, out);
    EncodeLittle64(pending.released() ? 0 : static_cast<uint64_t>(pending.delivered_ms), out);
    EncodeLength(pending.delivery_count, out);
  });
  EncodeLength(group.consumers().size(), out);
  for (const auto& consumer : group.consumers()) EncodeConsumer(*consumer, type_tag, form, out);
  if (!HasReleased(type_tag)) return;
  EncodeLength(group.released_count(), out);
  for (const StreamId& id : group.ReleasedIds()) EncodeRawId(id, out);
}

// --- Reading

Result<StreamId> DecodeRawId(std::string_view& in) {
  const Result<uint64_t> ms = DecodeBig64(in);
  if (!ms) return ms.error();
  const Result<uint64_t> seq = DecodeBig64(in);
  if (!seq) return seq.error();
  return StreamId{*ms, *seq};
}

Result<StreamId> DecodeId(std::string_view& in) {
  const Result<uint64_t> ms = DecodeLength(in);
  if (!ms) return ms.error();
  const Result<uint64_t> seq = DecodeLength(in);
  if (!seq) return seq.error();
  return StreamId{*ms, *seq};
}

// A number of things that take at least `bytes_each`.
Result<uint64_t> DecodeCount(std::string_view& in, size_t bytes_each) {
  Result<uint64_t> count = DecodeLength(in);
  if (count && *count > in.size() / bytes_each) return Damaged("says it has more than it can");
  return count;
}

// Unix time in milliseconds; what lies before 1970 becomes that, so that nobody's subtraction overflows.
Result<int64_t> DecodeTime(std::string_view& in, int64_t least = 0) {
  const Result<uint64_t> ms = DecodeLittle64(in);
  if (!ms) return ms.error();
  return std::max(static_cast<int64_t>(*ms), least);
}

Status DecodeNodes(std::string_view& in, Stream& stream) {
  const Result<uint64_t> count = DecodeCount(in, 2);
  if (!count) return count.error();
  std::string scratch;
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<std::string_view> id_bytes = DecodeString(in, scratch);
    if (!id_bytes) return id_bytes.error();
    if (id_bytes->size() != kIdBytes) return Damaged("has a node without an ID");
    std::string_view rest = *id_bytes;
    const StreamId id = *DecodeRawId(rest);
    const Result<std::string_view> bytes = DecodeString(in, scratch);
    if (!bytes) return bytes.error();
    if (!stream.AppendNode(id, *bytes)) return Damaged("has a damaged node");
  }
  return Status::Ok();
}

Status DecodeTotals(uint8_t type_tag, std::string_view& in, Stream& stream) {
  Stream::Totals totals;
  const Result<uint64_t> length = DecodeLength(in);
  if (!length) return length.error();
  totals.length = *length;
  const Result<StreamId> last_id = DecodeId(in);
  if (!last_id) return last_id.error();
  totals.last_id = *last_id;
  if (type_tag != kRdbTypeStream) {
    // The first ID follows from the nodes.
    const Result<StreamId> first_id = DecodeId(in);
    if (!first_id) return first_id.error();
    const Result<StreamId> max_deleted_id = DecodeId(in);
    if (!max_deleted_id) return max_deleted_id.error();
    totals.max_deleted_id = *max_deleted_id;
    const Result<uint64_t> entries_added = DecodeLength(in);
    if (!entries_added) return entries_added.error();
    totals.entries_added = *entries_added;
  }
  return stream.Restore(totals) ? Status::Ok() : Damaged("does not add up");
}

Status DecodePending(std::string_view& in, ConsumerGroup& group) {
  const Result<uint64_t> count = DecodeCount(in, kPendingBytesMin);
  if (!count) return count.error();
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<StreamId> id = DecodeRawId(in);
    if (!id) return id.error();
    const Result<int64_t> delivered_ms = DecodeTime(in);
    if (!delivered_ms) return delivered_ms.error();
    const Result<uint64_t> deliveries = DecodeLength(in);
    if (!deliveries) return deliveries.error();
    if (group.FindPending(*id) != nullptr) return Damaged("has an entry pending twice");
    group.AddPending({*id, *delivered_ms, *deliveries, nullptr});
  }
  return Status::Ok();
}

Status DecodeConsumer(uint8_t type_tag, std::string_view& in, ConsumerGroup& group) {
  std::string scratch;
  const Result<std::string_view> name = DecodeString(in, scratch);
  if (!name) return name.error();
  if (group.FindConsumer(*name) != nullptr) return Damaged("has a consumer twice");
  StreamConsumer& consumer = group.AddConsumer(*name);
  const Result<int64_t> seen_ms = DecodeTime(in);
  if (!seen_ms) return seen_ms.error();
  consumer.seen_ms = consumer.active_ms = *seen_ms;
  if (HasActiveTimes(type_tag)) {
    const Result<int64_t> active_ms = DecodeTime(in, StreamConsumer::kNeverActive);
    if (!active_ms) return active_ms.error();
    consumer.active_ms = *active_ms;
  }
  const Result<uint64_t> count = DecodeCount(in, kIdBytes);
  if (!count) return count.error();
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<StreamId> id = DecodeRawId(in);
    if (!id) return id.error();
    PendingEntry* const pending = group.FindPending(*id);
    if (pending == nullptr || pending->consumer != nullptr) {
      return Damaged("has a consumer of an entry that is not pending, or pending for another");
    }
    group.Assign(*pending, consumer);
  }
  return Status::Ok();
}

// All that no consumer has named, in the order of release.
Status DecodeReleased(std::string_view& in, ConsumerGroup& group) {
  const Result<uint64_t> count = DecodeCount(in, kIdBytes);
  if (!count) return count.error();
  if (*count != group.released_count()) return Damaged("has an entry pending for nobody that is not released");
  std::vector<StreamId> ids;
  for (uint64_t i = 0; i < *count; ++i) {
    const Result<StreamId> id = DecodeRawId(in);
    if (!id) return id.error();
    PendingEntry* const pending = group.FindPending(*id);
    if (pending == nullptr || !pending->released()) return Damaged("has an entry released that is not pending so");
    group.Release(*pending);
    ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  const bool twice = std::adjacent_find(ids.begin(), ids.end()) != ids.end();
  return twice ? Damaged("has an entry released twice") : Status::Ok();
}

Status DecodeGroup(uint8_t type_tag, std::string_view& in, Stream& stream) {
  std::string scratch;
  const Result<std::string_view> name = DecodeString(in, scratch);
  if (!name) return name.error();
  const Result<StreamId> last_id = DecodeId(in);
  if (!last_id) return last_id.error();
  int64_t entries_read = ConsumerGroup::kUnknownEntriesRead;
  if (type_tag == kRdbTypeStream) {
    const std::optional<uint64_t> estimate = stream.EntriesUpTo(*last_id);
    if (estimate) entries_read = static_cast<int64_t>(*estimate);
  } else {
    const Result<uint64_t> given = DecodeLength(in);
    if (!given) return given.error();
    entries_read = static_cast<int64_t>(*given);
    if (entries_read < ConsumerGroup::kUnknownEntriesRead) return Damaged("has a group that read less than nothing");
  }
  ConsumerGroup* const group = stream.AddGroup(*name, *last_id, entries_read);
  if (group == nullptr) return Damaged("has a group twice");
  TIDEMARK_RETURN_IF_ERROR(DecodePending(in, *group));
  // A name, a time and a count.
  const Result<uint64_t> count = DecodeCount(in, 10);
  if (!count) return count.error();
  for (uint64_t i = 0; i < *count; ++i) TIDEMARK_RETURN_IF_ERROR(DecodeConsumer(type_tag, in, *group));
  if (HasReleased(type_tag)) return DecodeReleased(in, *group);
  return group->released_count() == 0 ? Status::Ok() : Damaged("has an entry pending for nobody");
}

Status DecodeInto(uint8_t type_tag, std::string_view& in, Stream& stream) {
  TIDEMARK_RETURN_IF_ERROR(DecodeNodes(in, stream));
  TIDEMARK_RETURN_IF_ERROR(DecodeTotals(type_tag, in, stream));
  const Result<uint64_t> count = DecodeCount(in, 5);
  if (!count) return count.error();
  for (uint64_t i = 0; i < *count; ++i) TIDEMARK_RETURN_IF_ERROR(DecodeGroup(type_tag, in, stream));
  return HasProducerSection(type_tag) ? DecodeProducers(in, stream) : Status::Ok();
}

}  // namespace

uint8_t EncodeStream(const values::Object& object, const EncodeOptions& options, std::string& out) {
  const Stream& stream = Stream::Of(object);
  const uint8_t type_tag = TypeTagFor(stream, options.audience);
  EncodeLength(stream.nodes().size(), out);
  stream.nodes().ForEach([&](const StreamNode& node) {
    EncodeLength(kIdBytes, out);
    EncodeRawId(node.id, out);
    EncodeString(node.bytes(), options.strings, out);
  });
  EncodeLength(stream.length(), out);
  EncodeId(stream.last_id(), out);
  EncodeId(stream.first_id(), out);
  EncodeId(stream.max_deleted_id(), out);
  EncodeLength(stream.entries_added(), out);
  EncodeLength(stream.groups().size(), out);
  for (const auto& group : stream.groups()) EncodeGroup(*group, type_tag, options.strings, out);
  if (HasProducerSection(type_tag)) EncodeProducers(stream, options, out);
  return type_tag;
}

DecodedObject DecodeStream(uint8_t type_tag, std::string_view& in, const DecodeOptions&) {
  OwnedObject object(values::NewStream());
  TIDEMARK_RETURN_IF_ERROR(DecodeInto(type_tag, in, Stream::Of(*object)));
  return object;
}

}  // namespace tidemark::formats
