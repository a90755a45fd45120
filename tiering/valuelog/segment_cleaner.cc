#include "tiering/valuelog/segment_cleaner.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/crc32c.h"
#include "tiering/valuelog/record.h"

namespace tidemark::tiering {

SegmentCleaner::SegmentCleaner(Device& device, SegmentTable& segments, LogWriter& writer)
    : device_(device), segments_(segments), writer_(writer) {}

void SegmentCleaner::Start(uint32_t victim) {
  TIDEMARK_CHECK(!busy());
  victim_ = victim;
  segments_.at(victim).state = SegmentState::kCleaning;
  at_ = 0;
  ahead_.Clear();
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

std::optional<SegmentCleaner::Progress> SegmentCleaner::ReadOn(size_t bytes) {
  if (at_ + bytes > segments_.at(victim_).written) return FindDamage();
  StartRead(bytes + (at_ - AlignDown(at_)));
  return Progress::kWaiting;
}

std::optional<SegmentCleaner::Progress> SegmentCleaner::FindDamage() {
  damaged_ = true;
  return std::nullopt;
}

std::optional<SegmentCleaner::Progress> SegmentCleaner::TakeNext(RecordOwner& owner) {
  const size_t skipped = at_ - piece_offset_;
  if (skipped >= piece_bytes_) return ReadOn(1);
  const std::string_view bytes(memory_.data.get() + skipped, piece_bytes_ - skipped);
  if (ahead_.IsAt(at_)) return TakeDetached(owner, bytes);
  if (bytes[0] != 0) return TakeRecord(owner, bytes);
  at_ = AlignUp(at_ + 1);
  return std::nullopt;
}

std::optional<SegmentCleaner::Progress> SegmentCleaner::TakeRecord(RecordOwner& owner, std::string_view bytes) {
  const Segment& segment = segments_.at(victim_);
  if (bytes.size() < sizeof(RecordHeader)) return ReadOn(sizeof(RecordHeader));
  const std::optional<RecordHeader> header = PeekHeader(bytes, segment.generation);
  if (!header) return FindDamage();
  if (header->detached()) {
    if (bytes.size() < sizeof(DetachedHeader)) return ReadOn(sizeof(DetachedHeader));
    const std::optional<DetachedHeader> detached = ReadDetachedHeader(bytes, segment.generation);
    if (!detached || !ahead_.Add(*detached, at_, segment.written)) return FindDamage();
    at_ += sizeof(DetachedHeader);
    return std::nullopt;
  }
  const size_t record_bytes = RecordBytes(header->body_bytes);
  if (at_ + record_bytes > ahead_.NextOr(segment.written)) return FindDamage();
  if (record_bytes > bytes.size()) return ReadOn(record_bytes);
  const Locator from = Locator::Make(Place{segment.generation, victim_, at_}.EngineBits(), header->payload_bytes);
  if (const std::optional<uint64_t> now = owner.OwnerOf(header->owner, from)) {
    // A damaged record stays, for its reader to be told.
    if (!VerifyRecord(bytes, *header)) return FindDamage();
    const std::string_view body = bytes.substr(sizeof(RecordHeader), header->body_bytes);
    if (const auto stopped = Move(*now, from, *header, body)) return stopped;
  }
  at_ = ToGranule(at_ + record_bytes);
  return std::nullopt;
}

std::optional<SegmentCleaner::Progress> SegmentCleaner::TakeDetached(RecordOwner& owner, std::string_view bytes) {
  const Segment& segment = segments_.at(victim_);
  const DetachedHeader& header = ahead_.front();
  const size_t body_bytes = header.record.body_bytes;
  if (body_bytes > bytes.size()) return ReadOn(body_bytes);
  const Locator from = Locator::Make(Place{segment.generation, victim_, at_}.EngineBits(), body_bytes);
  if (const std::optional<uint64_t> now = owner.OwnerOf(header.record.owner, from)) {
    const std::string_view body = bytes.substr(0, body_bytes);
    if (Crc32c(body) != header.body_crc) return FindDamage();
    if (const auto stopped = Move(*now, from, header.record, body)) return stopped;
  }
  at_ = header.body_end();
  ahead_.Pop();
  return std::nullopt;
}

std::optional<SegmentCleaner::Progress> SegmentCleaner::Move(uint64_t owner, Locator from, const RecordHeader& header,
                                                             std::string_view body) {
  RecordHeader moved = header;
  moved.owner = owner;
  starved_ =
      !writer_.Append(LogStream::kMoved, moved, body, header.compressed(), header.payload_bytes, from).has_value();
  if (starved_) return Progress::kWaiting;
  ++moves_outstanding_;
  ++moved_records_;
  moved_bytes_ += RecordBytes(header.body_bytes);
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
    if (const std::optional<Progress> stopped = TakeNext(owner)) return *stopped;
  }
  // What has been appended is on its way, and with it the answer.
  if (moves_outstanding_ > 0) return Progress::kWaiting;
  return Finish(damaged_ ? Progress::kDamaged : failed_ ? Progress::kFailed : Progress::kEmptied);
}

}  // namespace tidemark::tiering
