// Reads of the value log: one of the device for each record.
#include <algorithm>
#include <utility>

#include "tiering/device/device_error.h"
#include "tiering/valuelog/record.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

// Reads begin while the buffers of those under way take less than this. More at once is not faster, and each takes at
// least kReadBufferBytes of RAM, however small the value.
constexpr size_t kReadingBytesMax = size_t{8} << 20;
// The device begins with the first of many reads while the others are still being asked for: it is told of as many as
// it is busy with, but of no fewer than these. Each time costs some microseconds.
constexpr size_t kLeastReadsPerKick = 8;

Status Freed() {
  return Status::NotFound("the flash record has been freed");
}

}  // namespace

ValueLogStore::Extent ValueLogStore::ExtentOf(const Place& place, const Segment& segment, Locator locator) {
  const uint64_t first = AlignDown(place.offset);
  const size_t payload_bytes = locator.max_payload_bytes();
  const bool detached = segment.detached.Find(place.offset).has_value();
  const size_t bytes = detached ? payload_bytes : RecordBytes(payload_bytes);
  const uint64_t end = std::min(AlignUp(place.offset + bytes), segment.written);
  return {first, static_cast<size_t>(place.offset - first), static_cast<size_t>(end - first)};
}

Result<RecordView> ValueLogStore::ViewAt(const Segment& segment, Locator locator, std::string_view bytes) {
  const std::optional<DetachedBody> detached = segment.detached.Find(Place::Of(locator).offset);
  if (!detached) return ViewRecord(bytes, segment.generation);
  return ViewDetached(bytes, locator.max_payload_bytes() - detached->padding, *detached);
}

Result<FlashRecord> ValueLogStore::CopyAt(const Segment& segment, Locator locator, std::string_view bytes) {
  const Result<RecordView> record = ViewAt(segment, locator, bytes);
  if (!record) return record.error();
  return record->Copy();
}

FlashCompletion& ValueLogStore::AddCompletedRead(Locator locator) {
  FlashCompletion& completion = done_.emplace_back();
  completion.kind = FlashCompletion::Kind::kRead;
  completion.locator = locator;
  return completion;
}

void ValueLogStore::CompleteNow(Locator locator, Result<FlashRecord> record) {
  if (!HasDone()) device_->Signal();
  FlashCompletion& completion = AddCompletedRead(locator);
  if (record) {
    completion.type_tag = record->type_tag;
    completion.payload = std::move(record->payload);
  } else {
    completion.status = record.error();
  }
}

void ValueLogStore::SubmitReads(std::span<const Locator> locators, ReadPriority) {
  counters_.reads += locators.size();
  counters_.reads_in_flight += locators.size();
  for (const Locator locator : locators) {
    const Place place = Place::Of(locator);
    Segment* const segment = segments_.Find(place);
    if (segment == nullptr || segment->state == SegmentState::kDoomed) {
      CompleteNow(locator, Freed());
      continue;
    }
    if (segment->writes > 0) {
      if (const auto bytes = writer_.InBuffer(place)) {
        CompleteNow(locator, CopyAt(*segment, locator, *bytes));
        continue;
      }
    }
    ++segment->reads;
    queued_reads_.push_back(locator);
  }
  StartReads();
}

void ValueLogStore::StartReads() {
  for (; !queued_reads_.empty() && reading_bytes_ < kReadingBytesMax; queued_reads_.pop_front()) {
    const Locator locator = queued_reads_.front();
    const Place place = Place::Of(locator);
    const Segment& segment = segments_.at(place.segment);
    uint32_t slot = static_cast<uint32_t>(reads_.size());
    if (free_reads_.empty()) {
      reads_.emplace_back();
    } else {
      slot = free_reads_.back();
      free_reads_.pop_back();
    }
    const Extent extent = ExtentOf(place, segment, locator);
    reads_[slot] = {locator, PooledBuffer(read_pool_, extent.bytes), extent.skip, extent.bytes};
    reading_bytes_ += reads_[slot].memory.bytes();
    device_->Submit({.kind = DeviceOperation::Kind::kRead,
                     .file = segment.file,
                     .offset = extent.offset,
                     .data = reads_[slot].memory.data(),
                     .bytes = extent.bytes,
                     .tag = uint64_t{slot} << LogWriter::kTagShift | kReadTag});
    counters_.device_reads += 1;
    counters_.device_read_bytes += extent.bytes;
    ++unkicked_reads_;
    const size_t under_way = device_->in_flight() - unkicked_reads_;
    if (unkicked_reads_ >= std::max(kLeastReadsPerKick, under_way)) KickDevice();
  }
}

void ValueLogStore::KickDevice() {
  unkicked_reads_ = 0;
  device_->Kick();
}

Status ValueLogStore::TakeRecord(const Segment& segment, Read& read, FlashCompletion& completion) const {
  // A buffer may stay with the value for long: many are kept for reads. One made for the occasion counts as the store's
  // memory, which is not held against maxmemory; the value's copy is.
  constexpr size_t kSpare = kReadBuffersKept / 2;
  const std::string_view bytes(read.memory.data() + read.skip, read.bytes - read.skip);
  const Result<RecordView> record = ViewAt(segment, read.locator, bytes);
  if (!record) return record.error();
  completion.type_tag = record->type_tag;
  if (!record->compressed && read.memory.of_block() && read_pool_.spare_parts() > kSpare) {
    completion.payload = Payload(record->body, std::move(read.memory));
    return Status::Ok();
  }
  Result<std::string> copy = record->CopyPayload();
  if (!copy) return copy.error();
  completion.payload = std::move(*copy);
  return Status::Ok();
}

void ValueLogStore::FinishRead(uint64_t slot, int error) {
  Read& read = reads_[slot];
  const uint32_t number = Place::Of(read.locator).segment;
  Segment& segment = segments_.at(number);
  reading_bytes_ -= read.memory.bytes();
  FlashCompletion& completion = AddCompletedRead(read.locator);
  if (error != 0) {
    completion.status = DeviceFailed("reading from", error);
  } else {
    completion.status = TakeRecord(segment, read, completion);
  }
  read.memory.Reset();
  free_reads_.push_back(static_cast<uint32_t>(slot));
  if (--segment.reads == 0 && segment.state == SegmentState::kDoomed) RemoveIfFree(number);
  StartReads();
}

Result<FlashRecord> ValueLogStore::ReadNow(Locator locator) {
  counters_.reads += 1;
  const Place place = Place::Of(locator);
  const Segment* const segment = segments_.Find(place);
  if (segment != nullptr && !writer_.InBuffer(place)) {
    counters_.device_reads += 1;
    counters_.device_read_bytes += ExtentOf(place, *segment, locator).bytes;
  }
  Result<FlashRecord> record = ReadQuietly(locator, read_pool_);
  CountRead(record ? Status::Ok() : record.error());
  return record;
}

Result<FlashRecord> ValueLogStore::ReadQuietly(Locator locator, BufferPool& pool) const {
  const Place place = Place::Of(locator);
  const Segment* const segment = segments_.Find(place);
  if (segment == nullptr) return Freed();
  if (const auto bytes = writer_.InBuffer(place)) return CopyAt(*segment, locator, *bytes);
  const Extent extent = ExtentOf(place, *segment, locator);
  const PooledBuffer memory(pool, extent.bytes);
  const int error = device_->ReadNow(segment->file, extent.offset, memory.data(), extent.bytes);
  if (error != 0) return DeviceFailed("reading from", error);
  return CopyAt(*segment, locator, {memory.data() + extent.skip, extent.bytes - extent.skip});
}

void ValueLogStore::CountRead(const Status& status) {
  if (status.ok() || status.code() == StatusCode::kNotFound) return;
  counters_.read_errors += 1;
  if (status.code() == StatusCode::kCorruption) counters_.corruptions += 1;
}

}  // namespace tidemark::tiering
