// A consumer group of a stream: how far it has read, who reads for it, and what was handed out but not acknowledged.
//
// What is known of a pending entry stands once, in the group's map; a consumer's map has only the IDs that are its own.
// The two agree at all times: an ID is in a consumer's map just if the group's entry names that consumer. An entry that
// was given back (XNACK) is released: pending for nobody, and anybody's who claims it, in the order of release.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/stream/id_map.h"
#include "values/stream/stream_id.h"

namespace tidemark::values {

class StreamConsumer;

struct PendingEntry {
  static constexpr uint64_t kDeliveriesMax = INT64_MAX;

  StreamId id;
  int64_t delivered_ms = 0;  // Unix time; of a released entry its place among those
  uint64_t delivery_count = 0;
  StreamConsumer* consumer = nullptr;  // null: released, or while a group is built from a file

  bool released() const { return consumer == nullptr; }
  void CountDelivery() { delivery_count += delivery_count < kDeliveriesMax ? 1 : 0; }
  // Whether who asks for entries that have been idle for so long may have it.
  bool ClaimableAt(int64_t now_ms, int64_t min_idle_ms) const {
    return released() || min_idle_ms <= 0 || now_ms - delivered_ms >= min_idle_ms;
  }
};

struct PendingId {
  StreamId id;
};

class StreamConsumer {
 public:
  static constexpr int64_t kNeverActive = -1;

  StreamConsumer(std::string_view name, size_t* account_bytes) : name_(name), pending_(account_bytes) {}

  const std::string& name() const { return name_; }
  // IDs, in order.
  const IdMap<PendingId>& pending() const { return pending_; }

  int64_t seen_ms = 0;               // Unix time of the last attempt to read or claim
  int64_t active_ms = kNeverActive;  // Unix time at which it last got something

 private:
  friend class ConsumerGroup;

  std::string name_;
  IdMap<PendingId> pending_;
};

class ConsumerGroup {
 public:
  static constexpr int64_t kUnknownEntriesRead = -1;

  // `account_bytes` hears of all the group allocates and outlives it.
  ConsumerGroup(std::string_view name, const StreamId& last_delivered, int64_t read_count, size_t* account_bytes);
  ~ConsumerGroup();
  ConsumerGroup(const ConsumerGroup&) = delete;
  ConsumerGroup& operator=(const ConsumerGroup&) = delete;

  const std::string& name() const { return name_; }
  // In order of their names.
  const std::vector<std::unique_ptr<StreamConsumer>>& consumers() const { return consumers_; }
  const IdMap<PendingEntry>& pending() const { return pending_; }

  StreamConsumer* FindConsumer(std::string_view name) const;
  // `name` must be new to the group.
  StreamConsumer& AddConsumer(std::string_view name);
  // With all that is pending for it; answers how much that was. What it has released stays.
  size_t RemoveConsumer(StreamConsumer& consumer);

  // Null if the ID is not pending. What it points to may be changed but for ID and consumer, until the next change of
  // the group's pending entries.
  PendingEntry* FindPending(const StreamId& id) { return pending_.Find(id); }
  PendingEntry& PendingAt(IdMap<PendingEntry>::Position at) { return pending_.At(at); }
  // Makes an ID pending that is not.
  PendingEntry& AddPending(const PendingEntry& entry);
  // Gives a pending entry to another consumer, or to its first. A released entry needs Deliver.
  void Assign(PendingEntry& entry, StreamConsumer& consumer);
  // As Assign, at a time.
  void Deliver(PendingEntry& entry, StreamConsumer& consumer, int64_t delivered_ms);
  // Takes a pending entry away from its consumer, if it has one, and puts it behind those that are released.
  void Release(PendingEntry& entry);
  size_t released_count() const { return released_count_; }
  // In the order of release.
  std::vector<StreamId> ReleasedIds() const;

  // What may be claimed: first what is released, in that order, then the others, those that have been idle longest
  // first. `count_max` of them at most. Constant time if nothing is, linear in what is pending else.
  std::vector<StreamId> ClaimableIds(int64_t now_ms, int64_t min_idle_ms, size_t count_max);
  // Before this time (Unix, milliseconds) nothing may be claimed that may not be now. Empty if nothing is pending.
  std::optional<int64_t> NextClaimableMs(int64_t min_idle_ms) const;
  // No longer pending. False if it was not.
  bool Acknowledge(const StreamId& id);
  // As Acknowledge; answers where the pending entry behind it is.
  IdMap<PendingEntry>::Position AcknowledgeAt(IdMap<PendingEntry>::Position at);

  StreamId last_id;                            // last delivered
  int64_t entries_read = kUnknownEntriesRead;  // how many of all entries ever added come up to last_id

 private:
  std::vector<std::unique_ptr<StreamConsumer>>::const_iterator Place(std::string_view name) const;
  static size_t BytesOf(const StreamConsumer& consumer);
  size_t OwnBytes() const;

  std::string name_;
  std::vector<std::unique_ptr<StreamConsumer>> consumers_;
  IdMap<PendingEntry> pending_;
  size_t released_count_ = 0;
  int64_t last_place_ = 0;           // of a released entry
  int64_t earliest_ms_ = INT64_MAX;  // no entry that has a consumer was delivered before
  size_t* account_;
};

}  // namespace tidemark::values
