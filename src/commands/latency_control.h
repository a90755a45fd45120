// What LATENCY needs of the layers above.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::commands {

struct LatencySample {
  int64_t unix_seconds = 0;
  int64_t milliseconds = 0;
};

// A kind of event of which some took long.
struct LatencySeries {
  std::string event;
  LatencySample last;
  int64_t worst_ms = 0;
};

// How long the calls of a command took: how many took less than so many microseconds, where that number grows.
struct CommandLatency {
  std::string name;
  uint64_t calls = 0;
  std::vector<std::pair<uint64_t, uint64_t>> below_us;  // microseconds, calls
};

class LatencyControl {
 public:
  virtual ~LatencyControl() = default;
  // Oldest first; empty if there is nothing of this event.
  virtual std::vector<LatencySample> History(std::string_view event) const = 0;
  virtual std::vector<LatencySeries> Latest() const = 0;
  // Forgets one event; false if there was nothing.
  virtual bool Reset(std::string_view event) = 0;
  // In the order of the names. Of the commands of these names (lower case, "container|subcommand"; of a container, of
  // its subcommands), or of all if there are none; commands never called are left out.
  virtual std::vector<CommandLatency> Histograms(const std::vector<std::string>& names) const = 0;
  // Texts for readers. The graph is empty if there is nothing of this event.
  virtual std::string Doctor() const = 0;
  virtual std::string Graph(std::string_view event) const = 0;
};

}  // namespace tidemark::commands
