#include "observe/latency_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tidemark::observe {
namespace {

using commands::LatencySample;

constexpr size_t kGraphRows = 4;
constexpr size_t kGraphColumnsMax = 80;

// What to do about an event, by its name.
constexpr std::pair<std::string_view, std::string_view> kAdvice[] = {
    {"command",
     "Some commands run long by themselves. Look at LATENCY HISTOGRAM and INFO commandstats for which, and split large "
     "ranges, large collections and wide KEYS or SORT into smaller steps (SCAN and its kin)."},
    {"fast-command",
     "Commands that ought to take no time did. The machine is busy or swaps, or another process takes this core: look "
     "at "
     "steal and system time, at swap, and at transparent huge pages."},
    {"eviction-cycle",
     "Evicting keys takes long. Large values are freed in one go: set lazyfree-lazy-eviction to yes, raise maxmemory, "
     "or "
     "give the flash tier more room so that values are moved there instead."},
    {"expire-cycle",
     "Many keys expire at the same moment. Spread their times to live, lower active-expire-effort, or set "
     "lazyfree-lazy-expire to yes."},
    {"tier-cold-read",
     "Reads from flash take long. Compare tier_read_us_p99 in INFO tiering with what the device can do; other users of "
     "the same device, a write budget that is too high and a full device make reads slow. More RAM makes them fewer."},
    {"tier-spill-slice",
     "Encoding values for flash holds up the event loop. Large collections are written whole: lower tier-max-record so "
     "that they stay in RAM, or split them."},
    {"tier-write-stall",
     "Writers were held back near maxmemory because flash takes values more slowly than they come. Raise maxmemory or "
     "tier-write-budget, lower tier-spill-watermark so that spilling begins earlier, or use a faster device."},
};

std::string Format(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

// A duration in the largest unit of which there is at least one: "5s", "12m", "3h", "2d".
std::string Age(int64_t seconds) {
  if (seconds < 60) return std::to_string(std::max<int64_t>(seconds, 0)) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m";
  if (seconds < 24 * 3600) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / (24 * 3600)) + "d";
}

struct Summary {
  double mean_ms = 0;
  double deviation_ms = 0;     // mean distance from the mean
  double seconds_between = 0;  // samples
};

Summary Summarise(const std::vector<LatencySample>& samples) {
  Summary summary;
  const auto count = static_cast<double>(samples.size());
  for (const LatencySample& sample : samples) summary.mean_ms += static_cast<double>(sample.milliseconds) / count;
  for (const LatencySample& sample : samples) {
    summary.deviation_ms += std::abs(static_cast<double>(sample.milliseconds) - summary.mean_ms) / count;
  }
  const auto span = static_cast<double>(samples.back().unix_seconds - samples.front().unix_seconds);
  summary.seconds_between = samples.size() < 2 ? 0 : span / (count - 1);
  return summary;
}

}  // namespace

std::string RenderLatencyDoctor(const std::vector<LatencyEventSamples>& events, int64_t threshold_ms) {
  if (events.empty() && threshold_ms == 0) {
    return "The latency monitor is off, so there is nothing to tell. CONFIG SET latency-monitor-threshold "
           "<milliseconds> turns it on: events that take at least as long are kept.\n";
  }
  if (events.empty()) {
    return "Nothing has taken " + std::to_string(threshold_ms) + " ms or longer (latency-monitor-threshold).\n";
  }
  std::string report = "What took long:\n\n";
  std::string advice;
  for (size_t i = 0; i < events.size(); ++i) {
    const LatencyEventSamples& event = events[i];
    const Summary summary = Summarise(event.samples);
    report += std::to_string(i + 1) + ". " + event.event + ": " + std::to_string(event.samples.size()) +
              (event.samples.size() == 1 ? " sample" : " samples") + " (average " + Format("%.0f", summary.mean_ms) +
              " ms, mean deviation " + Format("%.0f", summary.deviation_ms) + " ms" +
              (event.samples.size() == 1 ? "" : ", one every " + Format("%.1f", summary.seconds_between) + " s") +
              "). Worst of all " + std::to_string(event.worst_ms) + " ms.\n";
    for (const auto& [name, text] : kAdvice) {
      if (event.event == name) advice += "- " + event.event + ": " + std::string(text) + "\n";
    }
  }
  report += "\nWhat may help:\n\n" + advice;
  if (threshold_ms == 0) report += "\nThe latency monitor is off now (latency-monitor-threshold 0).\n";
  return report;
}

std::string RenderLatencyGraph(const LatencyEventSamples& event, int64_t now_unix_seconds) {
  const size_t columns = std::min(event.samples.size(), kGraphColumnsMax);
  const std::vector<LatencySample> shown(event.samples.end() - static_cast<std::ptrdiff_t>(columns),
                                         event.samples.end());
  const auto shorter = [](const LatencySample& a, const LatencySample& b) { return a.milliseconds < b.milliseconds; };
  const int64_t low = std::min_element(shown.begin(), shown.end(), shorter)->milliseconds;
  const int64_t high = std::max_element(shown.begin(), shown.end(), shorter)->milliseconds;
  std::string graph = event.event + " - high " + std::to_string(high) + " ms, low " + std::to_string(low) +
                      " ms (all time high " + std::to_string(event.worst_ms) + " ms)\n" + std::string(80, '-') + "\n";
  // The top of a column is '_', 'o' or '#', by how far it reaches into its row; below it are bars.
  static constexpr std::string_view kTops = "_o#";
  const int64_t steps = static_cast<int64_t>(kGraphRows * kTops.size());
  for (size_t row = kGraphRows; row-- > 0;) {
    for (const LatencySample& sample : shown) {
      const int64_t height = high == low ? 0 : (sample.milliseconds - low) * (steps - 1) / (high - low);
      const auto top_row = static_cast<size_t>(height) / kTops.size();
      const char top = kTops[static_cast<size_t>(height) % kTops.size()];
      graph += row == top_row ? top : row < top_row ? '|' : ' ';
    }
    graph += "\n";
  }
  graph += "\n";
  std::vector<std::string> ages;
  size_t longest = 0;
  for (const LatencySample& sample : shown) {
    ages.push_back(Age(now_unix_seconds - sample.unix_seconds));
    longest = std::max(longest, ages.back().size());
  }
  for (size_t row = 0; row < longest; ++row) {
    for (const std::string& age : ages) graph += row < age.size() ? age[row] : ' ';
    graph += "\n";
  }
  return graph;
}

}  // namespace tidemark::observe
