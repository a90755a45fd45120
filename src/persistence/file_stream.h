// Files as sinks and sources of bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/byte_stream.h"

namespace tidemark::persistence {

// A file being written. Closed at the end, whatever has become of it.
class FileSink final : public formats::ByteSink {
 public:
  // With `incremental_fsync` the system writes what has gathered every few megabytes, so that no great wait comes at
  // the end.
  explicit FileSink(bool incremental_fsync) : incremental_fsync_(incremental_fsync) {}
  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  // The messages of all errors are the system's words for them.
  Status Create(const std::string& path);
  Status Write(std::string_view bytes) override;
  // What has been written is on stable storage; the file is closed.
  Status Finish();

 private:
  const bool incremental_fsync_;
  int fd_ = -1;
  uint64_t written_ = 0;
  uint64_t handed_over_ = 0;  // of that, what the system was asked to write
};

class FileSource final : public formats::ByteSource {
 public:
  FileSource() = default;
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  // kNotFound if there is no such file. The messages of all errors are the system's words for them.
  Status Open(const std::string& path);
  Result<size_t> Read(char* to, size_t room) override;

  uint64_t total_bytes() const { return total_bytes_; }
  uint64_t read_bytes() const { return read_bytes_; }

 private:
  int fd_ = -1;
  uint64_t total_bytes_ = 0;
  uint64_t read_bytes_ = 0;
};

// The bytes of a small file. kNotFound if there is none; the messages of all errors are the system's words for them.
Result<std::string> ReadWholeFile(const std::string& path);

// `from` becomes `to`, on stable storage with the name; both are in `dir`.
Status ReplaceFile(const std::string& from, const std::string& to, const std::string& dir);

}  // namespace tidemark::persistence
