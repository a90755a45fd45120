// Empties one segment at a time: reads it from beginning to end in pieces of a fixed size, asks who still wants each
// record, and appends those to the log again. Owned by one thread; works in slices.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tiering/device/aligned_buffer.h"
#include "tiering/device/device.h"
#include "tiering/flash_store.h"
#include "tiering/space/segment_table.h"
#include "tiering/valuelog/bodies_ahead.h"
#include "tiering/valuelog/log_writer.h"

namespace tidemark::tiering {

class SegmentCleaner {
 public:
  // Of a read for the cleaner: the victim << kVictimShift | kReadTag.
  static constexpr uint64_t kReadTag = 2;
  static constexpr int kVictimShift = 2;

  SegmentCleaner(Device& device, SegmentTable& segments, LogWriter& writer);

  bool busy() const { return victim_ != SegmentTable::kNone; }
  uint32_t victim() const { return victim_; }
  void Start(uint32_t victim);
  // Forgets the victim, as Clear does. Moves under way come to nothing by themselves.
  void Abandon();

  enum class Progress : uint8_t {
    kWaiting,  // for the device, for a buffer, or for a place to move records to
    kMore,     // the slice is over, the work is not
    kEmptied,  // all that is wanted of the segment has been moved; the cleaner is idle again
    kFailed,   // the device failed, and the segment is as it was but for what has been moved; the cleaner is idle again
    kDamaged,  // what is wanted of the segment cannot be told; the cleaner is idle again
  };
  Progress Step(RecordOwner& owner);
  // The read under way has finished.
  void OnRead(int error);
  // A record that was appended for this cleaner has been written, or could not be.
  void OnMoved(Locator from, bool well);

  // It waits for a place to move records to.
  bool starved() const { return starved_; }

  uint64_t segments_cleaned() const { return segments_cleaned_; }
  uint64_t moved_records() const { return moved_records_; }
  uint64_t moved_bytes() const { return moved_bytes_; }
  uint64_t read_bytes() const { return read_bytes_; }
  size_t memory_bytes() const { return memory_.bytes; }

 private:
  static constexpr size_t kPieceBytes = 256 * 1024;
  // Enough to be worth a turn, little enough that no client notices.
  static constexpr int kRecordsPerStep = 64;
  static constexpr size_t kMovesInFlightMax = 4 * LogWriter::kBufferBytes;

  void StartRead(size_t bytes);
  Progress Finish(Progress how);
  // Takes what is at `at_`, a record, a header or a detached body. Empty if it goes on; else how the step ends.
  std::optional<Progress> TakeNext(RecordOwner& owner);
  std::optional<Progress> TakeRecord(RecordOwner& owner, std::string_view bytes);
  std::optional<Progress> TakeDetached(RecordOwner& owner, std::string_view bytes);
  // Starts a read of at least so many bytes from `at_` on, which ought to be there.
  std::optional<Progress> ReadOn(size_t bytes);
  std::optional<Progress> FindDamage();
  std::optional<Progress> Move(uint64_t owner, Locator from, const RecordHeader& header, std::string_view body);

  Device& device_;
  SegmentTable& segments_;
  LogWriter& writer_;

  uint32_t victim_ = SegmentTable::kNone;
  uint64_t at_ = 0;  // where in the segment the next record may begin
  BodiesAhead ahead_;
  AlignedBuffer memory_;
  uint64_t piece_offset_ = 0;
  size_t asked_bytes_ = 0;  // of the read under way
  size_t piece_bytes_ = 0;  // read and valid
  bool reading_ = false;
  bool abandoned_read_ = false;  // the read under way belongs to a victim that was given up
  bool starved_ = false;
  bool damaged_ = false;
  bool failed_ = false;  // the device
  size_t moves_outstanding_ = 0;
  size_t move_bytes_outstanding_ = 0;

  uint64_t segments_cleaned_ = 0;
  uint64_t moved_records_ = 0;
  uint64_t moved_bytes_ = 0;
  uint64_t read_bytes_ = 0;
};

}  // namespace tidemark::tiering
