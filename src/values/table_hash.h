// The hash of the tables inside values: big sets, hashes and sorted sets.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/siphash.h"

namespace tidemark::values {

// Drawn at random when the process starts, so that nobody can choose members that collide.
const HashSeed& TableSeed();

inline uint64_t TableHash(std::string_view bytes) {
  return SipHash13(bytes, TableSeed());
}

}  // namespace tidemark::values
