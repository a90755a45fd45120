#include "tiering/valuelog/segment_cleaner.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "tiering/valuelog/record.h"

namespace tidemark::tiering {

SegmentCleaner::SegmentCleaner(Device& device, SegmentTable& segments, LogWriter& writer)
    : device_(device), segments_(segments), writer_(writer) {}

void SegmentCleaner::Start(uint32_t victim) {
  TIDEMARK_CHECK(!busy());
  victim_ = victim;
  segments_.at(victim).state = SegmentState::kCleaning;
  at_ = 0;
  piece_offset_ = 0;
  piece_bytes_ = 0;
  starved_ = false;
  damaged_ = false;
  failed_ = false;
  moves_outstanding_ = 0;
}

void SegmentCleaner::Abandon() {
  starved_ = false;
  victim_ = SegmentTable::kNone;
  moves_outstanding_ = 0;
  abandoned_read_ = reading_;
}

void SegmentCleaner::StartRead(size_t bytes) {
  Segment& segment = segments_.at(victim_);
  piece_offset_ = AlignDown(at_);
  piece_bytes_ = 0;
  const size_t wanted = std::min<uint64_t>(AlignUp(std::max(bytes, kPieceBytes)), segment.written - piece_offset_);
  if (memory_.bytes < wanted || memory_.bytes > 4 * kPieceBytes) {
    memory_ = MakeAligned(std::max(wanted, kPieceBytes));
  }
  reading_ = true;
  asked_bytes_ = wanted;
  ++segment.reads;
  read_bytes_ += wanted;
  device_.Submit({.kind = DeviceOperation::Kind::kRead,
                  .file = segment.file,
                  .offset = piece_offset_,
                  .data = memory_.data.get(),
                  .bytes = wanted,
                  .tag = uint64_t{victim_} << kVictimShift | kReadTag});
}

void SegmentCleaner::OnRead(int error) {
  reading_ = false;
  if (std::exchange(abandoned_read_, false)) return;
  if (error != 0) {
    failed_ = true;
    return;
  }
  piece_bytes_ = asked_bytes_;
}

void SegmentCleaner::OnMoved(Locator from, bool well) {
  // Of a victim that was given up.
  if (!busy() || Place::Of(from).segment != victim_ || moves_outstanding_ == 0) return;
  --moves_outstanding_;
  // What could not be written elsewhere stays where it is.
  if (!well) failed_ = true;
}

std::optional<SegmentCleaner::Progress> SegmentCleaner::TakeRecord(RecordOwner& owner) {
  const Segment& segment = segments_.at(victim_);
  const size_t skipped = at_ - piece_offset_;
  if (skipped >= piece_bytes_) {
    StartRead(kPieceBytes);
    return Progress::kWaiting;
  }
  const std::string_view bytes(memory_.data.get() + skipped, piece_bytes_ - skipped);
  if (bytes[0] == 0) {
    at_ = AlignUp(at_ + 1);
    return std::nullopt;
  }
  if (bytes.size() < sizeof(RecordHeader)) {
    StartRead(kPieceBytes);
    return Progress::kWaiting;
  }
  const std::optional<RecordHeader> header = PeekHeader(bytes, segment.generation);
  const size_t record_bytes = header ? RecordBytes(header->body_bytes) : 0;
  if (!header || at_ + record_bytes > segment.written) {
    damaged_ = true;
    return std::nullopt;
  }
  if (record_bytes > bytes.size()) {
    StartRead(record_bytes + Device::kAlignment);
    return Progress::kWaiting;
  }
  const Locator from = Locator::Make(Place{segment.generation, victim_, at_}.EngineBits(), header->payload_bytes);
  if (const std::optional<uint64_t> now = owner.OwnerOf(header->owner, from)) {
    // A damaged record stays, for its reader to be told.
    if (!VerifyRecord(bytes, *header)) {
      damaged_ = true;
      return std::nullopt;
    }
    RecordHeader moved = *header;
    moved.owner = *now;
    const bool placed = writer_
                            .Append(LogStream::kMoved, moved, bytes.substr(sizeof(RecordHeader), header->body_bytes),
                                    header->compressed(), header->payload_bytes, from)
                            .has_value();
    starved_ = !placed;
    if (!placed) return Progress::kWaiting;
    ++moves_outstanding_;
    ++moved_records_;
    moved_bytes_ += record_bytes;
  }
  at_ += (record_bytes + Place::kGranuleBytes - 1) / Place::kGranuleBytes * Place::kGranuleBytes;
  return std::nullopt;
}

SegmentCleaner::Progress SegmentCleaner::Finish(Progress how) {
  if (how == Progress::kEmptied) ++segments_cleaned_;
  victim_ = SegmentTable::kNone;
  return how;
}

SegmentCleaner::Progress SegmentCleaner::Step(RecordOwner& owner) {
  if (reading_) return Progress::kWaiting;
  for (int taken = 0; !failed_ && !damaged_ && at_ < segments_.at(victim_).written; ++taken) {
    if (writer_.writes_in_flight() * LogWriter::kBufferBytes > kMovesInFlightMax) return Progress::kWaiting;
    if (taken == kRecordsPerStep) return Progress::kMore;
    if (const std::optional<Progress> stopped = TakeRecord(owner)) return *stopped;
  }
  // What has been appended is on its way, and with it the answer.
  if (moves_outstanding_ > 0) return Progress::kWaiting;
  return Finish(damaged_ ? Progress::kDamaged : failed_ ? Progress::kFailed : Progress::kEmptied);
}

}  // namespace tidemark::tiering
