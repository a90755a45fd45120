// Reading an RDB file to its end, every value in it, and saying on standard output what is in it or where it is
// damaged: for the tools that check files.
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "base/status.h"
#include "formats/byte_stream.h"

namespace tidemark::formats {

// Where an RDB file ends, and what was taken from the source behind it.
struct RdbEnd {
  uint64_t offset = 0;
  std::string rest;
};

// Empty if it is damaged or could not be read. `name` is for what is printed.
std::optional<RdbEnd> CheckRdb(ByteSource& source, const std::string& name);

}  // namespace tidemark::formats
