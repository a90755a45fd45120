// A device in memory, for tests: operations finish when the test says so, in an order it may choose, and fail as it
// says. One thread owns it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tiering/device/device.h"

namespace tidemark::tiering {

class SimulatedDevice final : public Device {
 public:
  SimulatedDevice();
  ~SimulatedDevice() override;

  const char* name() const override { return "simulated"; }
  Result<uint32_t> CreateFile(uint64_t bytes) override;
  void PrepareFile(uint64_t bytes) override;
  std::optional<Result<uint32_t>> TakePrepared() override;
  // Of a file that a test has put into files().
  Result<uint32_t> OpenFile(uint64_t serial, uint64_t bytes) override;
  uint64_t SerialOf(uint32_t file) const override { return file; }
  void ShrinkFile(uint32_t file, uint64_t bytes) override;
  void RemoveFile(uint32_t file) override;
  void Submit(const DeviceOperation& operation) override;
  void Kick() override {}
  uint64_t leaving_bytes() const override { return leaving; }
  int completion_fd() const override { return event_fd_; }
  void Signal() override;
  void Reap(std::vector<DeviceCompletion>& out) override;
  size_t in_flight() const override { return waiting_.size() + done_.size(); }
  void Wait() override { Step(1); }
  int ReadNow(uint32_t file, uint64_t offset, char* data, size_t bytes) override;
  int SyncNow(uint32_t) override { return 0; }

  // Test control. Called before each operation, with ReadNow's too: an errno makes it fail, having done nothing.
  std::function<int(const DeviceOperation&)> fault;
  // Of writes that fail: their first half has been written all the same.
  bool tears = false;
  // CreateFile fails with kNoSpace when there would be more than this in all files.
  uint64_t capacity_bytes = UINT64_MAX;
  // What PrepareFile is asked for is not made as long as this is so.
  bool hangs_preparing = false;
  // What leaving_bytes answers.
  uint64_t leaving = 0;

  // Finishes up to `count` operations, those submitted first before others; how many there were.
  size_t Step(size_t count);
  size_t waiting() const { return waiting_.size(); }
  uint64_t total_bytes() const;
  // The bytes of a file, to be looked at or damaged.
  std::map<uint32_t, std::string>& files() { return files_; }

 private:
  int Run(const DeviceOperation& operation);

  int event_fd_;
  uint32_t last_file_ = 0;
  std::map<uint32_t, std::string> files_;
  std::optional<uint64_t> preparing_bytes_;
  std::vector<DeviceOperation> waiting_;
  std::vector<DeviceCompletion> done_;
};

}  // namespace tidemark::tiering
