// What the devices on real files share: the files, the descriptor that announces completions, and blocking calls.
#pragma once

#include <optional>
#include <string>

#include "tiering/device/device.h"
#include "tiering/device/segment_files.h"

namespace tidemark::tiering {

class FileDevice : public Device {
 public:
  ~FileDevice() override;

  Result<uint32_t> CreateFile(uint64_t bytes) override { return files_.Create(bytes); }
  void PrepareFile(uint64_t bytes) override;
  std::optional<Result<uint32_t>> TakePrepared() override { return files_.TakePrepared(); }
  Result<uint32_t> OpenFile(uint64_t serial, uint64_t bytes) override { return files_.Reopen(serial, bytes); }
  uint64_t SerialOf(uint32_t file) const final { return files_.serial(file); }
  std::string PathOf(uint32_t file) const final { return files_.path(file); }
  void ShrinkFile(uint32_t file, uint64_t bytes) override { files_.Shrink(file, bytes); }
  void RemoveFile(uint32_t file) override { files_.Remove(file); }
  uint64_t leaving_bytes() const final { return files_.leaving_bytes(); }
  int completion_fd() const final { return event_fd_; }
  void Signal() final;
  size_t in_flight() const final { return in_flight_; }
  int ReadNow(uint32_t file, uint64_t offset, char* data, size_t bytes) final;
  int SyncNow(uint32_t file) final;

 protected:
  explicit FileDevice(const std::string& dir);
  // Makes completion_fd() unreadable.
  void ClearSignal();

  SegmentFiles files_;
  size_t in_flight_ = 0;

 private:
  const int event_fd_;
};

}  // namespace tidemark::tiering
