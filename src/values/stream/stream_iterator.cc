#include "values/stream/stream_iterator.h"

#include <algorithm>

namespace tidemark::values {

using stream_node::BeginOfEntryBefore;
using stream_node::EndOf;
using stream_node::EndOfList;
using stream_node::ReadEntry;

StreamIterator::StreamIterator(const IdMap<StreamNode>& nodes, const StreamId& last_id, const StreamId& start,
                               const StreamId& end, StreamDirection direction)
    : nodes_(&nodes), last_id_(last_id), start_(start), end_(end), direction_(direction) {
  if (nodes.empty() || start > end) {
    done_ = true;
    return;
  }
  const bool forward = direction == StreamDirection::kForward;
  const StreamId& from = forward ? start : end;
  // The last node that begins no later than `from`.
  node_ = nodes.LowerBound(from);
  if (nodes.AtEnd(node_) || nodes.At(node_).id != from) {
    if (node_ != nodes.Begin()) {
      node_ = nodes.Previous(node_);
    } else if (!forward) {
      done_ = true;
      return;
    }
  }
  EnterNode();
  if (forward && node_ == nodes.Last() && start > node_id_) SkipInLastNode();
}

void StreamIterator::EnterNode() {
  const StreamNode& node = nodes_->At(node_);
  node_id_ = node.id;
  header_ = stream_node::ReadHeader(node.block);
  at_ = direction_ == StreamDirection::kForward ? header_.entries : EndOfList(node.block);
  passed_ = 0;
  passed_known_ = true;
  on_entry_ = false;
}

// Readers of a stream's end want the last few entries of a node: looks for them from its end before walking all of it.
void StreamIterator::SkipInLastNode() {
  constexpr int kEntriesMax = 8;
  const uint8_t* end = EndOfList(block());
  for (int i = 0; i < kEntriesMax && end != header_.entries; ++i) {
    const uint8_t* const begin = BeginOfEntryBefore(end);
    if (ReadEntry(begin, node_id_, header_.field_count).id < start_) {
      at_ = end;
      passed_known_ = false;
      return;
    }
    end = begin;
  }
}

void StreamIterator::LeaveNode() {
  if (direction_ == StreamDirection::kForward) {
    node_ = nodes_->Next(node_);
    done_ = nodes_->AtEnd(node_) || nodes_->At(node_).id > end_;
  } else {
    done_ = node_ == nodes_->Begin() || node_id_ <= start_;
    if (!done_) node_ = nodes_->Previous(node_);
  }
  if (!done_) EnterNode();
}

bool StreamIterator::NextForward() {
  while (!done_) {
    if (on_entry_) {
      at_ = entry_end_ != nullptr ? entry_end_ : EndOf(entry_);
      on_entry_ = false;
    }
    if (*at_ == stream_node::kEnd) {
      LeaveNode();
      continue;
    }
    entry_ = ReadEntry(at_, node_id_, header_.field_count);
    if (entry_.id > end_) {
      done_ = true;
      return false;
    }
    entry_end_ = nullptr;
    on_entry_ = true;
    if (entry_.deleted) continue;
    ++passed_;
    if (entry_.id >= start_) return true;
  }
  return false;
}

bool StreamIterator::NextBackward() {
  while (!done_) {
    if (at_ == header_.entries) {
      LeaveNode();
      continue;
    }
    at_ = BeginOfEntryBefore(at_);
    entry_ = ReadEntry(at_, node_id_, header_.field_count);
    if (entry_.id < start_) {
      done_ = true;
      return false;
    }
    if (entry_.deleted) continue;
    ++passed_;
    if (entry_.id <= end_) return true;
  }
  return false;
}

bool StreamIterator::RestIsInRange(uint64_t& remaining) const {
  if (!passed_known_) return false;
  if (direction_ == StreamDirection::kForward) {
    // Entries not yet passed may lie before the range only until the first one within it has been found.
    if (node_id_ < start_ && (passed_ == 0 || entry_.id < start_)) return false;
    const IdMap<StreamNode>::Position next = nodes_->Next(node_);
    const bool ends_inside = nodes_->AtEnd(next) ? last_id_ <= end_ : nodes_->At(next).id <= end_;
    if (!ends_inside) return false;
  } else {
    if (node_id_ < start_) return false;
    const IdMap<StreamNode>::Position next = nodes_->Next(node_);
    const bool ends_inside = nodes_->AtEnd(next) ? last_id_ <= end_ : nodes_->At(next).id <= end_;
    if (!ends_inside && (passed_ == 0 || entry_.id > end_)) return false;
  }
  remaining = static_cast<uint64_t>(header_.live - passed_);
  return true;
}

uint64_t StreamIterator::CountAhead(uint64_t limit) const {
  StreamIterator ahead = *this;
  uint64_t count = 0;
  while (count < limit && !ahead.done_) {
    uint64_t remaining;
    if (ahead.RestIsInRange(remaining)) {
      count += remaining;
      ahead.LeaveNode();
    } else if (ahead.Next()) {
      ++count;
    }
  }
  return std::min(count, limit);
}

}  // namespace tidemark::values
