#include "base/background_worker.h"

#include <pthread.h>

#include <utility>

namespace tidemark {

BackgroundWorker::BackgroundWorker(std::string thread_name)
    : thread_([this, name = std::move(thread_name)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
        Run();
      }) {}

BackgroundWorker::~BackgroundWorker() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BackgroundWorker::Post(std::function<void()> job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    pending_.fetch_add(1, std::memory_order_relaxed);
  }
  changed_.notify_all();
}

void BackgroundWorker::Drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return pending() == 0; });
}

void BackgroundWorker::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
    pending_.fetch_sub(1, std::memory_order_relaxed);
    changed_.notify_all();
  }
}

}  // namespace tidemark
