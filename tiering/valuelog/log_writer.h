// Puts records into the open segments: packs them in buffers, writes those, opens and seals segments.
//
// Records that will probably die together share a segment: one is open for each Stream. Owned by one thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tiering/device/aligned_buffer.h"
#include "tiering/device/device.h"
#include "tiering/space/segment_table.h"
#include "tiering/valuelog/record.h"
#include "tiering/valuelog/spare_segments.h"

namespace tidemark::tiering {

enum class LogStream : uint8_t { kFresh, kShortLived, kMoved };

// What is to be told when a record has been written.
struct WrittenRecord {
  Locator locator;
  Locator moved_from;  // invalid: a fresh one
  uint64_t owner = 0;
  size_t payload_bytes = 0;
  bool freed = false;  // before it was written
};

// Part of a segment, being filled or written.
struct WriteBuffer {
  uint32_t segment = 0;
  uint64_t offset = 0;  // in the segment, aligned
  AlignedBuffer memory;
  size_t capacity = 0;  // of the memory, and of what is left of the segment
  size_t used = 0;
  // Zeros that a detached body has left behind by beginning with the next block: what fits goes there.
  size_t gap_begin = 0;
  size_t gap_end = 0;
  int64_t begun_us = 0;
  std::vector<WrittenRecord> records;  // by where they lie

  size_t gap_bytes() const { return gap_end - gap_begin; }
  // The first one at this offset of the segment or behind it.
  std::vector<WrittenRecord>::iterator FirstRecordAt(uint64_t offset);
};

class LogWriter {
 public:
  struct Options {
    uint64_t segment_bytes = uint64_t{32} << 20;
    uint64_t max_bytes = 0;  // of all segments; 0: no limit
  };
  // Segments that only the cleaner may open, so that it can always go on.
  static constexpr uint64_t kReservedSegments = 2;
  static constexpr size_t kBufferBytes = 256 * 1024;

  LogWriter(Device& device, SegmentTable& segments, const Options& options);
  ~LogWriter();

  // Sees to files for the segments to come. Call once a turn.
  void MakeAhead();
  // Adds a record; `header` has type, owner. Empty if there is no place for it: why_not says why.
  std::optional<Locator> Append(LogStream stream, RecordHeader header, std::string_view body, bool compressed,
                                size_t payload_bytes, Locator moved_from = {});

  const Status& why_not() const { return why_not_; }

  // Submits the buffers that are worth a write or have waited long enough, or all. The tag of each is its index <<
  // kTagShift | kWriteTag.
  void Flush(bool all);
  // There is something to flush, sooner or later.
  bool holds_unsubmitted() const;
  // The buffer of a finished write, taken out.
  std::unique_ptr<WriteBuffer> Take(uint64_t index);
  void Recycle(std::unique_ptr<WriteBuffer> buffer);
  // The bytes from this place on, if they are in a buffer still.
  std::optional<std::string_view> InBuffer(const Place& place) const;
  // Notes that the record at this place has been freed, if it is in a buffer still.
  void MarkFreed(const Place& place);
  // Segments of an earlier life have up to so many bytes, and take more than the limit leaves perhaps.
  void NoteEarlierSegments(uint64_t segment_bytes);
  // Gives up what is being filled: the next record opens a segment. What has been filled is submitted.
  void SealAll();

  size_t writes_in_flight() const { return in_flight_; }
  uint64_t submitted_bytes() const { return submitted_bytes_; }
  size_t memory_bytes() const { return pool_.held_bytes(); }
  // Bytes left under the limit for segments of any kind.
  uint64_t FreeBytes() const;
  // The same, less what is given up and has not left the disk yet, and less what is made ahead.
  uint64_t FreeOnDiskBytes() const;
  bool HasRoom() const;
  // There would be, with a file that is being made or will be in the next turn.
  bool WillHaveRoom() const { return FreeBytes() >= (kReservedSegments + 1) * options_.segment_bytes; }
  const SpareSegments& spares() const { return spares_; }
  // A segment has given up space on disk.
  void NoteSpaceBack() { spares_.NoteSpaceBack(); }
  // The device says that it has no space: it is asked again after a while.
  void NoteDeviceFull();
  // The device said that it has no space, not long ago, and there is none left of what was set aside.
  bool device_full(int64_t now_us) const;
  uint64_t segment_bytes() const { return options_.segment_bytes; }
  // Holds for the segments opened from now on. Where the limit falls below what is there, or what is there lies in
  // larger segments than the new ones, the reserve for the cleaner may not be there or not suffice: then it may go
  // beyond the limit, by a few segments, to come down.
  void ChangeOptions(const Options& options);

  static constexpr uint64_t kWriteTag = 1;
  static constexpr int kTagShift = 2;

 private:
  struct Open {
    uint32_t segment = SegmentTable::kNone;
    uint64_t cursor = 0;  // where the next buffer begins
    std::unique_ptr<WriteBuffer> buffer;
  };

  WriteBuffer* BufferAt(const Place& place) const;
  // Of a tier without a limit, a small part of what it takes: what is set aside and not yet written is never much.
  uint64_t NewSegmentBytes() const;
  bool MayTakeSpare(LogStream stream, uint64_t bytes) const;
  // A file of a spare segment or, for what is larger than those and where there has been no time to make any, a new
  // one.
  Result<SpareSegment> FileFor(LogStream stream, uint64_t bytes, Locator moved_from);
  bool OpenSegment(LogStream stream, uint64_t bytes, Locator moved_from);
  // Whether the cleaner may open a segment beyond the limit for records of this place.
  bool MayExceed(uint64_t bytes, Locator moved_from);
  void Seal(Open& open);
  void Submit(Open& open);
  bool OpenBuffer(LogStream stream, size_t bytes, Locator moved_from);
  // Where in a buffer a record goes.
  struct Slot {
    size_t start = 0;            // of the record, or of the header if its body is detached
    std::optional<size_t> body;  // where that is then
    size_t end = 0;              // of the record or the detached body, with what pads it
  };
  static Slot SlotFor(const WriteBuffer& buffer, size_t body_bytes, bool detach);
  static bool Fits(const WriteBuffer& buffer, const Slot& slot);
  static void Put(WriteBuffer& buffer, const Slot& slot, const RecordHeader& header, std::string_view body,
                  bool compressed, size_t payload_bytes);
  static DetachedBody PutDetached(WriteBuffer& buffer, const Slot& slot, const RecordHeader& header,
                                  std::string_view body);

  Device& device_;
  SegmentTable& segments_;
  SpareSegments spares_;
  Options options_;
  uint64_t larger_segment_bytes_ = 0;  // what options_.segment_bytes was at most, if it was more
  uint64_t lowered_from_bytes_ = 0;    // what was there when the limit fell below that; 0: it is below again
  BufferPool pool_;
  std::array<Open, 3> open_;
  std::vector<std::unique_ptr<WriteBuffer>> submitted_;  // by index; empty where unused
  size_t in_flight_ = 0;
  uint64_t submitted_bytes_ = 0;
  int64_t device_full_until_us_ = 0;
  Status why_not_ = Status::Ok();
};

}  // namespace tidemark::tiering
