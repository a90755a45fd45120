#include "tiering/valuelog/record.h"

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
  constexpr uint8_t kKnown = RecordHeader::kVersionMask | RecordHeader::kCompressed;
  if ((header.version_and_flags & RecordHeader::kVersionMask) != RecordHeader::kVersion) return std::nullopt;
  if ((header.version_and_flags & ~kKnown) != 0 || header.generation != generation) return std::nullopt;
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

Result<RecordView> ViewRecord(std::string_view bytes, uint32_t generation) {
  const std::optional<RecordHeader> header = PeekHeader(bytes, generation);
  if (!header) return Status::Corruption("there is no flash record of this value where it was put");
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

Result<FlashRecord> DecodeRecord(std::string_view bytes, uint32_t generation) {
  const Result<RecordView> view = ViewRecord(bytes, generation);
  if (!view) return view.error();
  Result<std::string> payload = view->CopyPayload();
  if (!payload) return payload.error();
  FlashRecord record;
  record.type_tag = view->type_tag;
  record.owner = view->owner;
  record.payload = std::move(*payload);
  return record;
}

}  // namespace tidemark::tiering
