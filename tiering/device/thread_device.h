// A device on a few threads with blocking calls: for systems that refuse io_uring.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tiering/device/device.h"
#include "tiering/device/segment_files.h"

namespace tidemark::tiering {

class ThreadDevice final : public Device {
 public:
  ThreadDevice(const std::string& dir, int threads);
  ~ThreadDevice() override;

  const char* name() const override { return "threads"; }
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
  struct Job {
    DeviceOperation operation;
    int fd = -1;
  };

  void Run();

  SegmentFiles files_;
  const int event_fd_;
  size_t in_flight_ = 0;
  std::vector<Job> queued_;

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_changed_;
  std::deque<Job> jobs_;
  std::vector<DeviceCompletion> done_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;  // last: they use the rest
};

}  // namespace tidemark::tiering
