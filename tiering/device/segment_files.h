// The files of a device in one directory: made with their space set aside, opened past the page cache where the file
// system allows it; on a thread of their own they are shrunk, removed, and made ahead. Owned by one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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
  // As Create, on the thread, where it comes behind what is to be given back; `done` is called there. One at a time.
  void Prepare(uint64_t bytes, std::function<void()> done);
  // What has come of it.
  std::optional<Result<uint32_t>> TakePrepared();
  // Returns when the thread has done all it was given.
  void Drain() { worker_.Drain(); }
  // The number of a file that an earlier process made in this directory. kNotFound, kCorruption if it is shorter; a
  // longer one is shrunk.
  Result<uint32_t> Reopen(uint64_t serial, uint64_t bytes);
  // What the name of the file with this serial is, in any directory.
  static std::string NameOf(uint64_t serial);
  void Shrink(uint32_t file, uint64_t bytes);
  void Remove(uint32_t file);
  // What Shrink and Remove are still to give back.
  uint64_t leaving_bytes() const { return leaving_bytes_.load(std::memory_order_relaxed); }
  int fd(uint32_t file) const { return files_[file].fd; }
  uint64_t serial(uint32_t file) const { return files_[file].serial; }
  const std::string& path(uint32_t file) const { return files_[file].path; }
  // Whether reads and writes go past the page cache, as far as is known: true until a file system has refused it.
  bool direct() const { return direct_.load(std::memory_order_relaxed); }

 private:
  struct File {
    int fd = -1;
    uint64_t serial = 0;
    std::string path;
    uint64_t bytes = 0;
  };
  enum class Existing : uint8_t { kNo, kYes };

  Result<int> Open(const std::string& path, Existing existing);
  Result<File> Make(uint64_t serial, uint64_t bytes);
  uint32_t Add(File file);

  const std::string dir_;
  std::atomic<bool> direct_ = true;
  uint64_t last_serial_;
  std::vector<File> files_;
  std::vector<uint32_t> unused_;
  std::atomic<uint64_t> leaving_bytes_ = 0;
  std::mutex prepared_mutex_;
  std::optional<Result<File>> prepared_;
  BackgroundWorker worker_;  // last: ends first
};

}  // namespace tidemark::tiering
