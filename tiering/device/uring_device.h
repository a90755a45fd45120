// A device on io_uring: one submission a turn for all that was queued, completions announced by an eventfd.
#pragma once

#include <liburing.h>

#include <memory>
#include <string>
#include <vector>

#include "tiering/device/file_device.h"

namespace tidemark::tiering {

class UringDevice final : public FileDevice {
 public:
  // kUnavailable where the kernel or the container refuses io_uring.
  static Result<std::unique_ptr<UringDevice>> Open(const std::string& dir);
  ~UringDevice() override;

  const char* name() const override { return "io_uring"; }
  void ExpectReadsInto(char* memory, size_t bytes) override;
  Result<uint32_t> CreateFile(uint64_t bytes) override;
  std::optional<Result<uint32_t>> TakePrepared() override;
  Result<uint32_t> OpenFile(uint64_t serial, uint64_t bytes) override;
  void RemoveFile(uint32_t file) override;
  void Submit(const DeviceOperation& operation) override;
  void Kick() override;
  void Reap(std::vector<DeviceCompletion>& out) override;
  void Wait() override;

 private:
  explicit UringDevice(const std::string& dir) : FileDevice(dir) {}
  // Tells the kernel of a new file.
  void Register(uint32_t file);
  // Puts what is left of the operation in this slot on the ring.
  void Enqueue(uint32_t slot);
  void TakeCompletions(std::vector<DeviceCompletion>& out);

  io_uring ring_{};
  bool ring_open_ = false;
  // What the kernel has been told of beforehand, so that it need not look it up with each request: files with a number
  // below this, and one stretch of memory.
  uint32_t known_files_ = 0;
  char* known_memory_ = nullptr;
  size_t known_memory_bytes_ = 0;
  std::vector<DeviceOperation> slots_;  // what is left of each operation under way; the kernel knows them by number
  std::vector<uint32_t> free_slots_;
};

}  // namespace tidemark::tiering
