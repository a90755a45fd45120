#include "engine/latency_monitor.h"

#include <algorithm>
#include <string>

#include "base/clock.h"

namespace tidemark::engine {
namespace {

constexpr std::array<std::string_view, kLatencyEventCount> kNames = {
    "command",         "fast-command",     "eviction-cycle",          "expire-cycle",
    "tier-cold-read",  "tier-spill-slice", "tier-write-stall",        "fork",
    "aof-write",       "aof-write-alone",  "aof-write-pending-fsync", "aof-write-active-child",
    "aof-fsync-always"};

}  // namespace

std::string_view LatencyEventName(LatencyEvent event) {
  return kNames[static_cast<size_t>(event)];
}

std::optional<size_t> LatencyMonitor::Find(std::string_view name) {
  const auto it = std::ranges::find(kNames, name);
  if (it == kNames.end()) return std::nullopt;
  return static_cast<size_t>(it - kNames.begin());
}

void LatencyMonitor::Note(std::string_view event, int64_t took_us, int64_t unix_seconds) {
  if (!enabled() || took_us < threshold_ms_ * 1000) return;
  if (const std::optional<size_t> found = Find(event)) {
    Keep(static_cast<LatencyEvent>(*found), took_us / 1000, unix_seconds);
  }
}

void LatencyMonitor::Keep(LatencyEvent event, int64_t took_ms, int64_t unix_seconds) {
  Series& series = series_[static_cast<size_t>(event)];
  series.worst_ms = std::max(series.worst_ms, took_ms);
  // Of the events of one second, the longest.
  if (series.count > 0 && LastOf(series).unix_seconds == unix_seconds) {
    commands::LatencySample& last = series.samples[(series.next + kSamplesKept - 1) % kSamplesKept];
    last.milliseconds = std::max(last.milliseconds, took_ms);
    return;
  }
  series.samples[series.next] = {unix_seconds, took_ms};
  series.next = (series.next + 1) % kSamplesKept;
  series.count = std::min(series.count + 1, kSamplesKept);
}

std::vector<commands::LatencySample> LatencyMonitor::History(std::string_view event) const {
  std::vector<commands::LatencySample> history;
  const std::optional<size_t> found = Find(event);
  if (!found) return history;
  const Series& series = series_[*found];
  for (size_t i = 0; i < series.count; ++i) {
    history.push_back(series.samples[(series.next + kSamplesKept - series.count + i) % kSamplesKept]);
  }
  return history;
}

std::vector<commands::LatencySeries> LatencyMonitor::Latest() const {
  std::vector<commands::LatencySeries> latest;
  for (size_t i = 0; i < series_.size(); ++i) {
    if (series_[i].count > 0) latest.push_back({std::string(kNames[i]), LastOf(series_[i]), series_[i].worst_ms});
  }
  return latest;
}

bool LatencyMonitor::Reset(std::string_view event) {
  const std::optional<size_t> found = Find(event);
  if (!found || series_[*found].count == 0) return false;
  series_[*found] = {};
  return true;
}

LatencyScope::LatencyScope(LatencyMonitor& monitor, LatencyEvent event, int64_t unix_seconds)
    : monitor_(monitor),
      event_(event),
      unix_seconds_(unix_seconds),
      begun_us_(monitor.enabled() ? Clock::MonotonicUs() : 0) {}

LatencyScope::~LatencyScope() {
  if (begun_us_ != 0) monitor_.Note(event_, Clock::MonotonicUs() - begun_us_, unix_seconds_);
}

}  // namespace tidemark::engine
