#include "tiering/simulated_store.h"

#include <utility>

#include "base/check.h"

namespace tidemark::tiering {

SimulatedStore::SimulatedStore(Options options) : options_(options) {}

SimulatedStore::~SimulatedStore() = default;

Room SimulatedStore::room() const {
  const bool full = options_.capacity_bytes != 0 && stats_.live_payload_bytes >= options_.capacity_bytes;
  return full ? Room::kNo : Room::kYes;
}

std::vector<Locator> SimulatedStore::SubmitWrites(std::vector<FlashRecord> records) {
  std::vector<Locator> locators;
  locators.reserve(records.size());
  for (FlashRecord& record : records) {
    const size_t bytes = record.payload.size();
    const Locator locator = Locator::Make(++last_id_, bytes);
    live_.emplace(locator.raw(), std::move(record));
    write_bytes_.emplace(locator.raw(), bytes);
    stats_.records += 1;
    stats_.live_payload_bytes += bytes;
    stats_.writes += 1;
    stats_.writes_in_flight += 1;
    stats_.write_bytes_in_flight += bytes;
    others_.push_back({FlashCompletion::Kind::kWrite, locator});
    locators.push_back(locator);
  }
  if (options_.stepping == Stepping::kImmediate) StepAll();
  return locators;
}

void SimulatedStore::SubmitReads(std::span<const Locator> locators, ReadPriority priority) {
  auto& queue = priority == ReadPriority::kClient ? client_reads_ : others_;
  for (const Locator locator : locators) queue.push_back({FlashCompletion::Kind::kRead, locator});
  stats_.reads += locators.size();
  stats_.reads_in_flight += locators.size();
  if (options_.stepping == Stepping::kImmediate) StepAll();
}

Result<FlashRecord> SimulatedStore::ReadNow(Locator locator) {
  stats_.reads += 1;
  auto found = Find(locator);
  if (found) return found;
  if (found.error().code() == StatusCode::kNotFound) {
    const auto it = retained_.find(locator.raw());
    if (it != retained_.end()) return it->second.record;
  }
  return found;
}

Result<FlashRecord> SimulatedStore::Find(Locator locator) {
  if (const auto fault = failing_reads_.find(locator.raw()); fault != failing_reads_.end()) {
    stats_.read_errors += 1;
    if (fault->second == StatusCode::kCorruption) stats_.corruptions += 1;
    return Status(fault->second, "injected read error");
  }
  const auto it = live_.find(locator.raw());
  if (it == live_.end()) return Status::NotFound("no such flash record");
  return it->second;
}

void SimulatedStore::Drop(uint64_t raw) {
  const auto it = live_.find(raw);
  if (it == live_.end()) return;
  stats_.records -= 1;
  stats_.live_payload_bytes -= it->second.payload.size();
  if (!pins_.empty()) retained_.emplace(raw, Retained{std::move(it->second), *pins_.rbegin()});
  live_.erase(it);
}

void SimulatedStore::Free(std::span<const Locator> locators) {
  stats_.frees += locators.size();
  for (const Locator locator : locators) Drop(locator.raw());
}

void SimulatedStore::Clear() {
  while (!live_.empty()) Drop(live_.begin()->first);
}

bool SimulatedStore::Move(Locator from) {
  const auto it = live_.find(from.raw());
  if (it == live_.end() || owner_ == nullptr) return false;
  FlashRecord copy = it->second;
  const std::optional<uint64_t> owner = owner_->OwnerOf(copy.owner, from);
  if (!owner) return false;
  copy.owner = *owner;
  const size_t bytes = copy.payload.size();
  const Locator to = Locator::Make(++last_id_, bytes);
  left_behind_.insert_or_assign(from.raw(), copy);
  live_.emplace(to.raw(), std::move(copy));
  stats_.records += 1;
  stats_.live_payload_bytes += bytes;
  const bool moved = owner_->Moved(*owner, from, to);
  Drop(moved ? from.raw() : to.raw());
  return moved;
}

PinToken SimulatedStore::Pin() {
  pins_.insert(++last_pin_);
  return last_pin_;
}

void SimulatedStore::Unpin(PinToken token) {
  TIDEMARK_CHECK(pins_.erase(token) == 1);
  std::erase_if(retained_,
                [this](const auto& item) { return pins_.empty() || *pins_.begin() > item.second.newest_pin; });
}

size_t SimulatedStore::Step(size_t count) {
  size_t finished = 0;
  while (finished < count && waiting() != 0) {
    auto& queue = client_reads_.empty() ? others_ : client_reads_;
    const Operation operation = queue.front();
    queue.pop_front();
    Finish(operation);
    ++finished;
  }
  return finished;
}

void SimulatedStore::Finish(const Operation& operation) {
  FlashCompletion completion;
  completion.kind = operation.kind;
  completion.locator = operation.locator;
  if (operation.kind == FlashCompletion::Kind::kRead) {
    stats_.reads_in_flight -= 1;
    auto found = Find(operation.locator);
    const auto left = left_behind_.find(operation.locator.raw());
    if (!found && left != left_behind_.end()) found = left->second;
    if (found) {
      completion.type_tag = found->type_tag;
      completion.payload = std::move(found->payload);
    } else {
      completion.status = found.error();
    }
  } else {
    const auto bytes = write_bytes_.extract(operation.locator.raw()).mapped();
    stats_.writes_in_flight -= 1;
    stats_.write_bytes_in_flight -= bytes;
    if (failing_writes_ > 0) {
      failing_writes_ -= 1;
      completion.status = Status(failing_writes_code_, "injected write error");
    } else if (options_.capacity_bytes != 0 && stats_.live_payload_bytes > options_.capacity_bytes) {
      completion.status = Status::NoSpace("the simulated tier is full");
    }
    if (completion.status.ok()) {
      stats_.payload_bytes_written += bytes;
      stats_.host_bytes_written += bytes;
    } else {
      stats_.write_errors += 1;
      Drop(operation.locator.raw());
      retained_.erase(operation.locator.raw());
    }
  }
  completions_.Push(std::move(completion));
}

size_t SimulatedStore::Reap(std::vector<FlashCompletion>& out, size_t max) {
  return completions_.Reap(out, max);
}

FlashStats SimulatedStore::Stats() const {
  FlashStats stats = stats_;
  stats.max_bytes = options_.capacity_bytes;
  stats.disk_bytes = stats_.live_payload_bytes;
  for (const auto& [raw, retained] : retained_) stats.disk_bytes += retained.record.payload.size();
  return stats;
}

void SimulatedStore::set_stepping(Stepping stepping) {
  options_.stepping = stepping;
  if (stepping == Stepping::kImmediate) StepAll();
}

void SimulatedStore::FailNextWrites(size_t count, StatusCode code) {
  failing_writes_ = count;
  failing_writes_code_ = code;
}

}  // namespace tidemark::tiering
