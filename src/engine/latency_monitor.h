// What LATENCY shows: for each kind of event, when it last took longer than latency-monitor-threshold. Fixed memory for
// each of a fixed set of events. Main thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "commands/latency_control.h"

namespace tidemark::engine {

enum class LatencyEvent : uint8_t {
  kCommand,
  kFastCommand,
  kEvictionCycle,
  kExpireCycle,
  kTierColdRead,    // from the turn in which a read was asked for to that which took it in
  kTierSpillSlice,  // choosing and encoding what is written to flash, in one turn
  kTierWriteStall,  // writers held back near maxmemory
};
// Those behind kTierWriteStall are known by their names only.
inline constexpr size_t kLatencyEventCount = 13;
std::string_view LatencyEventName(LatencyEvent event);

class LatencyMonitor {
 public:
  // `threshold_ms` is read at each use; 0: nothing is kept.
  explicit LatencyMonitor(const int64_t& threshold_ms) : threshold_ms_(threshold_ms) {}

  bool enabled() const { return threshold_ms_ != 0; }
  int64_t threshold_ms() const { return threshold_ms_; }
  // Keeps the event if it took long enough.
  void Note(LatencyEvent event, int64_t took_us, int64_t unix_seconds) {
    if (enabled() && took_us >= threshold_ms_ * 1000) [[unlikely]]
      Keep(event, took_us / 1000, unix_seconds);
  }

  // The same by the event's name, for parts that this one does not know.
  void Note(std::string_view event, int64_t took_us, int64_t unix_seconds);

  // Those kept of an event, oldest first.
  std::vector<commands::LatencySample> History(std::string_view event) const;
  // The events of which something is kept.
  std::vector<commands::LatencySeries> Latest() const;
  // Forgets an event; false if there was nothing.
  bool Reset(std::string_view event);

 private:
  static constexpr size_t kSamplesKept = 160;

  struct Series {
    std::array<commands::LatencySample, kSamplesKept> samples;  // a ring
    size_t next = 0;
    size_t count = 0;
    int64_t worst_ms = 0;
  };

  void Keep(LatencyEvent event, int64_t took_ms, int64_t unix_seconds);
  static std::optional<size_t> Find(std::string_view name);
  static const commands::LatencySample& LastOf(const Series& series) {
    return series.samples[(series.next + kSamplesKept - 1) % kSamplesKept];
  }

  const int64_t& threshold_ms_;
  std::array<Series, kLatencyEventCount> series_;
};

// The time from its making to its end is noted. Costs a clock read at each end, and nothing while the monitor is off.
class LatencyScope {
 public:
  LatencyScope(LatencyMonitor& monitor, LatencyEvent event, int64_t unix_seconds);
  ~LatencyScope();
  LatencyScope(const LatencyScope&) = delete;
  LatencyScope& operator=(const LatencyScope&) = delete;

 private:
  LatencyMonitor& monitor_;
  const LatencyEvent event_;
  const int64_t unix_seconds_;
  const int64_t begun_us_;  // 0: the monitor is off
};

}  // namespace tidemark::engine
