// The allocator (jemalloc) and its account.
//
// What `maxmemory` bounds is everything the process has allocated, less what the flash engine says it holds in caches
// and buffers, which has a budget of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tidemark {

// As malloc and friends; a failed allocation stops the process.
void* Allocate(size_t bytes);
void* AllocateZeroed(size_t bytes, size_t alignment);
void* Reallocate(void* block, size_t bytes);
void Release(void* block);
// What the allocator really set aside for a block, bytes.
size_t AllocatedBytes(const void* block);
// What an allocation of `bytes` would really take.
size_t GoodSize(size_t bytes);
// What a string has allocated beside itself.
size_t HeapBytes(const std::string& text);

struct MemorySnapshot {
  uint64_t used = 0;       // what counts towards maxmemory
  uint64_t excluded = 0;   // held by the flash engine, does not count
  uint64_t allocated = 0;  // process-wide: in use by the program
  uint64_t active = 0;     // pages that hold it
  uint64_t resident = 0;   // pages mapped by the allocator
  uint64_t retained = 0;
  uint64_t metadata = 0;
  uint64_t rss = 0;  // of the process, as the kernel counts
};

// Owned and used by the main thread.
class MemoryAccount {
 public:
  // Gives the calling thread an arena of its own, so that its long-lived blocks do not share pages with the passing
  // ones of other threads. Call once, before any other allocation of consequence.
  MemoryAccount();

  // Bytes in use: the last Sample plus what this thread allocated and freed since. A few loads.
  uint64_t used() const;
  // Bytes that do not count, from the next Sample on.
  void set_excluded_bytes(uint64_t bytes) { excluded_ = bytes; }
  uint64_t excluded_bytes() const { return sample_.excluded; }
  uint64_t peak() const { return peak_; }
  // `used` at the end of start-up; set by SetStartup.
  uint64_t startup() const { return startup_; }
  void SetStartup() { startup_ = used(); }
  void ResetPeak() { peak_ = used(); }

  // Asks jemalloc for exact figures (tens of microseconds). Call a few times a second.
  void Sample();
  // Figures as of the last Sample, with `rss` read now.
  MemorySnapshot Snapshot() const;
  // Pages that hold what is in use, as of the last Sample; bytes.
  uint64_t active_pages_bytes() const {
    return sample_.active > sample_.excluded ? sample_.active - sample_.excluded : 0;
  }
  // `used` as of the last Sample.
  uint64_t sampled_used() const { return sample_.used; }
  // Returns free pages to the kernel now (MEMORY PURGE).
  void Purge();
  // jemalloc's own report (MEMORY MALLOC-STATS).
  static std::string AllocatorReport();
  static std::string AllocatorName();

 private:
  int64_t NetOfThread() const;

  uint64_t excluded_ = 0;
  const uint64_t* thread_allocated_ = nullptr;
  const uint64_t* thread_freed_ = nullptr;
  int64_t net_at_sample_ = 0;
  MemorySnapshot sample_;
  mutable uint64_t peak_ = 0;
  uint64_t startup_ = 0;
};

// Resident set of this process, bytes.
uint64_t ProcessRssBytes();
// RAM of the machine, or of the control group if that allows less; bytes.
uint64_t SystemMemoryBytes();

}  // namespace tidemark
