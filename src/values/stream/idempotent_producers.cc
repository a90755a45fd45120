#include "values/stream/idempotent_producers.h"

#include <algorithm>

#include "base/memory.h"
#include "base/siphash.h"

namespace tidemark::values {
namespace {

// A node of a red-black tree, of a list and of a hash table beside what they hold.
constexpr size_t kTreeNodeBytes = 32;
constexpr size_t kListNodeBytes = 16;
constexpr size_t kHashNodeBytes = 16;

// They stay as they are: an iid outlives the process.
constexpr HashSeed kContentSeeds[] = {{0x69696420'6f662063, 0x6f6e7465'6e742031},
                                      {0x73656e74'206f6e63, 0x65206d6f'72652032}};

template <typename Number>
void AppendNumber(Number number, std::string& out) {
  for (size_t i = 0; i < sizeof(number); ++i) out.push_back(static_cast<char>(number >> (8 * i)));
}

}  // namespace

// Sums do not depend on the order, and unlike exclusive ors a pair that is there twice is not lost in them.
std::string IidOfContent(std::span<const std::string_view> pairs) {
  uint64_t sums[] = {0, 0};
  std::string pair;
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    pair.clear();
    AppendNumber(uint64_t{pairs[i].size()}, pair);
    pair.append(pairs[i]).append(pairs[i + 1]);
    for (size_t sum = 0; sum < 2; ++sum) sums[sum] += SipHash13(pair, kContentSeeds[sum]);
  }
  std::string iid;
  for (const uint64_t sum : sums) AppendNumber(sum, iid);
  return iid;
}

IdempotentProducers::IdempotentProducers(const IdempotencyLimits& limits, size_t* account_bytes)
    : limits_(limits), account_(account_bytes) {
  *account_ += GoodSize(sizeof(IdempotentProducers));
}

IdempotentProducers::~IdempotentProducers() {
  Clear();
  *account_ -= GoodSize(sizeof(IdempotentProducers));
}

size_t IdempotentProducers::BytesOf(const std::string& pid) {
  return GoodSize(kTreeNodeBytes + sizeof(std::pair<const std::string, Producer>)) + HeapBytes(pid);
}

size_t IdempotentProducers::BytesOf(const Iid& iid) {
  const size_t in_list = GoodSize(kListNodeBytes + sizeof(Iid)) + HeapBytes(iid.text);
  return in_list + GoodSize(kHashNodeBytes + sizeof(std::pair<std::string_view, StreamId>)) + sizeof(void*);
}

void IdempotentProducers::SetLimits(const IdempotencyLimits& limits) {
  if (limits == limits_) return;
  Clear();
  limits_ = limits;
}

bool IdempotentProducers::TooOld(const Iid& iid, int64_t now_ms) const {
  const auto now = static_cast<uint64_t>(now_ms);
  return iid.id.ms < now && now - iid.id.ms > static_cast<uint64_t>(limits_.duration_seconds) * 1000;
}

std::optional<StreamId> IdempotentProducers::Find(std::string_view pid, std::string_view iid, int64_t now_ms) const {
  const auto producer = producers_.find(pid);
  if (producer == producers_.end()) return std::nullopt;
  const auto found = producer->second.by_text.find(iid);
  if (found == producer->second.by_text.end() || TooOld({{}, found->second}, now_ms)) return std::nullopt;
  return found->second;
}

void IdempotentProducers::Record(std::string_view pid, std::string_view iid, const StreamId& id, int64_t now_ms) {
  Sweep(now_ms);
  if (const auto at = producers_.find(pid); at != producers_.end()) ForgetTooOld(at, now_ms);
  Producer& producer = Get(pid);
  // Too old, but not among the oldest: those that XIDMPRECORD adds come in any order.
  if (const auto old = producer.by_text.find(iid); old != producer.by_text.end()) {
    const auto at =
        std::find_if(producer.iids.begin(), producer.iids.end(), [&](const Iid& of) { return of.text == iid; });
    *account_ -= BytesOf(*at);
    producer.by_text.erase(old);
    producer.iids.erase(at);
    --iid_count_;
  }
  while (producer.iids.size() >= static_cast<size_t>(limits_.iids_max)) ForgetOldest(producer);
  Append(producer, iid, id);
  ++iids_added;
}

void IdempotentProducers::Append(Producer& producer, std::string_view iid, const StreamId& id) {
  const Iid& appended = producer.iids.emplace_back(Iid{std::string(iid), id});
  producer.by_text.emplace(appended.text, id);
  *account_ += BytesOf(appended);
  ++iid_count_;
}

void IdempotentProducers::ForgetOldest(Producer& producer) {
  const Iid& oldest = producer.iids.front();
  *account_ -= BytesOf(oldest);
  producer.by_text.erase(oldest.text);
  producer.iids.pop_front();
  --iid_count_;
}

IdempotentProducers::Producers::iterator IdempotentProducers::ForgetTooOld(Producers::iterator at, int64_t now_ms) {
  Producer& producer = at->second;
  while (!producer.iids.empty() && TooOld(producer.iids.front(), now_ms)) ForgetOldest(producer);
  if (!producer.iids.empty()) return std::next(at);
  *account_ -= BytesOf(at->first);
  return producers_.erase(at);
}

// More producers than one call can add, so that those who have gone are all found in time.
void IdempotentProducers::Sweep(int64_t now_ms) {
  constexpr int kProducers = 3;
  auto at = producers_.lower_bound(sweep_from_);
  for (int i = 0; i < kProducers && at != producers_.end(); ++i) at = ForgetTooOld(at, now_ms);
  sweep_from_ = at == producers_.end() ? std::string() : at->first;
}

IdempotentProducers::Producer& IdempotentProducers::Get(std::string_view pid) {
  const auto found = producers_.find(pid);
  if (found != producers_.end()) return found->second;
  const auto added = producers_.emplace(pid, Producer{}).first;
  *account_ += BytesOf(added->first);
  return added->second;
}

void IdempotentProducers::Clear() {
  for (const auto& [pid, producer] : producers_) {
    for (const Iid& iid : producer.iids) *account_ -= BytesOf(iid);
    *account_ -= BytesOf(pid);
  }
  producers_.clear();
  iid_count_ = 0;
}

IdempotentProducers::Tracked IdempotentProducers::CountTracked(int64_t now_ms) const {
  Tracked tracked;
  for (const auto& [pid, producer] : producers_) {
    const auto young =
        std::find_if(producer.iids.begin(), producer.iids.end(), [&](const Iid& iid) { return !TooOld(iid, now_ms); });
    const auto count = static_cast<size_t>(std::distance(young, producer.iids.end()));
    tracked.iids += count;
    tracked.producers += count > 0 ? 1 : 0;
  }
  return tracked;
}

bool IdempotentProducers::Restore(std::string_view pid, std::string_view iid, const StreamId& id) {
  Producer& producer = Get(pid);
  const bool full = producer.iids.size() >= static_cast<size_t>(limits_.iids_max);
  if (full || producer.by_text.contains(iid)) return false;
  Append(producer, iid, id);
  return true;
}

void IdempotentProducers::CopyFrom(const IdempotentProducers& other) {
  Producer* producer = nullptr;
  other.ForEach([&](std::string_view pid, size_t) { producer = &Get(pid); },
                [&](const Iid& iid) { Append(*producer, iid.text, iid.id); });
  iids_added = other.iids_added;
  iids_duplicates = other.iids_duplicates;
}

}  // namespace tidemark::values
