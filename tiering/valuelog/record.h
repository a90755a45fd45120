// A record of the value log as it lies on flash: FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tiering/flash_store.h"

namespace tidemark::tiering {

struct RecordHeader {
  uint8_t version_and_flags;  // 0 where no record begins
  uint8_t type_tag;
  uint16_t generation;  // of the segment: a file may be written more than once
  uint32_t body_bytes;
  uint32_t payload_bytes;  // of the body as it was handed over, before compression
  uint32_t crc;            // CRC-32C of the header with this field zero, and the body
  uint64_t owner;

  static constexpr uint8_t kVersion = 2;
  static constexpr uint8_t kVersionMask = 0x0f;
  static constexpr uint8_t kCompressed = 0x10;

  bool compressed() const { return (version_and_flags & kCompressed) != 0; }
};
static_assert(sizeof(RecordHeader) == 24 && alignof(RecordHeader) == 8, "FORMAT.md");

// Bytes of a record with this body, without what pads it to the next granule.
constexpr size_t RecordBytes(size_t body_bytes) {
  return sizeof(RecordHeader) + body_bytes;
}
// Writes a record at `to`, which has room for it. `header` has all but version, lengths and checksum.
void WriteRecord(RecordHeader header, std::string_view body, bool compressed, size_t payload_bytes, char* to);

// The header at the start of `bytes`, if it can be one of this generation: its lengths are not yet to be trusted.
std::optional<RecordHeader> PeekHeader(std::string_view bytes, uint32_t generation);
// Whether the record at the start of `bytes`, which holds all of it, is as it was written.
bool VerifyRecord(std::string_view bytes, const RecordHeader& header);
// A record where it was read to.
struct RecordView {
  uint8_t type_tag = 0;
  uint64_t owner = 0;
  bool compressed = false;
  std::string_view body;
  size_t payload_bytes = 0;

  // The body, decompressed. kCorruption if that cannot be.
  Result<std::string> CopyPayload() const;
};
// As DecodeRecord, without a copy.
Result<RecordView> ViewRecord(std::string_view bytes, uint32_t generation);
// The record at the start of `bytes`. kCorruption unless it is one of this generation, whole and undamaged.
Result<FlashRecord> DecodeRecord(std::string_view bytes, uint32_t generation);

}  // namespace tidemark::tiering
