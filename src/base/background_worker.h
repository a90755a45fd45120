// One thread that runs jobs in the order they were given.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tidemark {

class BackgroundWorker {
 public:
  explicit BackgroundWorker(std::string thread_name);
  // Runs what is queued, then stops.
  ~BackgroundWorker();
  BackgroundWorker(const BackgroundWorker&) = delete;
  BackgroundWorker& operator=(const BackgroundWorker&) = delete;

  void Post(std::function<void()> job);
  // Jobs given and not yet finished.
  size_t pending() const { return pending_.load(std::memory_order_relaxed); }
  // Returns when every job given so far has finished.
  void Drain();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::atomic<size_t> pending_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tidemark
