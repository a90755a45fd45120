// What a stream remembers of its idempotent producers: under which IDs each has added which entries, so that an entry
// sent once more is not added once more. A producer's own ID (pid) and the ID it gives an entry (iid) are any bytes.
//
// An iid is remembered for a time, counted from the entry's ID, and no more than so many of each producer, the newest.
// What is too old is not found, and goes when something is recorded: of that producer all, of others bit by bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "values/stream/stream_id.h"

namespace tidemark::values {

// The stream's own, or where it has none the directives of the same names.
struct IdempotencyLimits {
  static constexpr int64_t kDurationMax = 86'400;
  static constexpr int64_t kIidsMax = 10'000;

  int64_t duration_seconds = 100;
  int64_t iids_max = 100;  // of each producer

  friend bool operator==(const IdempotencyLimits&, const IdempotencyLimits&) = default;
  bool valid() const {
    return duration_seconds >= 1 && duration_seconds <= kDurationMax && iids_max >= 1 && iids_max <= kIidsMax;
  }
};

// The iid of an entry whose producer gives it none: the same for the same fields and values, in any order.
std::string IidOfContent(std::span<const std::string_view> pairs);

class IdempotentProducers {
 public:
  struct Iid {
    std::string text;
    StreamId id;  // of the entry
  };

  // `account_bytes` hears of all this allocates and outlives it.
  IdempotentProducers(const IdempotencyLimits& limits, size_t* account_bytes);
  ~IdempotentProducers();
  IdempotentProducers(const IdempotentProducers&) = delete;
  IdempotentProducers& operator=(const IdempotentProducers&) = delete;

  const IdempotencyLimits& limits() const { return limits_; }
  // Forgets all iids if the limits are others than before.
  void SetLimits(const IdempotencyLimits& limits);

  // The entry that the producer has added as `iid`.
  std::optional<StreamId> Find(std::string_view pid, std::string_view iid, int64_t now_ms) const;
  // `iid` is one that Find does not find.
  void Record(std::string_view pid, std::string_view iid, const StreamId& id, int64_t now_ms);

  struct Tracked {
    size_t producers = 0;
    size_t iids = 0;
  };
  // Without those that are too old. Linear in the producers.
  Tracked CountTracked(int64_t now_ms) const;
  // Iids that take memory.
  size_t iid_count() const { return iid_count_; }

  uint64_t iids_added = 0;       // ever
  uint64_t iids_duplicates = 0;  // entries that were not added once more, ever

  // For files: visit(pid, count) for each producer in order of pid, then visit_iid(iid) for each of its iids, oldest
  // first.
  size_t producer_count() const { return producers_.size(); }
  template <typename VisitProducer, typename VisitIid>
  void ForEach(VisitProducer&& visit_producer, VisitIid&& visit_iid) const {
    for (const auto& [pid, producer] : producers_) {
      visit_producer(std::string_view(pid), producer.iids.size());
      for (const Iid& iid : producer.iids) visit_iid(iid);
    }
  }
  // Appends what a file has. False if the producer has that iid, or as many as it may.
  bool Restore(std::string_view pid, std::string_view iid, const StreamId& id);
  void CopyFrom(const IdempotentProducers& other);

 private:
  struct Producer {
    std::list<Iid> iids;  // oldest first
    std::unordered_map<std::string_view, StreamId> by_text;
  };
  using Producers = std::map<std::string, Producer, std::less<>>;

  static size_t BytesOf(const std::string& pid);
  static size_t BytesOf(const Iid& iid);
  bool TooOld(const Iid& iid, int64_t now_ms) const;
  void Append(Producer& producer, std::string_view iid, const StreamId& id);
  void ForgetOldest(Producer& producer);
  // Answers the producer behind it, which is the end if this was the last.
  Producers::iterator ForgetTooOld(Producers::iterator at, int64_t now_ms);
  void Sweep(int64_t now_ms);
  Producer& Get(std::string_view pid);
  void Clear();

  IdempotencyLimits limits_;
  size_t* account_;
  size_t iid_count_ = 0;
  Producers producers_;
  std::string sweep_from_;  // the pid at which the next sweep goes on
};

}  // namespace tidemark::values
