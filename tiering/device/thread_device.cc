#include "tiering/device/thread_device.h"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/check.h"
#include "tiering/device/whole_transfer.h"

namespace tidemark::tiering {

ThreadDevice::ThreadDevice(const std::string& dir, int threads)
    : files_(dir), event_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TIDEMARK_CHECK(event_fd_ >= 0);
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { Run(); });
}

ThreadDevice::~ThreadDevice() {
  Kick();
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  close(event_fd_);
}

void ThreadDevice::Submit(const DeviceOperation& operation) {
  queued_.push_back({operation, files_.fd(operation.file)});
  ++in_flight_;
}

void ThreadDevice::Kick() {
  if (queued_.empty()) return;
  {
    std::lock_guard lock(mutex_);
    std::move(queued_.begin(), queued_.end(), std::back_inserter(jobs_));
  }
  if (queued_.size() == 1) {
    work_.notify_one();
  } else {
    work_.notify_all();
  }
  queued_.clear();
}

void ThreadDevice::Run() {
  pthread_setname_np(pthread_self(), "tier-io");
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job job = jobs_.front();
    jobs_.pop_front();
    lock.unlock();
    const int error = RunWhole(job.fd, job.operation);
    lock.lock();
    done_.push_back({job.operation.tag, error});
    if (done_.size() == 1) Signal();
    done_changed_.notify_one();
  }
}

void ThreadDevice::Signal() {
  const uint64_t one = 1;
  TIDEMARK_CHECK(write(event_fd_, &one, sizeof(one)) == sizeof(one));
}

void ThreadDevice::Reap(std::vector<DeviceCompletion>& out) {
  std::lock_guard lock(mutex_);
  uint64_t signals = 0;
  [[maybe_unused]] const ssize_t cleared = read(event_fd_, &signals, sizeof(signals));
  in_flight_ -= done_.size();
  out.insert(out.end(), done_.begin(), done_.end());
  done_.clear();
}

void ThreadDevice::Wait() {
  if (in_flight_ == 0) return;
  Kick();
  std::unique_lock lock(mutex_);
  done_changed_.wait(lock, [this] { return !done_.empty(); });
}

int ThreadDevice::ReadNow(uint32_t file, uint64_t offset, char* data, size_t bytes) {
  return ReadWhole(files_.fd(file), offset, data, bytes);
}

int ThreadDevice::SyncNow(uint32_t file) {
  return fdatasync(files_.fd(file)) == 0 ? 0 : errno;
}

}  // namespace tidemark::tiering
