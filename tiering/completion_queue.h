// Where an engine's threads leave what they have finished for the main thread, with an eventfd that is readable while
// something is waiting. Push may be called by any thread, Reap by the main thread.
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <vector>

#include "tiering/flash_store.h"

namespace tidemark::tiering {

class CompletionQueue {
 public:
  CompletionQueue();
  ~CompletionQueue();
  CompletionQueue(const CompletionQueue&) = delete;
  CompletionQueue& operator=(const CompletionQueue&) = delete;

  int fd() const { return fd_; }
  void Push(FlashCompletion completion);
  // Takes all of `completions` and leaves it empty.
  void Push(std::vector<FlashCompletion>& completions);
  // Appends at most `max` to `out`; returns how many.
  size_t Reap(std::vector<FlashCompletion>& out, size_t max);

 private:
  // Invariant, under `mutex_`: the eventfd is readable exactly while `done_` is not empty.
  void Signal();

  const int fd_;
  std::mutex mutex_;
  std::deque<FlashCompletion> done_;
};

}  // namespace tidemark::tiering
