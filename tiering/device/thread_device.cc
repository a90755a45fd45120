#include "tiering/device/thread_device.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "tiering/device/whole_transfer.h"

namespace tidemark::tiering {

ThreadDevice::ThreadDevice(const std::string& dir, int threads) : FileDevice(dir) {
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

void ThreadDevice::Reap(std::vector<DeviceCompletion>& out) {
  std::lock_guard lock(mutex_);
  ClearSignal();
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

}  // namespace tidemark::tiering
