// TIER: what it asks of the tier and how it answers.
#include <gtest/gtest.h>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

TEST(Tier, StatsIsAMapWithNumbersAsNumbers) {
  Harness harness;
  harness.tier.stats = {{"tier_engine", "rocksdb"}, {"tier_keys", "42"}};
  EXPECT_EQ(harness.Run("TIER STATS"), "*4\r\n$11\r\ntier_engine\r\n$7\r\nrocksdb\r\n$9\r\ntier_keys\r\n:42\r\n");
  harness.Run("HELLO 3");
  EXPECT_EQ(harness.Run("TIER STATS"), "%2\r\n$11\r\ntier_engine\r\n$7\r\nrocksdb\r\n$9\r\ntier_keys\r\n:42\r\n");
}

TEST(Tier, WhereNamesTheResidency) {
  Harness harness;
  harness.tier.where = {{"a", "cold"}};
  EXPECT_EQ(harness.Run("TIER WHERE a"), "$4\r\ncold\r\n");
  EXPECT_EQ(harness.Run("TIER WHERE nokey"), "$7\r\nmissing\r\n");
}

TEST(Tier, SpillCountsTheKeysThatGo) {
  Harness harness;
  harness.tier.where = {{"a", "resident"}, {"b", "cold"}};
  EXPECT_EQ(harness.Run("TIER SPILL a b nokey"), ":2\r\n");
  EXPECT_EQ(harness.tier.spilled.size(), 3u);
}

TEST(Tier, LoadCountsTheKeysThatAreThere) {
  Harness harness;
  harness.Run("SET a 1");
  harness.Run("SET b 2");
  EXPECT_EQ(harness.Run("TIER LOAD a nokey b"), ":2\r\n");
  harness.tier.load_status = Status::NotFound("gone");
  EXPECT_EQ(harness.Run("TIER LOAD a"), "-ERR gone\r\n");
}

TEST(Tier, CompactStartsACompaction) {
  Harness harness;
  EXPECT_EQ(harness.Run("TIER COMPACT"), "+OK\r\n");
  EXPECT_EQ(harness.tier.compactions, 1);
}

}  // namespace
}  // namespace tidemark::commands
