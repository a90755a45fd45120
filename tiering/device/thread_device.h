// A device on a few threads with blocking calls: for systems that refuse io_uring.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tiering/device/file_device.h"

namespace tidemark::tiering {

class ThreadDevice final : public FileDevice {
 public:
  ThreadDevice(const std::string& dir, int threads);
  ~ThreadDevice() override;

  const char* name() const override { return "threads"; }
  void Submit(const DeviceOperation& operation) override;
  void Kick() override;
  void Reap(std::vector<DeviceCompletion>& out) override;
  void Wait() override;

 private:
  struct Job {
    DeviceOperation operation;
    int fd = -1;
  };

  void Run();

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
