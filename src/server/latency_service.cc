#include "server/latency_service.h"

#include <algorithm>

#include "observe/latency_report.h"

namespace tidemark::server {
namespace {

// What redis-server calls the step up to 2^exponent nanoseconds: the end of the bucket of its histogram which begins
// there, whose width is a 128th.
uint64_t StepUs(int exponent) {
  const uint64_t nanoseconds = uint64_t{1} << exponent;
  return (nanoseconds + nanoseconds / 128 - 1) / 1000;
}

// Calls by powers of two of nanoseconds. Steps that add nothing are left out.
commands::CommandLatency Describe(const engine::CommandRecord& record) {
  constexpr int kMicrosecondExponent = 10;
  commands::CommandLatency latency{record.full_name, record.latency.count(), {}};
  uint64_t before = 0;
  for (int exponent = kMicrosecondExponent; before < latency.calls; ++exponent) {
    const uint64_t calls = record.latency.CountBelowPowerOfTwo(exponent);
    if (calls > before) latency.below_us.emplace_back(StepUs(exponent), calls);
    before = calls;
  }
  return latency;
}

bool IsNamed(const std::string& command, const std::string& name) {
  return command == name || command.starts_with(name + "|");
}

}  // namespace

std::vector<commands::CommandLatency> LatencyService::Histograms(const std::vector<std::string>& names) const {
  std::vector<const engine::CommandRecord*> called;
  for (const auto& [spec, record] : engine_.stats().commands()) {
    if (record->latency.count() > 0) called.push_back(record.get());
  }
  std::ranges::sort(called, {}, &engine::CommandRecord::full_name);
  std::vector<commands::CommandLatency> found;
  if (names.empty()) {
    for (const engine::CommandRecord* record : called) found.push_back(Describe(*record));
  }
  for (const std::string& name : names) {
    for (const engine::CommandRecord* record : called) {
      if (IsNamed(record->full_name, name)) found.push_back(Describe(*record));
    }
  }
  return found;
}

std::string LatencyService::Doctor() const {
  std::vector<observe::LatencyEventSamples> events;
  for (const commands::LatencySeries& series : Latest()) {
    events.push_back({series.event, History(series.event), series.worst_ms});
  }
  return observe::RenderLatencyDoctor(events, engine_.latency().threshold_ms());
}

std::string LatencyService::Graph(std::string_view event) const {
  for (const commands::LatencySeries& series : Latest()) {
    if (series.event != event) continue;
    return observe::RenderLatencyGraph({series.event, History(event), series.worst_ms}, engine_.clock().unix_seconds());
  }
  return {};
}

}  // namespace tidemark::server
