#include "tiering/completion_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace tidemark::tiering {

CompletionQueue::CompletionQueue() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TIDEMARK_CHECK(fd_ >= 0);
}

CompletionQueue::~CompletionQueue() {
  close(fd_);
}

void CompletionQueue::Signal() {
  const uint64_t one = 1;
  TIDEMARK_CHECK(write(fd_, &one, sizeof(one)) == sizeof(one));
}

void CompletionQueue::Push(FlashCompletion completion) {
  std::lock_guard lock(mutex_);
  if (done_.empty()) Signal();
  done_.push_back(std::move(completion));
}

void CompletionQueue::Push(std::vector<FlashCompletion>& completions) {
  if (completions.empty()) return;
  std::lock_guard lock(mutex_);
  if (done_.empty()) Signal();
  std::move(completions.begin(), completions.end(), std::back_inserter(done_));
  completions.clear();
}

size_t CompletionQueue::Reap(std::vector<FlashCompletion>& out, size_t max) {
  std::lock_guard lock(mutex_);
  const size_t count = std::min(max, done_.size());
  if (count == 0) return 0;
  const auto end = done_.begin() + static_cast<ptrdiff_t>(count);
  std::move(done_.begin(), end, std::back_inserter(out));
  done_.erase(done_.begin(), end);
  if (done_.empty()) {
    uint64_t signals = 0;
    TIDEMARK_CHECK(read(fd_, &signals, sizeof(signals)) == sizeof(signals));
  }
  return count;
}

}  // namespace tidemark::tiering
