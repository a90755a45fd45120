// The engine's one writing thread: takes queued records and frees, merges what has gathered into one RocksDB batch of
// about a megabyte, and reports each record. Frees wait for company for a moment, since nobody waits for them.
//
// A queued record is shared by the main thread, which answers reads from it until its completion has been reaped, and
// this thread. Who moves its state away from kQueued decides: taken, it will be written and a later free must
// delete it; cancelled, it never reaches RocksDB. So a delete always comes in a later batch than its put.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tiering/completion_queue.h"
#include "tiering/flash_store.h"
#include "tiering/rocksdb/disk_gauge.h"
#include "tiering/rocksdb/record_codec.h"
#include "tiering/rocksdb/space_map.h"

namespace rocksdb {
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace tidemark::tiering {

struct PendingWrite {
  enum class State : uint8_t { kQueued, kTaken, kCancelled };

  PendingWrite(Locator where, FlashRecord what) : locator(where), record(std::move(what)) {}
  // True for exactly one caller.
  bool Claim(State claimed) {
    State expected = State::kQueued;
    return state.compare_exchange_strong(expected, claimed);
  }

  const Locator locator;
  const FlashRecord record;
  std::atomic<State> state = State::kQueued;
  bool freed = false;  // main thread only
};

class RecordWriter {
 public:
  struct Options {
    Compression compression = Compression::kSnappy;
    int nice_increment = 0;
  };

  RecordWriter(::rocksdb::DB& db, SpaceMap& space, DiskGauge& gauge, CompletionQueue& completions, Options options);
  ~RecordWriter();

  // Main thread.
  void Write(std::span<const std::shared_ptr<PendingWrite>> writes);
  void Free(std::span<const Locator> locators);
  // Drops every record up to this id. The caller has cancelled those still queued.
  void ClearThrough(uint64_t id);
  // Waits until every record handed to Write so far has been written or refused.
  void Drain();

  // Of the records written from now on.
  void set_compression(Compression compression) { compression_.store(compression, std::memory_order_relaxed); }

  // Leaves what is queued undone and joins the thread.
  void Stop();

  uint64_t compressed_records() const { return compressed_records_.load(std::memory_order_relaxed); }
  // Rises whenever something was put into RocksDB, for the cleaner to see whether the store is idle.
  uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }
  // True after a failed batch, until one succeeds.
  bool failing() const { return failing_.load(std::memory_order_relaxed); }

 private:
  struct Round {
    std::vector<std::shared_ptr<PendingWrite>> writes;
    std::vector<Locator> frees;
    uint64_t clear_through = 0;
  };

  void Run();
  bool WaitForRound(Round& round);
  void Perform(Round& round);
  void PutBack(Round& round);

  ::rocksdb::DB& db_;
  SpaceMap& space_;
  DiskGauge& gauge_;
  CompletionQueue& completions_;
  const Options options_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable drained_;
  std::deque<std::shared_ptr<PendingWrite>> writes_;
  std::vector<Locator> frees_;
  int64_t frees_due_us_ = 0;  // when the frees that wait should be applied at the latest
  uint64_t clear_through_ = 0;
  bool busy_ = false;
  bool stopping_ = false;

  std::atomic<Compression> compression_;
  std::atomic<uint64_t> compressed_records_ = 0;
  std::atomic<uint64_t> batches_ = 0;
  std::atomic<bool> failing_ = false;
  std::thread thread_;
};

}  // namespace tidemark::tiering
