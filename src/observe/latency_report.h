// The texts of LATENCY DOCTOR and LATENCY GRAPH, from the samples of the events. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "commands/latency_control.h"

namespace tidemark::observe {

struct LatencyEventSamples {
  std::string event;
  std::vector<commands::LatencySample> samples;  // oldest first, at least one
  int64_t worst_ms = 0;
};

// `threshold_ms` is latency-monitor-threshold, 0 if the monitor is off.
std::string RenderLatencyDoctor(const std::vector<LatencyEventSamples>& events, int64_t threshold_ms);

// A picture of one event, a column a sample, with the age of each below.
std::string RenderLatencyGraph(const LatencyEventSamples& event, int64_t now_unix_seconds);

}  // namespace tidemark::observe
