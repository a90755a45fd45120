// Looks in the files of a value log that no server uses for the record of each key that a checkpoint's base file names.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "formats/byte_stream.h"
#include "formats/checkpoint_head.h"

namespace tidemark::tiering {

struct CheckpointReport {
  struct Segment {
    std::string name;  // of its file
    uint32_t number = 0;
    uint32_t generation = 0;
    uint64_t records = 0;  // that are named and there
    uint64_t live_bytes = 0;
    uint64_t bytes = 0;
  };
  std::vector<Segment> segments;
  uint64_t hot_keys = 0;
  uint64_t cold_keys = 0;
  uint64_t bad_keys = 0;  // cold ones whose record is not there
  uint64_t bad_files = 0;

  uint64_t records() const;
  uint64_t live_bytes() const;
  uint64_t bytes() const;
  bool whole() const { return bad_keys == 0 && bad_files == 0; }
};

// `head` is that of `file`. `say` is told of each file that is missing or short and of the first bad keys. An error if
// the file or its description is damaged.
Result<CheckpointReport> CheckCheckpoint(const std::string& dir, const formats::CheckpointHead& head,
                                         formats::ByteSource& file, const std::function<void(const std::string&)>& say);

}  // namespace tidemark::tiering
