// The payload of DUMP and RESTORE: a value and what it takes to check it.
//
//   payload = type:byte body version:le16 crc:le64     ; the checksum covers all that is in front of it
//
// `version` is the RDB version that a reader must know. Redis counts from 1; Valkey's own versions begin at 80.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/rdb_types.h"

namespace tidemark::formats {

inline constexpr size_t kDumpFooterBytes = 10;

struct DumpPayload {
  uint8_t type_tag = 0;
  std::string_view body;
  Dialect dialect = Dialect::kRedis;
};

// Appends the footer to a type byte and a body.
void SealDump(uint16_t rdb_version, std::string& payload);
// The parts of a payload from outside; they point into it. An error if the version is not known or the checksum does
// not match.
Result<DumpPayload> OpenDump(std::string_view payload);

}  // namespace tidemark::formats
