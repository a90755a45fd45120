// A record of the value log as it lies on flash: FORMAT.md.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tiering/flash_store.h"
#include "tiering/space/detached_bodies.h"

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
  static constexpr uint8_t kDetached = 0x20;

  bool compressed() const { return (version_and_flags & kCompressed) != 0; }
  bool detached() const { return (version_and_flags & kDetached) != 0; }
};
static_assert(std::endian::native == std::endian::little, "the headers lie on flash as they lie in RAM");
static_assert(sizeof(RecordHeader) == 24 && alignof(RecordHeader) == 8, "FORMAT.md");
static_assert(offsetof(RecordHeader, version_and_flags) == 0 && offsetof(RecordHeader, type_tag) == 1 &&
                  offsetof(RecordHeader, generation) == 2 && offsetof(RecordHeader, body_bytes) == 4 &&
                  offsetof(RecordHeader, payload_bytes) == 8 && offsetof(RecordHeader, crc) == 12 &&
                  offsetof(RecordHeader, owner) == 16,
              "FORMAT.md");

// The header of a body that lies apart from it, further on in the segment. `record.crc` covers this header alone.
struct DetachedHeader {
  RecordHeader record;
  uint32_t body_block;  // the body begins with this block of the segment
  uint32_t body_crc;    // CRC-32C

  uint64_t body_offset() const { return uint64_t{body_block} * Device::kAlignment; }
  uint64_t body_end() const { return body_offset() + AlignUp(record.body_bytes); }
};
static_assert(sizeof(DetachedHeader) == 32, "FORMAT.md");
static_assert(offsetof(DetachedHeader, record) == 0 && offsetof(DetachedHeader, body_block) == 24 &&
                  offsetof(DetachedHeader, body_crc) == 28,
              "FORMAT.md");

// Bytes of a record with this body, without what pads it to the next granule.
constexpr size_t RecordBytes(size_t body_bytes) {
  return sizeof(RecordHeader) + body_bytes;
}
// Writes a record at `to`, which has room for it. `header` has all but version, lengths and checksum.
void WriteRecord(RecordHeader header, std::string_view body, bool compressed, size_t payload_bytes, char* to);

// Whether reads of such a payload, not compressed, save a block if its header is elsewhere, at a cost of a sixteenth of
// it at most.
bool GainsByDetaching(size_t payload_bytes);
// Writes the header of `body` at `header_to` and the body at `body_to`, which is at `offset` in the segment.
DetachedBody WriteDetached(RecordHeader header, std::string_view body, uint64_t offset, char* header_to, char* body_to);

// The header at the start of `bytes`, if it can be one of this generation: its lengths are not yet to be trusted.
std::optional<RecordHeader> PeekHeader(std::string_view bytes, uint32_t generation);
// Whether the record at the start of `bytes`, which holds all of it, is as it was written.
bool VerifyRecord(std::string_view bytes, const RecordHeader& header);
// The header at the start of `bytes`, verified, if it is one of this generation whose body lies apart.
std::optional<DetachedHeader> ReadDetachedHeader(std::string_view bytes, uint32_t generation);

// A record where it was read to.
struct RecordView {
  uint8_t type_tag = 0;
  uint64_t owner = 0;
  bool compressed = false;
  std::string_view body;
  size_t payload_bytes = 0;

  // The body, decompressed. kCorruption if that cannot be.
  Result<std::string> CopyPayload() const;
  Result<FlashRecord> Copy() const;
};
// The record at the start of `bytes`. kCorruption unless it is one of this generation, whole and undamaged.
Result<RecordView> ViewRecord(std::string_view bytes, uint32_t generation);
// The body at the start of `bytes`, of so many. kCorruption if it is damaged. The owner is not known.
Result<RecordView> ViewDetached(std::string_view bytes, size_t body_bytes, const DetachedBody& body);

}  // namespace tidemark::tiering
