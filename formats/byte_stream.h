// Where serialised bytes go to and come from: a file, a pipe, a socket, memory. Nobody is asked to seek.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/status.h"

namespace tidemark::formats {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // All of the bytes, or an error.
  virtual Status Write(std::string_view bytes) = 0;
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // At least one byte and at most `room`; 0 at the end.
  virtual Result<size_t> Read(char* to, size_t room) = 0;
};

}  // namespace tidemark::formats
