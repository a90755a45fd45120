// What stands at the head of a checkpoint's base file and is needed before the flash tier is opened: CHECKPOINT.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/siphash.h"
#include "base/status.h"
#include "formats/byte_stream.h"
#include "formats/rdb_writer.h"

namespace tidemark::formats {

inline constexpr std::string_view kTierAux = "tidemark-tier";
inline constexpr std::string_view kHashSeedAux = "tidemark-hash-seed";

struct CheckpointHead {
  std::string tier;    // the store's description
  HashSeed hash_seed;  // of the keys; the tier's records carry their hashes
};

// Among the other AUX fields, right behind RdbWriter::Begin.
void AddCheckpointHead(const CheckpointHead& head, RdbWriter& writer);
// Reads the AUX fields of a file and no more. Empty if it is no checkpoint's base: it lacks both fields, or is no RDB
// file at all. kCorruption if its head is damaged, or only one of the fields is there.
Result<std::optional<CheckpointHead>> ReadCheckpointHead(ByteSource& source);

}  // namespace tidemark::formats
