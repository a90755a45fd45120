// `maxmemory` and how near to it the process is. Main thread.
#pragma once

#include <cstdint>

#include "base/memory.h"

namespace tidemark {

class MemoryLimit {
 public:
  explicit MemoryLimit(MemoryAccount& account) : account_(account) {}

  MemoryAccount& account() { return account_; }
  // Bytes; 0: no limit.
  uint64_t max_bytes() const { return max_bytes_; }
  void set_max_bytes(uint64_t bytes) { max_bytes_ = bytes; }
  bool limited() const { return max_bytes_ != 0; }
  uint64_t Mark(int percent) const { return max_bytes_ / 100 * static_cast<uint64_t>(percent); }

  // Bytes allocated, which is what eviction and refusals go by: it falls with each key deleted.
  uint64_t allocated() const { return account_.used(); }
  // Bytes in use as the pager counts them: what is allocated, or most of the pages that hold it where these are so
  // sparsely filled that the resident set would pass the limit.
  uint64_t used() const;
  // Lets the account ask the allocator: often when near the limit, seldom otherwise.
  void Refresh(int64_t mono_us);

 private:
  MemoryAccount& account_;
  uint64_t max_bytes_ = 0;
  int64_t next_sample_us_ = 0;
};

}  // namespace tidemark
