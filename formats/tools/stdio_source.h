// A file of the C library as a source of bytes, for the tools.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "formats/byte_stream.h"

namespace tidemark::formats {

class StdioSource : public ByteSource {
 public:
  explicit StdioSource(std::FILE* file) : file_(file) {}
  Result<size_t> Read(char* to, size_t room) override {
    const size_t bytes = std::fread(to, 1, room, file_);
    if (bytes == 0 && std::ferror(file_) != 0) return Status::IoError(std::strerror(errno));
    return bytes;
  }

 private:
  std::FILE* file_;
};

}  // namespace tidemark::formats
