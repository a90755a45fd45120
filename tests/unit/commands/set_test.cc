// Goal: the set commands that redis-server 7.0 lacks, and what a comparison of replies cannot see: what random members
// leave behind, when a key changes, what counts as a change.
#include "values/set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

class SetCommands : public ::testing::Test {
 protected:
  std::string Run(std::string_view line) { return harness_.Run(line); }
  uint64_t dirty() { return harness_.keyspace.stats().dirty; }
  values::Encoding EncodingOf(std::string_view key) {
    return harness_.keyspace.database(0).Find(harness_.keyspace.Hash(key))->encoding();
  }
  // Integers from 0 on, in a hashtable.
  void FillTable(std::string_view key, int count) {
    harness_.keyspace.options().encoding_limits.set_max_intset_entries = 0;
    for (int i = 0; i < count; ++i) Run("SADD " + std::string(key) + " " + std::to_string(i));
    harness_.keyspace.options().encoding_limits.set_max_intset_entries = 512;
  }

  Harness harness_;
};

TEST_F(SetCommands, CardinalitiesOfUnionsAndDifferences) {
  Run("SADD a 1 2 3 4");
  Run("SADD b 3 4 5 x");
  EXPECT_EQ(Run("SUNIONCARD 2 a b"), ":6\r\n");
  EXPECT_EQ(Run("SUNIONCARD 3 a missing b LIMIT 4"), ":4\r\n");
  EXPECT_EQ(Run("SUNIONCARD 2 a b APPROX"), ":6\r\n");
  EXPECT_EQ(Run("SUNIONCARD 2 a b LIMIT 0 APPROX"), ":6\r\n");
  EXPECT_EQ(Run("SDIFFCARD 2 a b"), ":2\r\n");
  EXPECT_EQ(Run("SDIFFCARD 2 b a LIMIT 1"), ":1\r\n");
  EXPECT_EQ(Run("SDIFFCARD 2 missing a"), ":0\r\n");
  EXPECT_EQ(Run("SDIFFCARD 1 a"), ":4\r\n");
  EXPECT_EQ(Run("SDIFFCARD 0 a"), "-ERR numkeys should be greater than 0\r\n");
  EXPECT_EQ(Run("SDIFFCARD 3 a b"), "-ERR Number of keys can't be greater than number of args\r\n");
  EXPECT_EQ(Run("SDIFFCARD 1 a LIMIT -1"), "-ERR LIMIT can't be negative\r\n");
  EXPECT_EQ(Run("SDIFFCARD 1 a APPROX"), "-ERR syntax error\r\n");
  Run("SET s x");
  EXPECT_THAT(Run("SUNIONCARD 2 a s"), ::testing::StartsWith("-WRONGTYPE"));
  EXPECT_THAT(Run("SDIFFCARD 2 missing s"), ::testing::StartsWith("-WRONGTYPE"));
}

TEST_F(SetCommands, PoppingNearlyAllLeavesASmallSet) {
  FillTable("k", 1000);
  ASSERT_EQ(EncodingOf("k"), values::Encoding::kHashtable);
  EXPECT_THAT(Run("SPOP k 990"), ::testing::StartsWith("*990\r\n"));
  EXPECT_EQ(Run("SCARD k"), ":10\r\n");
  EXPECT_EQ(EncodingOf("k"), values::Encoding::kListpack);
  EXPECT_THAT(Run("SPOP k 4"), ::testing::StartsWith("*4\r\n"));
  EXPECT_EQ(Run("SCARD k"), ":6\r\n");
  EXPECT_THAT(Run("SPOP k 6"), ::testing::StartsWith("*6\r\n"));
  EXPECT_EQ(Run("EXISTS k"), ":0\r\n");
}

TEST_F(SetCommands, WhatIsPoppedIsGoneAndTheRestStays) {
  for (const int popped : {1, 30, 170, 199}) {
    for (const char* member : {"", "m"}) {
      Run("DEL k all");
      for (int i = 0; i < 200; ++i) Run("SADD k " + (member + std::to_string(i)));
      Run("SUNIONSTORE all k");
      const std::string reply = Run("SPOP k " + std::to_string(popped));
      EXPECT_EQ(Run("SCARD k"), ":" + std::to_string(200 - popped) + "\r\n");
      EXPECT_EQ(Run("SINTERCARD 2 k all"), ":" + std::to_string(200 - popped) + "\r\n");
    }
  }
}

TEST_F(SetCommands, OnlyChangesAreCounted) {
  Run("SADD a 1 2 3");
  EXPECT_EQ(dirty(), 3u);
  Run("SADD a 1 2");
  Run("SREM a 9");
  Run("SMOVE a b 9");
  Run("SPOP a 0");
  Run("SINTERSTORE d a missing");
  EXPECT_EQ(dirty(), 3u);
  Run("SMOVE a b 1");
  EXPECT_EQ(dirty(), 5u) << "both keys";
  Run("SADD a 1");
  Run("SMOVE a b 1");
  EXPECT_EQ(dirty(), 7u) << "the destination had it";
  Run("SREM a 1 2 3 4");
  EXPECT_EQ(dirty(), 9u);
  EXPECT_EQ(Run("EXISTS a"), ":0\r\n");
}

TEST_F(SetCommands, DestinationsLoseWhatTheyWere) {
  Run("SADD a 1 2");
  Run("SET d text EX 100");
  EXPECT_EQ(Run("SUNIONSTORE d a"), ":2\r\n");
  EXPECT_EQ(Run("TYPE d"), "+set\r\n");
  EXPECT_EQ(Run("TTL d"), ":-1\r\n");
  EXPECT_EQ(Run("SDIFFSTORE d a a"), ":0\r\n");
  EXPECT_EQ(Run("EXISTS d"), ":0\r\n");
  EXPECT_EQ(Run("SINTERSTORE a a a"), ":2\r\n");
}

TEST_F(SetCommands, DifferencesByEitherMethodAreEqual) {
  // Many small sets to take away from a large one: removal; few: look-ups.
  FillTable("large", 600);
  for (int i = 0; i < 8; ++i) Run("SADD small" + std::to_string(i) + " " + std::to_string(i * 10) + " x");
  EXPECT_EQ(Run("SDIFFSTORE d large small0 small1 small2 small3 small4 small5 small6 small7"), ":592\r\n");
  EXPECT_EQ(Run("SINTERCARD 2 d small3"), ":0\r\n");
  FillTable("other", 599);
  EXPECT_EQ(Run("SDIFF large other"), "*1\r\n$3\r\n599\r\n");
}

}  // namespace
}  // namespace tidemark::commands
