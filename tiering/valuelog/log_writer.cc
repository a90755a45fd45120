#include "tiering/valuelog/log_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/clock.h"

namespace tidemark::tiering {
namespace {

constexpr size_t kBuffersKept = 16;
constexpr int64_t kFullRetryUs = 1'000'000;
// A buffer with less waits a while for more: what a write is padded with is lost space.
constexpr size_t kWorthWriting = 64 * 1024;
constexpr int64_t kWaitUs = 5'000;
// What is left of a segment when it is sealed goes back to the file system if it is more than this part.
constexpr uint64_t kTailShare = 16;

}  // namespace

std::vector<WrittenRecord>::iterator WriteBuffer::FirstRecordAt(uint64_t place) {
  const auto before = [](const WrittenRecord& record, uint64_t at) { return Place::Of(record.locator).offset < at; };
  // Nearly always the next one.
  if (records.empty() || before(records.back(), place)) return records.end();
  return std::lower_bound(records.begin(), records.end(), place, before);
}

LogWriter::LogWriter(Device& device, SegmentTable& segments, const Options& options)
    : device_(device), segments_(segments), spares_(device), options_(options), pool_(kBufferBytes, kBuffersKept) {}

LogWriter::~LogWriter() = default;

uint64_t LogWriter::FreeBytes() const {
  if (options_.max_bytes == 0) return UINT64_MAX;
  return options_.max_bytes - std::min(options_.max_bytes, segments_.total_bytes());
}

uint64_t LogWriter::FreeOnDiskBytes() const {
  if (options_.max_bytes == 0) return UINT64_MAX;
  return FreeBytes() - std::min(FreeBytes(), device_.leaving_bytes() + spares_.total_bytes());
}

bool LogWriter::HasRoom() const {
  const Open& open = open_[static_cast<size_t>(LogStream::kFresh)];
  // Enough for what may be handed over before the next look.
  if (open.segment != SegmentTable::kNone && open.cursor + 2 * kBufferBytes <= segments_.at(open.segment).bytes) {
    return true;
  }
  if (MayTakeSpare(LogStream::kFresh, 0)) return true;
  // Nothing is made ahead for what holds nothing, and whoever writes is to hear of a device that fails.
  const bool to_be_made = segments_.total_bytes() == 0 || spares_.fail();
  return to_be_made && FreeOnDiskBytes() >= (kReservedSegments + 1) * options_.segment_bytes;
}

void LogWriter::MakeAhead() {
  if (segments_.total_bytes() == 0 && spares_.total_bytes() == 0) return;
  if (segments_.total_bytes() == 0) spares_.Drop();
  const uint64_t bytes = NewSegmentBytes();
  const bool may = segments_.total_bytes() != 0 && FreeOnDiskBytes() >= bytes;
  spares_.Make(may ? kReservedSegments + 1 : 0, bytes, Clock::MonotonicUs());
}

bool LogWriter::device_full(int64_t now_us) const {
  return now_us < device_full_until_us_ || (spares_.lack_space() && !HasRoom());
}

void LogWriter::NoteDeviceFull() {
  device_full_until_us_ = Clock::MonotonicUs() + kFullRetryUs;
}

void LogWriter::ChangeOptions(const Options& options) {
  if (options.segment_bytes < options_.segment_bytes) {
    larger_segment_bytes_ = std::max(larger_segment_bytes_, options_.segment_bytes);
  }
  options_ = options;
  // They may be larger than those to come, or beyond the limit.
  spares_.Drop();
  const bool reserved = FreeBytes() >= (kReservedSegments + 1) * options_.segment_bytes;
  lowered_from_bytes_ = reserved ? 0 : segments_.total_bytes();
}

void LogWriter::NoteEarlierSegments(uint64_t segment_bytes) {
  Options earlier = options_;
  earlier.segment_bytes = segment_bytes;
  const Options now = std::exchange(options_, earlier);
  ChangeOptions(now);
}

bool LogWriter::MayExceed(uint64_t bytes, Locator moved_from) {
  if (FreeBytes() >= (kReservedSegments + 1) * options_.segment_bytes) lowered_from_bytes_ = 0;
  const uint64_t victim_bytes = segments_.at(Place::Of(moved_from).segment).bytes;
  const bool larger = victim_bytes > options_.segment_bytes && victim_bytes <= larger_segment_bytes_;
  const uint64_t most = std::max(options_.max_bytes, lowered_from_bytes_) +
                        (kReservedSegments + 1) * std::max(options_.segment_bytes, larger_segment_bytes_);
  return (larger || lowered_from_bytes_ != 0) && segments_.total_bytes() + bytes <= most;
}

uint64_t LogWriter::NewSegmentBytes() const {
  constexpr uint64_t kLeast = uint64_t{2} << 20;
  constexpr uint64_t kShare = 64;
  if (options_.max_bytes != 0) return options_.segment_bytes;
  return AlignDown(
      std::clamp(segments_.total_bytes() / kShare, std::min(kLeast, options_.segment_bytes), options_.segment_bytes));
}

bool LogWriter::MayTakeSpare(LogStream stream, uint64_t bytes) const {
  if (!spares_.Has(bytes)) return false;
  if (stream == LogStream::kMoved) return true;
  return spares_.count() > kReservedSegments && WillHaveRoom();
}

Result<SpareSegment> LogWriter::FileFor(LogStream stream, uint64_t bytes, Locator moved_from) {
  const Status full = Status::NoSpace("the flash tier is full");
  if (MayTakeSpare(stream, bytes)) return spares_.Take(bytes);
  const bool ordinary = bytes <= NewSegmentBytes();
  // The cleaner can wait.
  if (ordinary && stream == LogStream::kMoved && (spares_.making() || device_full(Clock::MonotonicUs()))) return full;
  const uint64_t wanted = std::max(NewSegmentBytes(), bytes);
  const uint64_t reserve = stream == LogStream::kMoved ? 0 : kReservedSegments * options_.segment_bytes;
  // HasRoom sees to it that the reserve is free on disk too, as far as one batch of records does not need it.
  const bool fits = FreeBytes() >= reserve && FreeBytes() - reserve >= wanted && FreeOnDiskBytes() >= wanted;
  if (!fits && !(moved_from.valid() && MayExceed(wanted, moved_from))) return full;
  const Result<uint32_t> file = device_.CreateFile(wanted);
  if (!file) {
    if (file.error().code() == StatusCode::kNoSpace) NoteDeviceFull();
    return file.error();
  }
  return SpareSegment{*file, wanted};
}

bool LogWriter::OpenSegment(LogStream stream, uint64_t bytes, Locator moved_from) {
  const Result<SpareSegment> file = FileFor(stream, bytes, moved_from);
  if (!file) {
    why_not_ = file.error();
    return false;
  }
  const uint32_t segment = segments_.Add(file->file, file->bytes);
  if (segment == SegmentTable::kNone) {
    device_.RemoveFile(file->file);
    why_not_ = Status::NoSpace("the flash tier has as many segments as it can name");
    return false;
  }
  open_[static_cast<size_t>(stream)] = {segment, 0, nullptr};
  return true;
}

LogWriter::Slot LogWriter::SlotFor(const WriteBuffer& buffer, size_t body_bytes, bool detach) {
  // What may be lost of a record's size, that its reader need not read a block more.
  constexpr size_t kShareLost = 16;
  if (detach) {
    const size_t header_bytes = sizeof(DetachedHeader);
    const bool in_gap = buffer.gap_bytes() >= header_bytes;
    const size_t end = in_gap ? buffer.used : buffer.used + header_bytes;
    const size_t body = AlignUp(end);
    const size_t other_gap = buffer.gap_bytes() - (in_gap ? header_bytes : 0);
    // Of two gaps one is forgotten.
    if (std::min(body - end, other_gap) <= body_bytes / kShareLost) {
      return {in_gap ? buffer.gap_begin : buffer.used, body, body + AlignUp(body_bytes)};
    }
  }
  const size_t bytes = ToGranule(RecordBytes(body_bytes));
  if (bytes <= buffer.gap_bytes()) return {buffer.gap_begin, std::nullopt, buffer.gap_begin + bytes};
  // Reads are of whole blocks: a record that would touch one more than it must begins with the next.
  const size_t next_block = AlignUp(buffer.used);
  const bool one_more = AlignUp(buffer.used + bytes) - AlignDown(buffer.used) > AlignUp(bytes);
  const bool cheap = next_block - buffer.used <= bytes / kShareLost;
  const size_t start = one_more && cheap ? next_block : buffer.used;
  return {start, std::nullopt, start + bytes};
}

bool LogWriter::Fits(const WriteBuffer& buffer, const Slot& slot) {
  // Behind a record that is larger than other segments are, no locator can lead.
  const uint64_t place = buffer.offset + slot.body.value_or(slot.start);
  return slot.end <= buffer.capacity && place < Place::kMaxSegmentBytes;
}

bool LogWriter::OpenBuffer(LogStream stream, size_t bytes, Locator moved_from) {
  Open& open = open_[static_cast<size_t>(stream)];
  if (open.segment != SegmentTable::kNone && open.cursor + bytes > segments_.at(open.segment).bytes) Seal(open);
  if (open.segment == SegmentTable::kNone && !OpenSegment(stream, bytes, moved_from)) {
    return false;
  }
  const uint64_t left = segments_.at(open.segment).bytes - open.cursor;
  open.buffer = std::make_unique<WriteBuffer>();
  open.buffer->segment = open.segment;
  open.buffer->offset = open.cursor;
  open.buffer->capacity = std::min(left, std::max<uint64_t>(bytes, kBufferBytes));
  open.buffer->memory = pool_.Take(open.buffer->capacity);
  open.buffer->begun_us = Clock::MonotonicUs();
  return true;
}

std::optional<Locator> LogWriter::Append(LogStream stream, RecordHeader header, std::string_view body, bool compressed,
                                         size_t payload_bytes, Locator moved_from) {
  const bool detach = !compressed && GainsByDetaching(payload_bytes);
  Open& open = open_[static_cast<size_t>(stream)];
  Slot slot;
  if (open.buffer != nullptr) {
    slot = SlotFor(*open.buffer, body.size(), detach);
    if (!Fits(*open.buffer, slot)) Submit(open);
  }
  if (open.buffer == nullptr) {
    slot = SlotFor({}, body.size(), detach);
    if (!OpenBuffer(stream, AlignUp(slot.end), moved_from)) return {};
  }
  WriteBuffer& buffer = *open.buffer;
  Segment& segment = segments_.at(open.segment);
  header.generation = static_cast<uint16_t>(segment.generation);
  const size_t offset = slot.body.value_or(slot.start);
  if (slot.body) {
    segment.detached.Add(PutDetached(buffer, slot, header, body));
  } else {
    Put(buffer, slot, header, body, compressed, payload_bytes);
  }
  const Place place{segment.generation, open.segment, buffer.offset + offset};
  const Locator locator = Locator::Make(place.EngineBits(), payload_bytes);
  buffer.records.insert(buffer.FirstRecordAt(place.offset), {locator, moved_from, header.owner, payload_bytes});
  segments_.AddRecord(open.segment, locator);
  ++segment.writes;
  return locator;
}

void LogWriter::Put(WriteBuffer& buffer, const Slot& slot, const RecordHeader& header, std::string_view body,
                    bool compressed, size_t payload_bytes) {
  char* const memory = buffer.memory.data.get();
  const bool in_gap = slot.start < buffer.used;
  if (!in_gap) std::memset(memory + buffer.used, 0, slot.start - buffer.used);
  WriteRecord(header, body, compressed, payload_bytes, memory + slot.start);
  const size_t end = slot.start + RecordBytes(body.size());
  std::memset(memory + end, 0, slot.end - end);
  (in_gap ? buffer.gap_begin : buffer.used) = slot.end;
}

DetachedBody LogWriter::PutDetached(WriteBuffer& buffer, const Slot& slot, const RecordHeader& header,
                                    std::string_view body) {
  char* const memory = buffer.memory.data.get();
  const bool in_gap = slot.start < buffer.used;
  (in_gap ? buffer.gap_begin : buffer.used) = slot.start + sizeof(DetachedHeader);
  std::memset(memory + buffer.used, 0, *slot.body - buffer.used);
  if (*slot.body - buffer.used > buffer.gap_bytes()) {
    buffer.gap_begin = buffer.used;
    buffer.gap_end = *slot.body;
  }
  buffer.used = slot.end;
  return WriteDetached(header, body, buffer.offset + *slot.body, memory + slot.start, memory + *slot.body);
}

void LogWriter::Submit(Open& open) {
  WriteBuffer& buffer = *open.buffer;
  const size_t bytes = AlignUp(buffer.used);
  std::memset(buffer.memory.data.get() + buffer.used, 0, bytes - buffer.used);
  open.cursor += bytes;
  segments_.at(open.segment).written = open.cursor;
  segments_.at(open.segment).dirty = true;
  auto unused = std::find(submitted_.begin(), submitted_.end(), nullptr);
  if (unused == submitted_.end()) unused = submitted_.emplace(unused);
  const auto index = static_cast<uint64_t>(unused - submitted_.begin());
  device_.Submit({.kind = DeviceOperation::Kind::kWrite,
                  .file = segments_.at(open.segment).file,
                  .offset = buffer.offset,
                  .data = buffer.memory.data.get(),
                  .bytes = bytes,
                  .tag = index << kTagShift | kWriteTag});
  submitted_bytes_ += bytes;
  ++in_flight_;
  *unused = std::move(open.buffer);
}

void LogWriter::Seal(Open& open) {
  Segment& segment = segments_.at(open.segment);
  segment.state = SegmentState::kSealed;
  segment.sealed_us = Clock::MonotonicUs();
  segment.detached.Close();
  // Records that are not much smaller than a segment would leave a good part of each unused.
  if (segment.bytes - open.cursor > segment.bytes / kTailShare) {
    device_.ShrinkFile(segment.file, open.cursor);
    segments_.Shrink(open.segment, open.cursor);
    NoteSpaceBack();
  }
  open = {};
}

void LogWriter::Flush(bool all) {
  if (!holds_unsubmitted()) return;
  const int64_t now_us = Clock::MonotonicUs();
  for (Open& open : open_) {
    if (open.buffer == nullptr) continue;
    if (all || open.buffer->used >= kWorthWriting || now_us - open.buffer->begun_us >= kWaitUs) Submit(open);
  }
}

bool LogWriter::holds_unsubmitted() const {
  return std::any_of(open_.begin(), open_.end(), [](const Open& open) { return open.buffer != nullptr; });
}

void LogWriter::SealAll() {
  Flush(true);
  for (Open& open : open_) {
    if (open.segment != SegmentTable::kNone) Seal(open);
  }
}

std::unique_ptr<WriteBuffer> LogWriter::Take(uint64_t index) {
  --in_flight_;
  return std::move(submitted_[index]);
}

void LogWriter::Recycle(std::unique_ptr<WriteBuffer> buffer) {
  pool_.Give(std::move(buffer->memory));
}

WriteBuffer* LogWriter::BufferAt(const Place& place) const {
  const auto holds = [&](const std::unique_ptr<WriteBuffer>& buffer) {
    return buffer != nullptr && buffer->segment == place.segment && place.offset >= buffer->offset &&
           place.offset < buffer->offset + buffer->used;
  };
  for (const Open& open : open_) {
    if (holds(open.buffer)) return open.buffer.get();
  }
  for (const auto& buffer : submitted_) {
    if (holds(buffer)) return buffer.get();
  }
  return nullptr;
}

std::optional<std::string_view> LogWriter::InBuffer(const Place& place) const {
  const WriteBuffer* const buffer = BufferAt(place);
  if (buffer == nullptr) return std::nullopt;
  const size_t start = place.offset - buffer->offset;
  return std::string_view(buffer->memory.data.get() + start, buffer->used - start);
}

void LogWriter::MarkFreed(const Place& place) {
  WriteBuffer* const buffer = BufferAt(place);
  if (buffer == nullptr) return;
  const auto record = buffer->FirstRecordAt(place.offset);
  if (record != buffer->records.end() && Place::Of(record->locator).offset == place.offset) record->freed = true;
}

}  // namespace tidemark::tiering
