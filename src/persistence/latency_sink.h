// Who hears how long the waits for files took.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark::persistence {

class LatencySink {
 public:
  virtual ~LatencySink() = default;
  // `event` as LATENCY names it.
  virtual void NoteLatency(std::string_view event, int64_t took_us) = 0;
};

}  // namespace tidemark::persistence
