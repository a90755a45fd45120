#include "tiering/rocksdb/record_codec.h"

#include <utility>

#include "base/check.h"
#include "base/crc32c.h"

namespace tidemark::tiering {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kVersionMask = 0x0f;
constexpr uint8_t kCompressedFlag = 0x10;
constexpr size_t kTypeTagOffset = 1;
constexpr size_t kRawBytesOffset = 2;
constexpr size_t kCrcOffset = 6;
static_assert(kCrcOffset + sizeof(uint32_t) == kRecordHeaderBytes, "the checksum closes the header");
static_assert(kMaxRecordPayloadBytes <= UINT32_MAX, "the payload's length fits in the header");

void PutU32(char* at, uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<char>(value >> (8 * i));
}

uint32_t GetU32(const char* at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value |= static_cast<uint32_t>(static_cast<unsigned char>(at[i])) << (8 * i);
  return value;
}

uint32_t Checksum(const RecordKey& key, std::string_view header, std::string_view body) {
  uint32_t crc = Crc32c({key.data(), key.size()});
  crc = ExtendCrc32c(crc, header.substr(0, kCrcOffset));
  return ExtendCrc32c(crc, body);
}

Status Damaged(const RecordKey& key, const char* what) {
  return Status::Corruption("flash record " + std::to_string(DecodeRecordKey({key.data(), key.size()})) + ": " + what);
}

}  // namespace

RecordKey EncodeRecordKey(uint64_t id) {
  RecordKey key;
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(id >> (8 * (key.size() - 1 - i)));
  return key;
}

uint64_t DecodeRecordKey(std::string_view key) {
  TIDEMARK_CHECK(key.size() == kRecordKeyBytes);
  uint64_t id = 0;
  for (const char byte : key) id = id << 8 | static_cast<unsigned char>(byte);
  return id;
}

EncodedRecord EncodeRecord(const RecordKey& key, const FlashRecord& record, Compression compression,
                           std::string& scratch) {
  TIDEMARK_CHECK(record.payload.size() <= kMaxRecordPayloadBytes);
  EncodedRecord encoded;
  const StoredBody body = Compress(record.payload, compression, scratch);
  encoded.body = body.bytes;
  encoded.compressed = body.compressed;
  encoded.header[0] = static_cast<char>(kVersion | (encoded.compressed ? kCompressedFlag : 0));
  encoded.header[kTypeTagOffset] = static_cast<char>(record.type_tag);
  PutU32(&encoded.header[kRawBytesOffset], static_cast<uint32_t>(record.payload.size()));
  PutU32(&encoded.header[kCrcOffset], Checksum(key, {encoded.header.data(), kRecordHeaderBytes}, encoded.body));
  return encoded;
}

Result<FlashRecord> DecodeRecord(const RecordKey& key, std::string_view value) {
  if (value.size() < kRecordHeaderBytes) return Damaged(key, "shorter than its header");
  const std::string_view body = value.substr(kRecordHeaderBytes);
  if (GetU32(&value[kCrcOffset]) != Checksum(key, value, body)) return Damaged(key, "checksum mismatch");
  const auto flags = static_cast<uint8_t>(value[0]);
  if ((flags & kVersionMask) != kVersion || (flags & ~(kVersionMask | kCompressedFlag)) != 0) {
    return Damaged(key, "unknown version or flags");
  }
  const size_t raw_bytes = GetU32(&value[kRawBytesOffset]);
  FlashRecord record;
  record.type_tag = static_cast<uint8_t>(value[kTypeTagOffset]);
  if ((flags & kCompressedFlag) != 0) {
    if (!Decompress(body, raw_bytes, record.payload)) return Damaged(key, "bad Snappy block");
  } else {
    if (body.size() != raw_bytes) return Damaged(key, "wrong length");
    record.payload.assign(body);
  }
  return record;
}

}  // namespace tidemark::tiering
