// For who goes through a segment from its beginning to its end: the detached bodies whose headers have been passed and
// which are still to come. Headers and bodies are in the same order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "tiering/valuelog/record.h"

namespace tidemark::tiering {

class BodiesAhead {
 public:
  // The header was found at `at`. False, and nothing is added, if its body cannot lie where it says: behind the header
  // and the bodies before it, in the first `end` bytes.
  bool Add(const DetachedHeader& header, uint64_t at, uint64_t end) {
    const uint64_t earliest = std::max(at + sizeof(header), headers_.empty() ? 0 : headers_.back().body_end());
    if (header.body_offset() < earliest || header.body_end() > end) return false;
    headers_.push_back(header);
    return true;
  }
  // Whether the next one begins at `at`.
  bool IsAt(uint64_t at) const { return !headers_.empty() && headers_.front().body_offset() == at; }
  // Where the next one begins; `end` if there is none.
  uint64_t NextOr(uint64_t end) const { return headers_.empty() ? end : headers_.front().body_offset(); }
  const DetachedHeader& front() const { return headers_.front(); }
  void Pop() { headers_.pop_front(); }
  void Clear() { headers_.clear(); }

 private:
  std::deque<DetachedHeader> headers_;
};

}  // namespace tidemark::tiering
