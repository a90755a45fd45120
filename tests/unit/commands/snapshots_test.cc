// Goal: SAVE, BGSAVE, LASTSAVE, DEBUG RELOAD and FLUSHALL ask for what their arguments say and answer as Redis does.
#include <gtest/gtest.h>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

TEST(SnapshotCommands, Answer) {
  Harness h;
  EXPECT_EQ(h.Run("SAVE"), "+OK\r\n");
  EXPECT_EQ(h.server.snapshots.saves, 1);
  EXPECT_EQ(h.Run("LASTSAVE"), ":1234\r\n");
  // Where a client may not wait, as inside EXEC, a save begins later.
  EXPECT_EQ(h.Run("BGSAVE"), "+Background saving scheduled\r\n");
  EXPECT_EQ(h.Run("BGSAVE schedule"), "+Background saving scheduled\r\n");
  for (const char* line : {"BGSAVE NOW", "BGSAVE SCHEDULE SCHEDULE"}) {
    EXPECT_EQ(h.Run(line), "-ERR syntax error\r\n") << line;
  }
  h.server.snapshots.save_status = Status::Unavailable("ERR Background save already in progress");
  EXPECT_EQ(h.Run("SAVE"), "-ERR Background save already in progress\r\n");
  EXPECT_EQ(h.Run("BGSAVE"), "-ERR Background save already in progress\r\n");
}

TEST(SnapshotCommands, ReloadTakesOptions) {
  Harness h;
  EXPECT_EQ(h.Run("DEBUG RELOAD"), "+OK\r\n");
  EXPECT_EQ(h.Run("DEBUG RELOAD noflush MERGE NoSave"), "+OK\r\n");
  ASSERT_EQ(h.server.snapshots.reloads.size(), 2u);
  EXPECT_TRUE(h.server.snapshots.reloads[0].save && h.server.snapshots.reloads[0].flush);
  EXPECT_FALSE(h.server.snapshots.reloads[0].merge);
  EXPECT_FALSE(h.server.snapshots.reloads[1].save || h.server.snapshots.reloads[1].flush);
  EXPECT_TRUE(h.server.snapshots.reloads[1].merge);
  EXPECT_EQ(h.Run("DEBUG RELOAD FAST"), "-ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.\r\n");
  EXPECT_EQ(h.server.snapshots.reloads.size(), 2u);
}

TEST(SnapshotCommands, FlushAllIsToldAndAlwaysCounts) {
  Harness h;
  h.Run("SET a 1");
  h.Run("FLUSHDB");
  EXPECT_EQ(h.server.snapshots.flushes, 0);
  const uint64_t before = h.keyspace.stats().dirty;
  h.Run("FLUSHALL");
  EXPECT_EQ(h.server.snapshots.flushes, 1);
  EXPECT_EQ(h.keyspace.stats().dirty, before + 1);
}

}  // namespace
}  // namespace tidemark::commands
