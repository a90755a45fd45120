#include "values/stream/consumer_group.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"

namespace tidemark::values {
ConsumerGroup::ConsumerGroup(std::string_view name, const StreamId& last_delivered, int64_t read_count,
                             size_t* account_bytes)
    : last_id(last_delivered), entries_read(read_count), name_(name), pending_(account_bytes), account_(account_bytes) {
  *account_ += OwnBytes();
}

ConsumerGroup::~ConsumerGroup() {
  for (const auto& consumer : consumers_) *account_ -= BytesOf(*consumer);
  *account_ -= OwnBytes();
}

size_t ConsumerGroup::OwnBytes() const {
  return GoodSize(sizeof(ConsumerGroup)) + HeapBytes(name_);
}

size_t ConsumerGroup::BytesOf(const StreamConsumer& consumer) {
  return GoodSize(sizeof(StreamConsumer)) + HeapBytes(consumer.name()) + sizeof(void*);
}

std::vector<std::unique_ptr<StreamConsumer>>::const_iterator ConsumerGroup::Place(std::string_view name) const {
  return std::lower_bound(consumers_.begin(), consumers_.end(), name,
                          [](const auto& consumer, std::string_view wanted) { return consumer->name() < wanted; });
}

StreamConsumer* ConsumerGroup::FindConsumer(std::string_view name) const {
  const auto at = Place(name);
  return at != consumers_.end() && (*at)->name() == name ? at->get() : nullptr;
}

StreamConsumer& ConsumerGroup::AddConsumer(std::string_view name) {
  const auto at = consumers_.insert(Place(name), std::make_unique<StreamConsumer>(name, account_));
  *account_ += BytesOf(**at);
  return **at;
}

size_t ConsumerGroup::RemoveConsumer(StreamConsumer& consumer) {
  const size_t count = consumer.pending_.size();
  consumer.pending_.ForEach([&](const PendingId& pending) { pending_.Erase(pending.id); });
  *account_ -= BytesOf(consumer);
  consumers_.erase(Place(consumer.name()));
  return count;
}

PendingEntry& ConsumerGroup::AddPending(const PendingEntry& entry) {
  if (entry.consumer != nullptr) {
    entry.consumer->pending_.Insert({entry.id});
    earliest_ms_ = std::min(earliest_ms_, entry.delivered_ms);
  } else {
    ++released_count_;
  }
  return pending_.Insert(entry);
}

void ConsumerGroup::Assign(PendingEntry& entry, StreamConsumer& consumer) {
  if (entry.consumer == &consumer) return;
  if (entry.consumer != nullptr) {
    entry.consumer->pending_.Erase(entry.id);
  } else {
    --released_count_;
  }
  consumer.pending_.Insert({entry.id});
  entry.consumer = &consumer;
  earliest_ms_ = std::min(earliest_ms_, entry.delivered_ms);
}

void ConsumerGroup::Deliver(PendingEntry& entry, StreamConsumer& consumer, int64_t delivered_ms) {
  entry.delivered_ms = delivered_ms;
  Assign(entry, consumer);
  earliest_ms_ = std::min(earliest_ms_, delivered_ms);
}

void ConsumerGroup::Release(PendingEntry& entry) {
  if (entry.consumer != nullptr) {
    entry.consumer->pending_.Erase(entry.id);
    entry.consumer = nullptr;
    ++released_count_;
  }
  entry.delivered_ms = ++last_place_;
}

std::vector<StreamId> ConsumerGroup::ReleasedIds() const {
  std::vector<std::pair<int64_t, StreamId>> placed;
  if (released_count_ > 0) {
    pending_.ForEach([&](const PendingEntry& entry) {
      if (entry.released()) placed.emplace_back(entry.delivered_ms, entry.id);
    });
  }
  std::sort(placed.begin(), placed.end());
  std::vector<StreamId> ids;
  for (const auto& [place, id] : placed) ids.push_back(id);
  return ids;
}

std::vector<StreamId> ConsumerGroup::ClaimableIds(int64_t now_ms, int64_t min_idle_ms, size_t count_max) {
  const bool too_early = min_idle_ms > 0 && now_ms - earliest_ms_ < min_idle_ms;
  if (released_count_ == 0 && (pending_.empty() || too_early)) return {};
  struct Claimable {
    bool owned;
    int64_t since;  // or its place
    StreamId id;
    auto operator<=>(const Claimable&) const = default;
  };
  std::vector<Claimable> found;
  earliest_ms_ = INT64_MAX;
  pending_.ForEach([&](const PendingEntry& entry) {
    if (!entry.released()) earliest_ms_ = std::min(earliest_ms_, entry.delivered_ms);
    if (entry.ClaimableAt(now_ms, min_idle_ms)) found.push_back({!entry.released(), entry.delivered_ms, entry.id});
  });
  const size_t count = std::min(count_max, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<ptrdiff_t>(count), found.end());
  std::vector<StreamId> ids;
  for (size_t i = 0; i < count; ++i) ids.push_back(found[i].id);
  return ids;
}

std::optional<int64_t> ConsumerGroup::NextClaimableMs(int64_t min_idle_ms) const {
  if (pending_.empty()) return std::nullopt;
  if (released_count_ > 0) return 0;
  const bool never = min_idle_ms > INT64_MAX - std::max<int64_t>(earliest_ms_, 0);
  return never ? std::nullopt : std::optional(earliest_ms_ + min_idle_ms);
}

bool ConsumerGroup::Acknowledge(const StreamId& id) {
  const IdMap<PendingEntry>::Position at = pending_.LowerBound(id);
  if (pending_.AtEnd(at) || pending_.At(at).id != id) return false;
  AcknowledgeAt(at);
  return true;
}

IdMap<PendingEntry>::Position ConsumerGroup::AcknowledgeAt(IdMap<PendingEntry>::Position at) {
  const PendingEntry& entry = pending_.At(at);
  if (entry.consumer != nullptr) {
    entry.consumer->pending_.Erase(entry.id);
  } else {
    --released_count_;
  }
  return pending_.Erase(at);
}

}  // namespace tidemark::values
