// A key's bytes with their hash, so that a key named once by a command is hashed once.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::keyspace {

struct HashedKey {
  std::string_view bytes;
  uint64_t hash = 0;
};

}  // namespace tidemark::keyspace
