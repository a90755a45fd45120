// Looks through the file of a segment that no server uses: every record by its header, every checksum.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tiering/space/detached_bodies.h"
#include "tiering/valuelog/record.h"

namespace tidemark::tiering {

// A file read in pieces: a window of it is in memory.
class SegmentFile {
 public:
  static constexpr size_t kToWalk = size_t{1} << 20;
  static constexpr size_t kToLookUp = 4096;

  // At least `window_bytes` are read at a time.
  static Result<SegmentFile> Open(const std::string& path, size_t window_bytes);
  SegmentFile(SegmentFile&& other) noexcept;
  SegmentFile& operator=(SegmentFile&&) = delete;
  ~SegmentFile();

  const std::string& path() const { return path_; }
  uint64_t bytes() const { return bytes_; }
  // At least `count` bytes from `offset` on, or all that are there. They stay until the next call.
  Result<std::string_view> At(uint64_t offset, size_t count);

 private:
  SegmentFile(std::string path, int fd, uint64_t bytes, size_t window_bytes)
      : path_(std::move(path)), fd_(fd), bytes_(bytes), window_bytes_(window_bytes) {}

  std::string path_;
  int fd_;
  uint64_t bytes_;
  size_t window_bytes_;
  std::string window_;
  uint64_t window_offset_ = 0;
};

struct SegmentDamage {
  uint64_t offset = 0;
  std::string what;
};

struct SegmentReport {
  uint32_t generation = 0;  // 0: there was no record to tell it
  uint64_t records = 0;     // undamaged
  uint64_t record_bytes = 0;
  std::vector<SegmentDamage> damage;  // of what follows one, up to the next good record, nothing is said
  // Of undamaged detached bodies, in their order: at which offset, and whose.
  std::vector<std::pair<uint64_t, uint64_t>> detached_owners;
};

// `generation`: that of its records, or 0: that of the first one.
Result<SegmentReport> CheckSegment(SegmentFile& file, uint32_t generation);

// The header of the record at `offset`. kCorruption unless one of this generation is there, whole and undamaged, its
// body with it.
Result<RecordHeader> CheckRecordAt(SegmentFile& file, uint64_t offset, uint32_t generation);
// kCorruption unless these bytes are there, undamaged.
Status CheckDetachedAt(SegmentFile& file, uint64_t offset, size_t bytes, uint32_t crc);

}  // namespace tidemark::tiering
