// The files of a device in one directory: made with their space set aside, opened past the page cache where the file
// system allows it, shrunk and removed on a thread of their own. Owned by one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/background_worker.h"
#include "base/status.h"

namespace tidemark::tiering {

class SegmentFiles {
 public:
  explicit SegmentFiles(std::string dir);
  ~SegmentFiles();
  SegmentFiles(const SegmentFiles&) = delete;
  SegmentFiles& operator=(const SegmentFiles&) = delete;

  // The number of a new file of so many bytes.
  Result<uint32_t> Create(uint64_t bytes);
  void Shrink(uint32_t file, uint64_t bytes);
  void Remove(uint32_t file);
  // What Shrink and Remove are still to give back.
  uint64_t leaving_bytes() const { return leaving_bytes_.load(std::memory_order_relaxed); }
  int fd(uint32_t file) const { return files_[file].fd; }
  // Whether reads and writes go past the page cache, as far as is known: true until a file system has refused it.
  bool direct() const { return direct_; }

 private:
  struct File {
    int fd = -1;
    std::string path;
    uint64_t bytes = 0;
  };

  Result<int> Open(const std::string& path);

  const std::string dir_;
  bool direct_ = true;
  uint64_t created_ = 0;
  std::vector<File> files_;
  std::vector<uint32_t> unused_;
  std::atomic<uint64_t> leaving_bytes_ = 0;
  BackgroundWorker remover_;  // last: ends first
};

}  // namespace tidemark::tiering
