// The bytes of one record in the RocksDB engine: FORMAT.md. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "tiering/compression.h"
#include "tiering/flash_store.h"

namespace tidemark::tiering {

inline constexpr size_t kRecordKeyBytes = 8;
inline constexpr size_t kRecordHeaderBytes = 10;
// What RocksDB takes as one value leaves room above this.
inline constexpr size_t kMaxRecordPayloadBytes = size_t{1} << 30;

using RecordKey = std::array<char, kRecordKeyBytes>;
RecordKey EncodeRecordKey(uint64_t id);
uint64_t DecodeRecordKey(std::string_view key);

struct EncodedRecord {
  std::array<char, kRecordHeaderBytes> header;
  std::string_view body;  // into the record's payload or into the scratch string
  bool compressed = false;

  size_t bytes() const { return header.size() + body.size(); }
};

// `scratch` receives the compressed body, if there is one, and must outlive the use of the result. The payload is at
// most kMaxRecordPayloadBytes.
EncodedRecord EncodeRecord(const RecordKey& key, const FlashRecord& record, Compression compression,
                           std::string& scratch);

// kCorruption unless every byte is what EncodeRecord made for this key.
Result<FlashRecord> DecodeRecord(const RecordKey& key, std::string_view value);

}  // namespace tidemark::tiering
