// Frees what is too large to free on the main thread: values and whole databases, on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/background_worker.h"
#include "keyspace/database.h"

namespace tidemark::keyspace {

class LazyFree {
 public:
  // Values of at least this many bytes or allocations are worth handing over.
  static constexpr size_t kWorthwhileBytes = 64 * 1024;
  static constexpr size_t kWorthwhileEffort = 64;

  LazyFree();
  ~LazyFree();

  void FreeLater(const values::Object& object);
  // Takes the contents of a database.
  void FreeDictLater(std::unique_ptr<EntryDict> dict);

  // Once this is zero, freed_objects() and TakeLocators() know of all that was handed over.
  uint64_t pending_objects() const { return pending_.load(std::memory_order_acquire); }
  uint64_t freed_objects() const { return freed_.load(std::memory_order_relaxed); }
  void ResetFreedObjects() { freed_.store(0, std::memory_order_relaxed); }
  // Locators that freed databases named, since the last call. Main thread.
  std::vector<uint64_t> TakeLocators();

 private:
  std::atomic<uint64_t> pending_ = 0;
  std::atomic<uint64_t> freed_ = 0;
  std::mutex mutex_;
  std::vector<uint64_t> locators_;
  BackgroundWorker worker_;
};

}  // namespace tidemark::keyspace
