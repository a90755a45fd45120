// Goal: what is kept of events that took long: the longest of each second, the last 160 of them, and nothing when off.
#include "engine/latency_monitor.h"

#include <gtest/gtest.h>

namespace tidemark::engine {
namespace {

TEST(LatencyMonitor, KeepsWhatReachesTheThreshold) {
  int64_t threshold_ms = 0;
  LatencyMonitor monitor(threshold_ms);
  monitor.Note(LatencyEvent::kCommand, 1'000'000, 5);
  EXPECT_TRUE(monitor.Latest().empty()) << "it is off";
  threshold_ms = 10;
  monitor.Note(LatencyEvent::kCommand, 9'999, 5);
  EXPECT_TRUE(monitor.Latest().empty());
  monitor.Note(LatencyEvent::kCommand, 10'000, 5);
  monitor.Note(LatencyEvent::kCommand, 30'000, 5);
  monitor.Note(LatencyEvent::kCommand, 20'000, 5);
  monitor.Note(LatencyEvent::kCommand, 15'000, 6);
  const auto history = monitor.History("command");
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].unix_seconds, 5);
  EXPECT_EQ(history[0].milliseconds, 30);
  ASSERT_EQ(monitor.Latest().size(), 1u);
  EXPECT_EQ(monitor.Latest()[0].last.milliseconds, 15);
  EXPECT_EQ(monitor.Latest()[0].worst_ms, 30);
}

TEST(LatencyMonitor, ForgetsTheOldestAndWhatItIsTold) {
  const int64_t threshold_ms = 1;
  LatencyMonitor monitor(threshold_ms);
  for (int second = 0; second < 200; ++second) monitor.Note(LatencyEvent::kTierColdRead, 1000 * (200 - second), second);
  const auto history = monitor.History("tier-cold-read");
  ASSERT_EQ(history.size(), 160u);
  EXPECT_EQ(history.front().unix_seconds, 40);
  EXPECT_EQ(history.back().unix_seconds, 199);
  EXPECT_EQ(monitor.Latest()[0].worst_ms, 200);
  EXPECT_FALSE(monitor.Reset("command"));
  EXPECT_FALSE(monitor.Reset("no such event"));
  EXPECT_TRUE(monitor.Reset("tier-cold-read"));
  EXPECT_TRUE(monitor.History("tier-cold-read").empty());
}

}  // namespace
}  // namespace tidemark::engine
