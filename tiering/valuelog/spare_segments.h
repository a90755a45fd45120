// Files for segments to come, made ahead: opening a segment waits for no file system, and the cleaner has space on disk
// to begin with when there is no more to be had. Owned by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "tiering/device/device.h"

namespace tidemark::tiering {

struct SpareSegment {
  uint32_t file = 0;
  uint64_t bytes = 0;
};

class SpareSegments {
 public:
  explicit SpareSegments(Device& device) : device_(device) {}

  // Takes in what has been made, and has another one made of so many bytes if there are less than `wanted`. After a
  // failure not before a while has passed, or NoteSpaceBack. Cheap.
  void Make(size_t wanted, uint64_t bytes, int64_t now_us);
  // One that is large enough; of no file if there is none.
  SpareSegment Take(uint64_t least_bytes);
  bool Has(uint64_t least_bytes) const;
  // Gives all of them back.
  void Drop();
  // A file has gone or shrunk.
  void NoteSpaceBack() { retry_us_ = 0; }

  size_t count() const { return spares_.size(); }
  // On disk, with what is being made.
  uint64_t total_bytes() const { return total_bytes_; }
  uint64_t made_bytes() const { return total_bytes_ - making_bytes_; }
  bool making() const { return making_bytes_ != 0; }
  // What came of the last try.
  bool fail() const { return last_.code() == StatusCode::kIoError; }
  bool lack_space() const { return last_.code() == StatusCode::kNoSpace; }

 private:
  Device& device_;
  std::vector<SpareSegment> spares_;
  uint64_t total_bytes_ = 0;
  uint64_t making_bytes_ = 0;  // 0: none is being made
  bool unwanted_ = false;      // what is being made
  Status last_ = Status::Ok();
  int64_t retry_us_ = 0;
};

}  // namespace tidemark::tiering
