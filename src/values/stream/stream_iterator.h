// A walk over the living entries of a stream between two IDs, in either direction. Any change to the stream ends it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "values/listpack.h"
#include "values/stream/id_map.h"
#include "values/stream/stream_node.h"

namespace tidemark::values {

enum class StreamDirection : uint8_t { kForward, kBackward };

class StreamIterator {
 public:
  // From `start` to `end`, both included, whatever the direction. `last_id` is not smaller than any ID in `nodes`.
  StreamIterator(const IdMap<StreamNode>& nodes, const StreamId& last_id, const StreamId& start, const StreamId& end,
                 StreamDirection direction);

  // Steps to the next entry, at first to the first; false if there is none.
  bool Next() { return direction_ == StreamDirection::kForward ? NextForward() : NextBackward(); }

  // The entry that Next has found.
  const StreamId& id() const { return entry_.id; }
  uint64_t field_count() const { return entry_.field_count; }
  // visit(PackedItem field, PackedItem value) for each pair of it.
  template <typename Visit>
  void ForEachField(Visit&& visit) {
    const uint8_t* field = entry_.same_fields ? header_.fields : nullptr;
    const uint8_t* at = entry_.content;
    for (uint64_t i = 0; i < entry_.field_count; ++i) {
      if (entry_.same_fields) {
        const uint8_t* const value = at;
        visit(Listpack::Get(field), Listpack::Get(value));
        field = stream_node::NextElement(field);
        at = stream_node::NextElement(value);
      } else {
        const uint8_t* const value = stream_node::NextElement(at);
        visit(Listpack::Get(at), Listpack::Get(value));
        at = stream_node::NextElement(value);
      }
    }
    entry_end_ = stream_node::NextElement(at);
  }

  // How many more entries Next will find, `limit` at most. Looks into nodes that lie only partly within the range, and
  // takes the word of the others.
  uint64_t CountAhead(uint64_t limit) const;

  // Where the entry stands: for whoever changes it.
  IdMap<StreamNode>::Position node_position() const { return node_; }
  size_t entry_offset() const { return static_cast<size_t>(entry_.begin - block()); }

 private:
  bool NextForward();
  bool NextBackward();
  void EnterNode();
  void SkipInLastNode();
  void LeaveNode();
  // Whether the rest of the node lies within the range; `remaining` is then how many entries of it are ahead.
  bool RestIsInRange(uint64_t& remaining) const;
  const uint8_t* block() const { return nodes_->At(node_).block; }

  const IdMap<StreamNode>* nodes_;
  StreamId last_id_;
  StreamId start_;
  StreamId end_;
  StreamDirection direction_;
  bool done_ = false;
  bool passed_known_ = true;  // passed_ counts from the end of the node at which the walk entered it
  IdMap<StreamNode>::Position node_;
  StreamId node_id_;
  stream_node::Header header_;
  stream_node::Entry entry_;
  int64_t passed_ = 0;                  // living entries of this node that are behind
  const uint8_t* at_ = nullptr;         // forward: the next entry; backward: the end of the next one
  const uint8_t* entry_end_ = nullptr;  // forward: the end of the entry that Next found, if it is known
  bool on_entry_ = false;               // forward: at_ has yet to move beyond that entry
};

}  // namespace tidemark::values
