// The digests of DEBUG are those of Redis: each expected one was read from a redis-server 7.0.15 with the same data.
#include "commands/dataset_digest.h"

#include <gtest/gtest.h>

#include <string>

#include "fakes.h"
#include "keyspace/locator_sink.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

std::string Simple(std::string_view text) {
  return "+" + std::string(text) + "\r\n";
}

TEST(DatasetDigest, OfNothingIsZero) {
  Harness harness;
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("0000000000000000000000000000000000000000"));
  EXPECT_EQ(harness.Run("DEBUG DIGEST-VALUE nokey"), "*1\r\n" + Simple("0000000000000000000000000000000000000000"));
}

TEST(DatasetDigest, OfStrings) {
  Harness harness;
  harness.Run("SET foo bar");
  EXPECT_EQ(harness.Run("DEBUG DIGEST-VALUE foo"), "*1\r\n" + Simple("68467c70ae30376e7ce005bcc8827f5ba7fd67dc"));
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("d2ab4820c1be0580ea28efbfe8bfa1dc05bb802a"));
  harness.Run("SET foo 12345");
  harness.Run("SET empty \"\"");
  EXPECT_EQ(harness.Run("DEBUG DIGEST-VALUE foo empty"), "*2\r\n" + Simple("e1cf90774e995ae03de66e8109dc5cb9d9c2dc83") +
                                                             Simple("8b3447c33a834b810e3e181b6fd6a2ee1020921c"));
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("dbd90727c9c0c1de3553c9dca5e6e2c621afa391"));
}

// That a key expires counts, when it does not.
TEST(DatasetDigest, OfKeysThatExpire) {
  for (const std::string_view ttl : {"1000", "7"}) {
    Harness harness;
    harness.Run("SET foo bar EX " + std::string(ttl));
    EXPECT_EQ(harness.Run("DEBUG DIGEST-VALUE foo"), "*1\r\n" + Simple("8ec3828f7209dd3abdf6ee448de8b0c0bd53265f"));
    EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("8b0c6d22108f15467022bc27c005787072eb4c4b"));
  }
}

TEST(DatasetDigest, OfSeveralDatabases) {
  Harness harness;
  harness.Run("SET empty \"\"");
  harness.Run("SET foo 12345");
  harness.Run("SELECT 3");
  harness.Run("SET other " + std::string(100, 'x') + " PX 99999");
  EXPECT_EQ(harness.Run("DEBUG DIGEST-VALUE other"), "*1\r\n" + Simple("8fc74748c69613f759a14900dd1fa0c532737d52"));
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("e99f349674e0189ae03e79b00c6d35aeb688d678"));
  harness.Run("SELECT 9");
  harness.Run("SET k9 v9");
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("65c8bdca43cb678e7a95420216692f9bd7cf2f77"));
  harness.Run("SELECT 0");
  harness.Run("FLUSHDB");
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("4ef09c869c937c7772e78de7bf4913c168fe8d65"));
}

TEST(DatasetDigest, OfWhatPopulateMakes) {
  Harness harness;
  EXPECT_EQ(harness.Run("DEBUG POPULATE 5"), "+OK\r\n");
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("3dcf585977786a6d2413f8f05c161ea425b44de4"));
  harness.Run("FLUSHALL");
  harness.Run("DEBUG POPULATE 3 pre 3");
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("541d72bb9447555b6a40a937833d7935acd243df"));
  harness.Run("FLUSHALL");
  harness.Run("DEBUG POPULATE 3 pre 40");
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("c17a88c03b457a2577080a54d70b0d3e5b9a66b6"));
}

TEST(DatasetDigest, DoesNotDependOnTheOrderOfKeys) {
  Harness forward;
  Harness backward;
  constexpr int kKeys = 1000;
  for (int i = 0; i < kKeys; ++i) {
    forward.Run("SET " + std::to_string(i) + " v" + std::to_string(i));
    backward.Run("SET " + std::to_string(kKeys - 1 - i) + " v" + std::to_string(kKeys - 1 - i));
  }
  EXPECT_EQ(forward.Run("DEBUG DIGEST"), backward.Run("DEBUG DIGEST"));
}

class NoSink : public keyspace::LocatorSink {
 public:
  void ReleaseLocator(uint64_t) override {}
  void RenameLocator(uint64_t, uint64_t) override {}
  bool Renamed(uint64_t) const override { return false; }
};

TEST(DatasetDigest, OfColdValuesIsThatOfTheirBytes) {
  NoSink sink;
  Harness harness;
  harness.keyspace.set_locator_sink(&sink);
  harness.Run("SET foo bar");
  keyspace::Database& db = harness.keyspace.database(0);
  keyspace::EntryRef ref = db.Find(harness.keyspace.Hash("foo"));
  db.MarkSpilling(ref);
  db.MakeCold(ref, 1);
  EXPECT_EQ(harness.Run("DEBUG DIGEST"),
            "-ERR the value of key 'foo' cannot be read from the flash tier: not on flash\r\n");
  harness.tier.cold_values["foo"] = "bar";
  EXPECT_EQ(harness.Run("DEBUG DIGEST-VALUE foo"), "*1\r\n" + Simple("68467c70ae30376e7ce005bcc8827f5ba7fd67dc"));
  EXPECT_EQ(harness.Run("DEBUG DIGEST"), Simple("d2ab4820c1be0580ea28efbfe8bfa1dc05bb802a"));
  EXPECT_TRUE(db.Find(harness.keyspace.Hash("foo"))->cold());
}

}  // namespace
}  // namespace tidemark::commands
