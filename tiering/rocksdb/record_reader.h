// The engine's reading threads. Reads wait in two queues; those for clients always go first. A thread takes a handful
// at a time and fetches them with one MultiGet, in key order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/status.h"
#include "tiering/completion_queue.h"
#include "tiering/flash_store.h"

namespace rocksdb {
class DB;
class Snapshot;
}  // namespace rocksdb

namespace tidemark::tiering {

class RecordReader {
 public:
  struct Options {
    int threads = 2;
    int nice_increment = 0;
  };

  RecordReader(::rocksdb::DB& db, CompletionQueue& completions, Options options);
  ~RecordReader();

  // Main thread.
  void Submit(std::span<const Locator> locators, ReadPriority priority);
  // Reads on the calling thread; `snapshot` may be null.
  Result<FlashRecord> ReadNow(Locator locator, const ::rocksdb::Snapshot* snapshot);

  // Leaves what is queued undone and joins the threads.
  void Stop();

  // Of the records as they are stored.
  uint64_t read_bytes() const { return read_bytes_.load(std::memory_order_relaxed); }

 private:
  void Run(int index);
  bool TakeBatch(std::vector<Locator>& batch);
  void ReadBatch(std::vector<Locator>& batch, std::vector<FlashCompletion>& done);

  ::rocksdb::DB& db_;
  CompletionQueue& completions_;
  const Options options_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Locator> client_;
  std::deque<Locator> background_;
  int idle_threads_ = 0;
  bool stopping_ = false;
  std::atomic<uint64_t> read_bytes_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace tidemark::tiering
