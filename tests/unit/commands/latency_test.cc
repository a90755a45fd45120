// LATENCY: what it asks of the monitor and how it answers, in the shapes of redis-server 7.
#include <gtest/gtest.h>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

struct Latency : testing::Test {
  Latency() {
    harness.server.fake_latency.samples = {{"command", {{100, 20}, {105, 31}}}, {"tier-cold-read", {{107, 5}}}};
  }
  Harness harness;
};

TEST_F(Latency, HistoryIsPairsOldestFirst) {
  EXPECT_EQ(harness.Run("LATENCY HISTORY command"), "*2\r\n*2\r\n:100\r\n:20\r\n*2\r\n:105\r\n:31\r\n");
  EXPECT_EQ(harness.Run("LATENCY HISTORY nothing"), "*0\r\n");
}

TEST_F(Latency, LatestHasTimeLastAndWorst) {
  EXPECT_EQ(harness.Run("LATENCY LATEST"),
            "*2\r\n*4\r\n$7\r\ncommand\r\n:105\r\n:31\r\n:31\r\n"
            "*4\r\n$14\r\ntier-cold-read\r\n:107\r\n:5\r\n:5\r\n");
}

TEST_F(Latency, ResetCountsWhatItForgets) {
  EXPECT_EQ(harness.Run("LATENCY RESET nothing command command"), ":1\r\n");
  EXPECT_EQ(harness.Run("LATENCY RESET"), ":1\r\n");
  EXPECT_EQ(harness.Run("LATENCY LATEST"), "*0\r\n");
}

TEST_F(Latency, GraphOfNothingIsAnError) {
  EXPECT_EQ(harness.Run("LATENCY GRAPH command"), "$5\r\ngraph\r\n");
  EXPECT_EQ(harness.Run("LATENCY GRAPH nope"), "-ERR No samples available for event 'nope'\r\n");
}

TEST_F(Latency, HistogramIsAMapOfMaps) {
  harness.server.fake_latency.histograms = {{"get", 3, {{1, 2}, {4, 3}}}};
  EXPECT_EQ(harness.Run("LATENCY HISTOGRAM GET client"),
            "*2\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:3\r\n$14\r\nhistogram_usec\r\n"
            "*4\r\n:1\r\n:2\r\n:4\r\n:3\r\n");
  EXPECT_EQ(harness.server.fake_latency.asked, (std::vector<std::string>{"get", "client"}));
  harness.Run("HELLO 3");
  EXPECT_EQ(harness.Run("LATENCY HISTOGRAM").substr(0, 4), "%1\r\n");
}

}  // namespace
}  // namespace tidemark::commands
