// The type bytes of values in RDB files, DUMP payloads and records on flash.
#pragma once

#include <cstdint>

namespace tidemark::formats {

inline constexpr uint8_t kRdbTypeString = 0;
inline constexpr uint8_t kRdbTypeList = 1;
inline constexpr uint8_t kRdbTypeSet = 2;
inline constexpr uint8_t kRdbTypeZSet = 3;  // scores as text
inline constexpr uint8_t kRdbTypeHash = 4;
inline constexpr uint8_t kRdbTypeZSet2 = 5;  // scores as binary doubles
inline constexpr uint8_t kRdbTypeHashZipmap = 9;
inline constexpr uint8_t kRdbTypeListZiplist = 10;
inline constexpr uint8_t kRdbTypeSetIntset = 11;
inline constexpr uint8_t kRdbTypeZSetZiplist = 12;
inline constexpr uint8_t kRdbTypeHashZiplist = 13;
inline constexpr uint8_t kRdbTypeListQuicklist = 14;  // of ziplists
inline constexpr uint8_t kRdbTypeStream = 15;
inline constexpr uint8_t kRdbTypeHashListpack = 16;
inline constexpr uint8_t kRdbTypeZSetListpack = 17;
inline constexpr uint8_t kRdbTypeListQuicklist2 = 18;  // of listpacks and single elements
inline constexpr uint8_t kRdbTypeStream2 = 19;         // with first id, highest deleted id, counts of entries
inline constexpr uint8_t kRdbTypeSetListpack = 20;
inline constexpr uint8_t kRdbTypeStream3 = 21;           // with the consumers' active times
inline constexpr uint8_t kRdbTypeHashMetadataOld = 22;   // release candidates of Redis 7.4: expiries in front
inline constexpr uint8_t kRdbTypeHashListpackOld = 23;   // the same, packed
inline constexpr uint8_t kRdbTypeHashMetadata = 24;      // Redis 7.4: expiries relative to the earliest
inline constexpr uint8_t kRdbTypeHashListpackEx = 25;    // Redis 7.4: triples, packed
inline constexpr uint8_t kRdbTypeStream4 = 26;           // Redis 8.6: with what is known of idempotent producers
inline constexpr uint8_t kRdbTypeStream5 = 27;           // Redis 8.8: with entries pending for nobody
inline constexpr uint8_t kRdbTypeValkeyHashExpiry = 22;  // Valkey 9: expiries behind

// Which project's numbers a payload follows: they give 22 different meanings.
enum class Dialect : uint8_t { kRedis, kValkey };

}  // namespace tidemark::formats
