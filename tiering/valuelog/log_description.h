// What a checkpoint tells of the value log: which segments there were and what lived in them. As bytes:
//
//   description = version:byte segment-bytes:length numbers:length number* classes:length class* crc:le32
//   number      = last-generation:length ( %x00 / %x01 segment )     ; of each number in turn, from 0 on
//   segment     = file:length bytes:length written:length first:length records:length weight:length detached
//   detached    = bodies:length le64*                                ; words of space/detached_bodies.h
//   class       = size-class:length records:length payload-bytes:length
//
// Lengths: formats/rdb_string.h. The checksum is the CRC-32C of all that is in front of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "tiering/class_account.h"
#include "tiering/space/detached_bodies.h"

namespace tidemark::tiering {

struct DescribedSegment {
  uint64_t file = 0;                    // what its file's name tells (SegmentFiles)
  uint64_t bytes = 0;                   // what it takes
  uint64_t written = 0;                 // up to where it is filled
  uint64_t first = 0;                   // where a record of it certainly begins
  uint64_t live_records = 0;            // what lives of it
  uint64_t total_weight = 0;            // Segment::total_weight
  std::vector<uint64_t> detached = {};  // DetachedBodies::Words, checked where they are decoded
};

struct DescribedNumber {
  uint32_t generation = 0;  // the last it had
  std::optional<DescribedSegment> segment = {};
};

struct LogDescription {
  uint64_t segment_bytes = 0;            // of new segments
  std::vector<DescribedNumber> numbers;  // all that were ever used
  ClassAccount account;                  // of what lives
};

std::string EncodeDescription(const LogDescription& description);
// kCorruption unless it is one, whole and such as a log can have.
Result<LogDescription> DecodeDescription(std::string_view bytes);

}  // namespace tidemark::tiering
