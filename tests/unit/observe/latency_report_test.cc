// Goal: the texts of LATENCY DOCTOR and GRAPH say what the samples say, whatever these are.
#include "observe/latency_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace tidemark::observe {
namespace {

using ::testing::HasSubstr;

TEST(LatencyDoctor, SaysThatThereIsNothing) {
  EXPECT_THAT(RenderLatencyDoctor({}, 0), HasSubstr("latency-monitor-threshold"));
  EXPECT_THAT(RenderLatencyDoctor({}, 100), HasSubstr("100 ms"));
}

TEST(LatencyDoctor, SummarisesEachEventAndAdvises) {
  const std::string report =
      RenderLatencyDoctor({{"command", {{100, 10}, {110, 30}}, 50}, {"tier-write-stall", {{200, 7}}, 7}}, 5);
  EXPECT_THAT(report, HasSubstr("1. command: 2 samples (average 20 ms, mean deviation 10 ms, one every 10.0 s). "
                                "Worst of all 50 ms."));
  EXPECT_THAT(report, HasSubstr("2. tier-write-stall: 1 sample (average 7 ms, mean deviation 0 ms)."));
  EXPECT_THAT(report, HasSubstr("tier-spill-watermark"));
}

TEST(LatencyGraph, HasAColumnASampleAndItsAge) {
  const std::string graph = RenderLatencyGraph({"command", {{0, 10}, {86'400, 20}, {86'400 + 3600, 40}}, 90}, 90'060);
  std::istringstream lines(graph);
  std::vector<std::string> rows;
  for (std::string line; std::getline(lines, line);) rows.push_back(line);
  ASSERT_GE(rows.size(), 8u);
  EXPECT_EQ(rows[0], "command - high 40 ms, low 10 ms (all time high 90 ms)");
  EXPECT_EQ(rows[2], "  #") << "the highest reaches the top";
  EXPECT_EQ(rows[5], "_||") << "the lowest lies at the bottom";
  EXPECT_EQ(rows[7], "111");
  EXPECT_EQ(rows[8], "dhm");
}

TEST(LatencyGraph, OfManySamplesShowsTheLast) {
  LatencyEventSamples event{"command", {}, 5};
  for (int i = 0; i < 160; ++i) event.samples.push_back({i, 5});
  const std::string graph = RenderLatencyGraph(event, 160);
  EXPECT_THAT(graph, HasSubstr("\n" + std::string(80, '_') + "\n"));
}

}  // namespace
}  // namespace tidemark::observe
