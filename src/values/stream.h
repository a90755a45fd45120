// Streams. What an Object's pointer is, by encoding: stream: a Stream.
//
// Entries lie in nodes (stream/stream_node.h), packed lists of consecutive entries, and the nodes in an IdMap by the ID
// of their first entry. Only the last node grows; it alone has room to spare. Entries in the middle are marked as
// deleted, and a node goes when none of its entries lives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "values/object.h"
#include "values/stream/consumer_group.h"
#include "values/stream/id_map.h"
#include "values/stream/idempotent_producers.h"
#include "values/stream/stream_id.h"
#include "values/stream/stream_iterator.h"
#include "values/stream/stream_node.h"

namespace tidemark::values {

// Which entries a trim takes away, from the oldest on.
struct StreamTrim {
  enum class By : uint8_t { kNothing, kLength, kMinId } by = By::kNothing;
  uint64_t length_max = 0;  // kLength: as many stay
  StreamId min_id;          // kMinId: those below go
  // Only whole nodes; entries that should go may stay.
  bool approximate = false;
  uint64_t limit = 0;  // entries that may go at most, counted by whole nodes; 0: no limit
  // What becomes of entries that groups still refer to, by having them pending or by not having read so far.
  enum class References : uint8_t {
    kKeep,          // the entry goes, pending entries stay
    kDelete,        // both go
    kAcknowledged,  // the entry stays, until every group has acknowledged it
  } references = References::kKeep;
};
using StreamReferences = StreamTrim::References;

class Stream {
 public:
  // Redis adds no more than this in one entry, nor to one node, bytes.
  static constexpr size_t kMaxEntryBytes = size_t{1} << 30;

  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  static Stream& Of(const Object& object) { return *static_cast<Stream*>(object.pointer); }

  // Living entries.
  uint64_t length() const { return length_; }
  // The first living entry's; 0-0 if there is none.
  const StreamId& first_id() const { return first_id_; }
  // The highest that was ever added or set; new entries come behind it.
  const StreamId& last_id() const { return last_id_; }
  const StreamId& max_deleted_id() const { return max_deleted_id_; }
  // How many were ever added.
  uint64_t entries_added() const { return entries_added_; }
  void set_last_id(const StreamId& id) { last_id_ = id; }
  void set_max_deleted_id(const StreamId& id) { max_deleted_id_ = id; }
  void set_entries_added(uint64_t count) { entries_added_ = count; }
  // What the allocator set aside for all of it, bytes. Constant time.
  size_t bytes() const;

  // Adds an entry. `id` comes behind last_id(); `pairs` are fields and values in turn, kMaxEntryBytes in all at most.
  void Append(const StreamId& id, std::span<const std::string_view> pairs, const EncodingLimits& limits);
  // Deletes the entries of these IDs; answers how many there were.
  uint64_t Delete(std::span<const StreamId> ids);
  // As Delete, for one. Leaves first_id() as it is: call RefreshFirstId after the last.
  bool DeleteOne(const StreamId& id);
  void RefreshFirstId();
  // Answers how many entries it took away. What goes is exactly what Redis 7.0 would take.
  uint64_t Trim(const StreamTrim& trim);

  bool Contains(const StreamId& id) const;
  // The ID of the last living entry.
  std::optional<StreamId> LastEntryId() const;
  StreamIterator Range(const StreamId& start, const StreamId& end,
                       StreamDirection direction = StreamDirection::kForward) const {
    return {nodes_, last_id_, start, end, direction};
  }

  // Groups, in order of their names.
  const std::vector<std::unique_ptr<ConsumerGroup>>& groups() const { return groups_; }
  ConsumerGroup* FindGroup(std::string_view name) const;
  // Null if there is one of that name.
  ConsumerGroup* AddGroup(std::string_view name, const StreamId& last_id, int64_t entries_read);
  bool RemoveGroup(std::string_view name);
  // Whether a group has the ID pending or has not read so far.
  bool IsReferenced(const StreamId& id) const;
  // Takes the ID out of what is pending in every group; answers how many had it.
  size_t DropReferences(const StreamId& id);

  // How many entries were ever added up to `id`, if that can be told; as Redis 7.0 tells it.
  std::optional<uint64_t> EntriesUpTo(const StreamId& id) const;
  // Whether an entry from `start` on may have been deleted out of the middle.
  bool HasTombstonesFrom(const StreamId& start) const;
  // Entries that the group has not read; empty if that cannot be told.
  std::optional<int64_t> LagOf(const ConsumerGroup& group) const;
  // The group has been given the entry `id`, which it had not read: moves its last ID and count.
  void AdvanceGroup(ConsumerGroup& group, const StreamId& id) const;

  // Null for a stream that no idempotent producer has added to, and that has no limits of its own.
  IdempotentProducers* producers() const { return producers_.get(); }
  // Makes it, with these limits, if there is none.
  IdempotentProducers& GetProducers(const IdempotencyLimits& limits);

  // For files: the nodes in order, each with its ID and bytes().
  const IdMap<StreamNode>& nodes() const { return nodes_; }
  // Adds a node, a copy of bytes from outside, behind the others. False if they are damaged or out of order.
  bool AppendNode(const StreamId& id, std::string_view bytes);
  // After the last AppendNode: sets what the file says. False if it does not fit the nodes.
  struct Totals {
    uint64_t length = 0;
    StreamId last_id;
    StreamId max_deleted_id;
    std::optional<uint64_t> entries_added;  // empty, as in RDB files before version 10: as many as there are
  };
  bool Restore(const Totals& totals);

  // How many nodes a radix tree over the IDs of the nodes would have, as XINFO STREAM shows. Linear in the nodes.
  size_t RadixTreeNodeCount() const;
  // Allocations that freeing the stream takes, roughly.
  size_t FreeEffort() const;

  std::unique_ptr<Stream> Clone() const;

 private:
  using NodePosition = IdMap<StreamNode>::Position;

  static size_t MaxNodeBytes(const EncodingLimits& limits);
  bool TailHasRoom(const stream_node::Header& header, size_t text_bytes, const EncodingLimits& limits) const;
  void StartNode(const StreamId& id, std::span<const std::string_view> pairs, size_t room_bytes);
  void CountOneMoreInTail();
  void ReserveInTail(size_t more_bytes, const EncodingLimits& limits);
  // Gives the last node's block this many bytes.
  void ResizeTail(size_t capacity);
  void SealTail();
  // Takes the node out; answers where the next one is.
  NodePosition RemoveNode(NodePosition at);
  void MarkDeleted(NodePosition at, size_t entry_offset);

  uint64_t TrimPlainly(const StreamTrim& trim);
  uint64_t TrimWithinNode(const StreamTrim& trim, NodePosition at);
  uint64_t TrimByReferences(const StreamTrim& trim);

  uint64_t length_ = 0;
  StreamId first_id_;
  StreamId last_id_;
  StreamId max_deleted_id_;
  uint64_t entries_added_ = 0;
  size_t account_ = 0;        // bytes of nodes, maps and groups
  size_t tail_capacity_ = 0;  // bytes of the last node's block
  IdMap<StreamNode> nodes_;
  std::vector<std::unique_ptr<ConsumerGroup>> groups_;
  std::unique_ptr<IdempotentProducers> producers_;
};

// An empty stream.
Object NewStream();

// What object.h asks of each type.
void FreeStream(const Object& object);
Object CloneStream(const Object& object);
size_t StreamBytes(const Object& object);
uint64_t StreamSize(const Object& object);
size_t StreamFreeEffort(const Object& object);

}  // namespace tidemark::values
