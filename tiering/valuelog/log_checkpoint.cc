// The part of ValueLogStore that makes checkpoints and takes up from one.
#include <algorithm>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "tiering/valuelog/log_description.h"
#include "tiering/valuelog/record.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

Status CannotResume(const Status& why) {
  return {why.code(), why.message() +
                          ". The append-only files name values that lie in the flash tier: bring tier-dir back to what "
                          "it was when they were written, or start from a snapshot (RDB) instead of them"};
}

}  // namespace

// --- making one

Result<StoreCheckpoint> ValueLogStore::BeginCheckpoint() {
  if (begun_) return Status::Unavailable("a checkpoint of the flash tier is being made already");
  if (earlier_) return Status::Unavailable("the flash tier is still being taken over from an earlier server");
  if (directory_ != nullptr) TIDEMARK_RETURN_IF_ERROR(directory_->NoteCheckpoint(options_.manifest));
  writer_.SealAll();
  WaitForDevice();
  StoreCheckpoint checkpoint;
  std::vector<uint32_t> wanted;
  for (uint32_t number = 0; number < segments_.size(); ++number) {
    Reconsider(number);
    const Segment& segment = segments_.at(number);
    const bool lives = segment.state != SegmentState::kUnused && segment.state != SegmentState::kDoomed;
    if (!lives || segment.live_records == 0 || segment.first >= segment.written) continue;
    wanted.push_back(number);
    const std::string path = device_->PathOf(segment.file);
    if (segment.dirty && !path.empty()) checkpoint.unsynced.push_back(path);
  }
  if (directory_ != nullptr) checkpoint.unsynced.push_back(options_.dir);
  checkpoint.pin = PinSegments(std::move(wanted));
  begun_ = checkpoint.pin;
  UpdateRoom();
  return checkpoint;
}

std::string ValueLogStore::DescribeCheckpoint(const StoreCheckpoint& checkpoint) const {
  LogDescription description{.segment_bytes = writer_.segment_bytes(), .numbers = {}, .account = account_};
  for (uint32_t number = 0; number < segments_.size(); ++number) {
    description.numbers.push_back({.generation = segments_.at(number).generation});
  }
  for (const uint32_t number : pins_.at(checkpoint.pin)) {
    const Segment& segment = segments_.at(number);
    description.numbers[number].segment = {.file = device_->SerialOf(segment.file),
                                           .bytes = segment.bytes,
                                           .written = segment.written,
                                           .first = segment.first,
                                           .live_records = segment.live_records,
                                           .total_weight = segment.total_weight,
                                           .detached = segment.detached.Words()};
  }
  return EncodeDescription(description);
}

void ValueLogStore::CheckpointLanded(const StoreCheckpoint& checkpoint) {
  TIDEMARK_CHECK(begun_ == checkpoint.pin);
  for (const uint32_t number : pins_.at(checkpoint.pin)) segments_.at(number).dirty = false;
  if (held_) Unpin(*held_);
  held_ = std::exchange(begun_, std::nullopt);
  UpdateRoom();
}

void ValueLogStore::CheckpointFailed(const StoreCheckpoint& checkpoint) {
  TIDEMARK_CHECK(begun_ == checkpoint.pin);
  Unpin(*std::exchange(begun_, std::nullopt));
  UpdateRoom();
}

void ValueLogStore::ForgetCheckpoint() {
  if (held_) Unpin(*std::exchange(held_, std::nullopt));
  if (directory_ != nullptr) directory_->ForgetCheckpoint();
  UpdateRoom();
}

// --- taking up from one

Status ValueLogStore::Resume(std::string_view bytes) {
  TIDEMARK_CHECK(segments_.size() == 0);
  Result<LogDescription> description = DecodeDescription(bytes);
  if (!description) return CannotResume(description.error());
  std::vector<uint32_t> kept;
  const PooledBuffer block(read_pool_, Device::kAlignment);
  for (const DescribedNumber& number : description->numbers) {
    if (!number.segment) {
      segments_.AddPast(number.generation);
      continue;
    }
    const DescribedSegment& described = *number.segment;
    const Result<uint32_t> file = device_->OpenFile(described.file, described.bytes);
    if (!file) return CannotResume(file.error());
    const int error = device_->ReadNow(*file, described.first, block.data(), Device::kAlignment);
    const std::string path = device_->PathOf(*file);
    if (error != 0)
      return CannotResume(Status::IoError("cannot read " + path + ": " + std::generic_category().message(error)));
    if (!PeekHeader({block.data(), Device::kAlignment}, number.generation)) {
      return CannotResume(Status::Corruption(path + " does not hold what the checkpoint names: at offset " +
                                             std::to_string(described.first) + " there is no record of generation " +
                                             std::to_string(number.generation)));
    }
    kept.push_back(static_cast<uint32_t>(segments_.size()));
    Segment& segment = segments_.Revive(number.generation, *file, described.bytes);
    segment.written = described.written;
    segment.first = described.first;
    segment.adoptable_records = described.live_records;
    segment.total_weight = described.total_weight;
    segment.detached = DetachedBodies::FromWords(described.detached);
    segment.sealed_us = Clock::MonotonicUs();
  }
  writer_.NoteEarlierSegments(description->segment_bytes);
  earlier_ = description->account;
  held_ = PinSegments(std::move(kept));
  UpdateRoom();
  return Status::Ok();
}

Status ValueLogStore::Adopt(Locator locator) {
  const Place place = Place::Of(locator);
  const Segment* const segment = segments_.Find(place);
  const bool there = earlier_ && segment != nullptr && segment->state == SegmentState::kSealed &&
                     segments_.AdoptRecord(place.segment, locator);
  if (!there) return Status::NotFound("the flash tier holds no such record");
  account_.Add(locator, earlier_->Remove(locator));
  return Status::Ok();
}

void ValueLogStore::EndAdoption() {
  if (!earlier_) return;
  earlier_.reset();
  for (uint32_t number = 0; number < segments_.size(); ++number) {
    segments_.at(number).adoptable_records = 0;
    Reconsider(number);
  }
  UpdateRoom();
}

}  // namespace tidemark::tiering
