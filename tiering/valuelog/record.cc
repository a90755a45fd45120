#include "tiering/valuelog/record.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/crc32c.h"
#include "tiering/compression.h"

namespace tidemark::tiering {
namespace {

uint32_t Checksum(RecordHeader header, std::string_view body) {
  header.crc = 0;
  const uint32_t crc = Crc32c({reinterpret_cast<const char*>(&header), sizeof(header)});
  return ExtendCrc32c(crc, body);
}

uint32_t Checksum(DetachedHeader header) {
  header.record.crc = 0;
  return Crc32c({reinterpret_cast<const char*>(&header), sizeof(header)});
}

}  // namespace

void WriteRecord(RecordHeader header, std::string_view body, bool compressed, size_t payload_bytes, char* to) {
  header.version_and_flags = RecordHeader::kVersion | (compressed ? RecordHeader::kCompressed : 0);
  header.body_bytes = static_cast<uint32_t>(body.size());
  header.payload_bytes = static_cast<uint32_t>(payload_bytes);
  header.crc = Checksum(header, body);
  std::memcpy(to, &header, sizeof(header));
  std::memcpy(to + sizeof(header), body.data(), body.size());
}

std::optional<RecordHeader> PeekHeader(std::string_view bytes, uint32_t generation) {
  if (bytes.size() < sizeof(RecordHeader)) return std::nullopt;
  RecordHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  constexpr uint8_t kKnown = RecordHeader::kVersionMask | RecordHeader::kCompressed | RecordHeader::kDetached;
  if ((header.version_and_flags & RecordHeader::kVersionMask) != RecordHeader::kVersion) return std::nullopt;
  if ((header.version_and_flags & ~kKnown) != 0 || header.generation != generation) return std::nullopt;
  return header;
}

bool GainsByDetaching(size_t payload_bytes) {
  // Of a larger one a block more is little.
  constexpr size_t kLargest = 64 * 1024;
  if (payload_bytes == 0 || payload_bytes > kLargest) return false;
  // What is read is as many bytes as the locator says that there may be.
  const size_t bound = Locator::Make(1, payload_bytes).max_payload_bytes();
  const size_t padding = bound - payload_bytes;
  return AlignDown(bound) == bound && padding <= std::min(payload_bytes / 16, DetachedBodies::kPaddingMax);
}

DetachedBody WriteDetached(RecordHeader header, std::string_view body, uint64_t offset, char* header_to,
                           char* body_to) {
  DetachedHeader detached{header, static_cast<uint32_t>(offset / Device::kAlignment), Crc32c(body)};
  detached.record.version_and_flags = RecordHeader::kVersion | RecordHeader::kDetached;
  detached.record.body_bytes = static_cast<uint32_t>(body.size());
  detached.record.payload_bytes = static_cast<uint32_t>(body.size());
  detached.record.crc = Checksum(detached);
  std::memcpy(header_to, &detached, sizeof(detached));
  std::memcpy(body_to, body.data(), body.size());
  const size_t padding = AlignUp(body.size()) - body.size();
  std::memset(body_to + body.size(), 0, padding);
  return {offset, padding, header.type_tag, detached.body_crc};
}

std::optional<DetachedHeader> ReadDetachedHeader(std::string_view bytes, uint32_t generation) {
  const std::optional<RecordHeader> record = PeekHeader(bytes, generation);
  if (!record || !record->detached() || bytes.size() < sizeof(DetachedHeader)) return std::nullopt;
  DetachedHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.record.crc != Checksum(header)) return std::nullopt;
  if (header.record.compressed() || header.record.body_bytes != header.record.payload_bytes) return std::nullopt;
  return header;
}

bool VerifyRecord(std::string_view bytes, const RecordHeader& header) {
  return header.crc == Checksum(header, bytes.substr(sizeof(header), header.body_bytes));
}

Result<std::string> RecordView::CopyPayload() const {
  std::string payload;
  if (!compressed) {
    payload.assign(body);
  } else if (!Decompress(body, payload_bytes, payload)) {
    return Status::Corruption("flash record: bad Snappy block");
  }
  return payload;
}

Result<FlashRecord> RecordView::Copy() const {
  Result<std::string> payload = CopyPayload();
  if (!payload) return payload.error();
  FlashRecord record;
  record.type_tag = type_tag;
  record.owner = owner;
  record.payload = std::move(*payload);
  return record;
}

Result<RecordView> ViewRecord(std::string_view bytes, uint32_t generation) {
  const std::optional<RecordHeader> header = PeekHeader(bytes, generation);
  if (!header || header->detached()) {
    return Status::Corruption("there is no flash record of this value where it was put");
  }
  if (RecordBytes(header->body_bytes) > bytes.size()) return Status::Corruption("flash record: wrong length");
  if (!VerifyRecord(bytes, *header)) return Status::Corruption("flash record: checksum mismatch");
  if (!header->compressed() && header->body_bytes != header->payload_bytes) {
    return Status::Corruption("flash record: wrong length");
  }
  return RecordView{.type_tag = header->type_tag,
                    .owner = header->owner,
                    .compressed = header->compressed(),
                    .body = bytes.substr(sizeof(RecordHeader), header->body_bytes),
                    .payload_bytes = header->payload_bytes};
}

Result<RecordView> ViewDetached(std::string_view bytes, size_t body_bytes, const DetachedBody& body) {
  if (body_bytes > bytes.size()) return Status::Corruption("flash record: wrong length");
  bytes = bytes.substr(0, body_bytes);
  if (Crc32c(bytes) != body.crc) return Status::Corruption("flash record: checksum mismatch");
  return RecordView{.type_tag = body.type_tag, .body = bytes, .payload_bytes = body_bytes};
}

}  // namespace tidemark::tiering
