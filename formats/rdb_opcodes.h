// What an RDB file is made of:
//
//   file    = magic part* %xFF [crc:le64]             ; the checksum from version 5 on; 0: none was computed
//   magic   = "REDIS" 4DIGIT / "VALKEY" 3DIGIT        ; the version
//   part    = %xFA key:string value:string            ; something about the file
//           / %xFE number:length                      ; what follows is in this database
//           / %xFB keys:length expiring:length        ; how many there will be
//           / %xF5 string                             ; a library of functions: its source
//           / %xF7 id:length %x02 when:length item* %x00   ; what a module has to say
//           / %xF4 slot:length keys:length expiring:length ; of a cluster's slot: how many there will be
//           / %xF3 job:string count:length { begin:length end:length }   ; Valkey: slots that are being imported
//           / [%xFC ms:le64 / %xFD seconds:le32] [%xF8 idle:length / %xF9 frequency:byte]
//             type:byte key:string body               ; a key; its body: value_codec.h, of %xC8: CHECKPOINT.md
//   item    = %x01 length / %x02 length / %x03 4OCTET / %x04 8OCTET / %x05 string   ; of a module
//
// Strings and lengths: rdb_string.h. The checksum covers all that is in front of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::formats {

enum class RdbOpcode : uint8_t {
  kSlotImport = 243,  // Valkey 9; in Redis 8.6 the number means something else
  kSlotInfo = 244,
  kFunction = 245,
  kFunctionOld = 246,  // release candidates of Redis 7.0
  kModuleAux = 247,
  kIdle = 248,
  kFrequency = 249,
  kAux = 250,
  kResize = 251,
  kExpiryMs = 252,
  kExpirySeconds = 253,
  kSelect = 254,
  kEnd = 255,
};

// How a file begins, in front of its version.
inline constexpr std::string_view kRedisMagic = "REDIS";
inline constexpr std::string_view kValkeyMagic = "VALKEY";

// What Redis 7.0 reads, and so every later server.
inline constexpr unsigned kRdbVersionWritten = 10;
// Redis 8.10. What its types are beyond those of rdb_types.h is refused with the type.
inline constexpr unsigned kRdbVersionNewest = 15;
inline constexpr unsigned kRdbVersionValkey = 80;
inline constexpr unsigned kRdbVersionWithChecksum = 5;

}  // namespace tidemark::formats
