// A device on io_uring: one submission a turn for all that was queued, completions announced by an eventfd.
#pragma once

#include <liburing.h>

#include <memory>
#include <string>
#include <vector>

#include "tiering/device/device.h"
#include "tiering/device/segment_files.h"

namespace tidemark::tiering {

class UringDevice final : public Device {
 public:
  // kUnavailable where the kernel or the container refuses io_uring.
  static Result<std::unique_ptr<UringDevice>> Open(const std::string& dir);
  ~UringDevice() override;

  const char* name() const override { return "io_uring"; }
  Result<uint32_t> CreateFile(uint64_t bytes) override { return files_.Create(bytes); }
  void RemoveFile(uint32_t file) override { files_.Remove(file); }
  void Submit(const DeviceOperation& operation) override;
  void Kick() override;
  int completion_fd() const override { return event_fd_; }
  void Signal() override;
  void Reap(std::vector<DeviceCompletion>& out) override;
  size_t in_flight() const override { return in_flight_; }
  void Wait() override;
  int ReadNow(uint32_t file, uint64_t offset, char* data, size_t bytes) override;
  int SyncNow(uint32_t file) override;

 private:
  static constexpr unsigned kEntries = 1024;

  explicit UringDevice(const std::string& dir) : files_(dir) {}
  // Puts what is left of the operation in this slot on the ring.
  void Enqueue(uint32_t slot);
  void TakeCompletions(std::vector<DeviceCompletion>& out);

  SegmentFiles files_;
  io_uring ring_{};
  bool ring_open_ = false;
  int event_fd_ = -1;
  size_t in_flight_ = 0;
  std::vector<DeviceOperation> slots_;  // what is left of each operation under way; the kernel knows them by number
  std::vector<uint32_t> free_slots_;
};

}  // namespace tidemark::tiering
