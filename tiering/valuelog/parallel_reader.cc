#include "tiering/valuelog/parallel_reader.h"

#include <pthread.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr size_t kBuffersKept = 1;

}  // namespace

ParallelReader::ParallelReader(const ValueLogStore& store) : store_(store), pool_(kBufferBytes, kBuffersKept) {}

ParallelReader::~ParallelReader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::vector<Result<FlashRecord>> ParallelReader::Read(std::span<const Locator> locators) {
  if (!started_) StartThreads();
  std::unique_lock lock(mutex_);
  locators_ = locators;
  records_.assign(locators.size(), Result<FlashRecord>(Status()));
  next_ = finished_ = 0;
  work_.notify_all();
  Work(lock, pool_);
  done_.wait(lock, [this] { return finished_ == locators_.size(); });
  return std::exchange(records_, {});
}

void ParallelReader::StartThreads() {
  started_ = true;
  try {
    while (threads_.size() < kThreads) threads_.emplace_back([this] { Run(); });
  } catch (const std::system_error&) {
    // Fewer will do.
  }
}

void ParallelReader::Run() {
  pthread_setname_np(pthread_self(), "tier-snapshot");
  BufferPool pool(kBufferBytes, kBuffersKept);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Work(lock, pool);
    work_.wait(lock, [this] { return stopping_ || next_ < locators_.size(); });
  }
}

void ParallelReader::Work(std::unique_lock<std::mutex>& lock, BufferPool& pool) {
  while (next_ < locators_.size()) {
    const size_t begin = next_;
    const size_t end = std::min(begin + kReadsAtATime, locators_.size());
    next_ = end;
    lock.unlock();
    // Each writes to places that are its own.
    for (size_t i = begin; i < end; ++i) records_[i] = store_.ReadQuietly(locators_[i], pool);
    lock.lock();
    finished_ += end - begin;
    if (finished_ == locators_.size()) done_.notify_one();
  }
}

}  // namespace tidemark::tiering
