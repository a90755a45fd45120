// MEMORY: the price of a key follows its value to flash, options are checked before keys, and STATS has the fields of
// Redis 7.0 in its order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <string>
#include <vector>

#include "fakes.h"
#include "keyspace/locator_sink.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;
using ::testing::ElementsAre;

constexpr std::string_view kSyntax = "-ERR syntax error\r\n";

class NoSink : public keyspace::LocatorSink {
 public:
  void ReleaseLocator(uint64_t) override {}
  void RenameLocator(uint64_t, uint64_t) override {}
  bool Renamed(uint64_t) const override { return false; }
};

int64_t Integer(const std::string& reply) {
  int64_t value = -1;
  EXPECT_TRUE(reply.starts_with(":")) << reply;
  std::from_chars(reply.data() + 1, reply.data() + reply.size(), value);
  return value;
}

// The names of the map in a RESP3 reply, those of maps in it included.
std::vector<std::string> Names(const std::string& reply) {
  std::vector<std::string> names;
  for (size_t at = reply.find('$'); at != std::string::npos; at = reply.find('$', at + 1)) {
    const size_t start = reply.find('\n', at) + 1;
    names.push_back(reply.substr(start, reply.find('\r', start) - start));
  }
  return names;
}

TEST(MemoryUsage, ChecksItsOptionsBeforeTheKey) {
  Harness harness;
  EXPECT_EQ(harness.Run("MEMORY USAGE nokey"), "$-1\r\n");
  EXPECT_EQ(harness.Run("MEMORY USAGE nokey SAMPLES"), kSyntax);
  EXPECT_EQ(harness.Run("MEMORY USAGE nokey SAMPLES x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(harness.Run("MEMORY USAGE nokey SAMPLES -1"), kSyntax);
  EXPECT_EQ(harness.Run("MEMORY USAGE nokey OTHER 1"), kSyntax);
}

TEST(MemoryUsage, CountsKeyValueAndShareOfTheTable) {
  Harness harness;
  harness.Run("SET small x");
  harness.Run("SET large " + std::string(10'000, 'x'));
  const int64_t small = Integer(harness.Run("MEMORY USAGE small"));
  const int64_t large = Integer(harness.Run("MEMORY USAGE large SAMPLES 0"));
  EXPECT_GT(small, 8);
  EXPECT_LT(small, 200);
  EXPECT_GT(large, 10'000);
  EXPECT_LT(large, 13'000);
}

TEST(MemoryUsage, OfAColdKeyIsWhatIsLeftInRam) {
  NoSink sink;
  Harness harness;
  harness.keyspace.set_locator_sink(&sink);
  harness.Run("SET key " + std::string(10'000, 'x'));
  keyspace::Database& db = harness.keyspace.database(0);
  keyspace::EntryRef ref = db.Find(harness.keyspace.Hash("key"));
  db.MarkSpilling(ref);
  db.MakeCold(ref, 1);
  EXPECT_LT(Integer(harness.Run("MEMORY USAGE key")), 200);
}

TEST(MemoryStats, HasTheFieldsOfRedis) {
  Harness harness;
  harness.Run("HELLO 3");
  harness.Run("SELECT 2");
  harness.Run("SET a b");
  const std::string reply = harness.Run("MEMORY STATS");
  EXPECT_TRUE(reply.starts_with("%28\r\n")) << reply;
  EXPECT_THAT(Names(reply),
              ElementsAre("peak.allocated", "total.allocated", "startup.allocated", "replication.backlog",
                          "clients.slaves", "clients.normal", "cluster.links", "aof.buffer", "lua.caches",
                          "functions.caches", "db.2", "overhead.hashtable.main", "overhead.hashtable.expires",
                          "overhead.hashtable.slot-to-keys", "overhead.total", "keys.count", "keys.bytes-per-key",
                          "dataset.bytes", "dataset.percentage", "peak.percentage", "allocator.allocated",
                          "allocator.active", "allocator.resident", "allocator-fragmentation.ratio",
                          "allocator-fragmentation.bytes", "allocator-rss.ratio", "allocator-rss.bytes",
                          "rss-overhead.ratio", "rss-overhead.bytes", "fragmentation", "fragmentation.bytes"));
}

TEST(Memory, AnswersTextsInEitherProtocol) {
  Harness harness;
  EXPECT_EQ(harness.Run("MEMORY PURGE"), "+OK\r\n");
  EXPECT_TRUE(harness.Run("MEMORY DOCTOR").starts_with("$"));
  EXPECT_TRUE(harness.Run("MEMORY MALLOC-STATS").starts_with("$"));
  harness.Run("HELLO 3");
  EXPECT_TRUE(harness.Run("MEMORY DOCTOR").starts_with("="));
}

}  // namespace
}  // namespace tidemark::commands
