// Reads records of the value log on several threads, so that a drive has more than one read to do at a time. For one
// who waits for a great many, while nothing else happens in the store: a save in the foreground, or a forked child,
// which begins its threads itself.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "tiering/device/aligned_buffer.h"
#include "tiering/flash_store.h"

namespace tidemark::tiering {

class ValueLogStore;

class ParallelReader final : public ForkedReader {
 public:
  explicit ParallelReader(const ValueLogStore& store);
  ~ParallelReader() override;

  std::vector<Result<FlashRecord>> Read(std::span<const Locator> locators) override;

 private:
  // Beside the one that waits, which helps.
#ifdef __SANITIZE_THREAD__
  static constexpr size_t kThreads = 0;  // it allows none in a forked child
#else
  static constexpr size_t kThreads = 7;
#endif
  // What a thread takes at a time.
  static constexpr size_t kReadsAtATime = 4;

  // As many as the system grants.
  void StartThreads();
  void Run();
  // Reads until all reads have been taken. Lets go of the lock in between.
  void Work(std::unique_lock<std::mutex>& lock, BufferPool& pool);

  const ValueLogStore& store_;
  BufferPool pool_;                   // of the thread that waits
  std::vector<std::thread> threads_;  // from the first Read on
  bool started_ = false;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_;
  std::span<const Locator> locators_;
  std::vector<Result<FlashRecord>> records_;
  size_t next_ = 0;
  size_t finished_ = 0;
  bool stopping_ = false;
};

}  // namespace tidemark::tiering
