// Goal: DEBUG answers as redis-server 7.0.15 does. Its digests have a test of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

TEST(Debug, IsForThoseWhoMay) {
  Harness h;
  h.server.debug_allowed = false;
  EXPECT_EQ(
      h.Run("DEBUG DIGEST"),
      "-ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from "
      "a local connection, otherwise you need to set this option in the configuration file, and then restart the "
      "server.\r\n");
}

TEST(Debug, UnknownSubcommands) {
  Harness h;
  for (const char* line : {"DEBUG nosuch", "DEBUG SLEEP", "DEBUG SLEEP 0 1", "DEBUG DIGEST x", "DEBUG LOG",
                           "DEBUG HTSTATS 0 full", "DEBUG POPULATE"}) {
    const std::string name = Harness::Split(line)[1];
    EXPECT_EQ(h.Run(line),
              "-ERR unknown subcommand or wrong number of arguments for '" + name + "'. Try DEBUG HELP.\r\n");
  }
}

TEST(Debug, Populate) {
  Harness h;
  EXPECT_EQ(h.Run("DEBUG POPULATE x"), "-ERR value is out of range, must be positive\r\n");
  EXPECT_EQ(h.Run("DEBUG POPULATE 1 p -1"), "-ERR value is out of range, must be positive\r\n");
  EXPECT_EQ(h.Run("DEBUG POPULATE 3"), "+OK\r\n");
  EXPECT_EQ(h.Run("DEBUG POPULATE 2 p 10"), "+OK\r\n");
  EXPECT_EQ(h.Run("DEBUG POPULATE 2 q 3"), "+OK\r\n");
  EXPECT_EQ(h.Run("GET key:2"), "$7\r\nvalue:2\r\n");
  EXPECT_EQ(h.Run("GET p:1"), std::string("$10\r\nvalue:1\0\0\0\r\n", 17));
  EXPECT_EQ(h.Run("GET q:0"), "$3\r\nval\r\n");
  h.Run("SET key:0 mine");
  h.Run("DEBUG POPULATE 5");
  EXPECT_EQ(h.Run("GET key:0"), "$4\r\nmine\r\n") << "what is there stays";
  EXPECT_EQ(h.Run("DBSIZE"), ":9\r\n");
}

TEST(Debug, Object) {
  Harness h;
  EXPECT_EQ(h.Run("DEBUG OBJECT nokey"), "-ERR no such key\r\n");
  h.Run("SET n 12345");
  EXPECT_THAT(h.Run("DEBUG OBJECT n"),
              MatchesRegex("\\+Value at:0x[0-9a-f]+ refcount:1 encoding:int serializedlength:3 lru:[0-9]+ "
                           "lru_seconds_idle:0\r\n"));
  h.Run("SET s value:0");
  EXPECT_THAT(h.Run("DEBUG OBJECT s"), HasSubstr("encoding:embstr serializedlength:8 "));
}

TEST(Debug, TableStats) {
  Harness h;
  h.Run("DEBUG POPULATE 27");
  EXPECT_THAT(h.Run("DEBUG HTSTATS 0"),
              testing::AllOf(HasSubstr("[Dictionary HT]\nHash table 0 stats (main hash table):\n table size: "),
                             HasSubstr("\n number of elements: 27\n"), HasSubstr("[Expires HT]\n")));
  EXPECT_EQ(h.Run("DEBUG HTSTATS x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(h.Run("DEBUG HTSTATS 99"), "-ERR Out of range database\r\n");
  EXPECT_EQ(h.Run("DEBUG HTSTATS-KEY nokey"), "-ERR no such key\r\n");
  EXPECT_EQ(h.Run("DEBUG HTSTATS-KEY key:1"),
            "-ERR The value stored at the specified key is not represented using an hash table\r\n");
}

TEST(Debug, SmallThings) {
  Harness h;
  EXPECT_EQ(h.Run("DEBUG SLEEP 0"), "+OK\r\n");
  EXPECT_EQ(h.Run("DEBUG SLEEP x"), "+OK\r\n");
  EXPECT_EQ(h.Run("DEBUG LOG \"hello world\""), "+OK\r\n");
  EXPECT_THAT(h.server.log, ElementsAre("DEBUG LOG: hello world"));
  EXPECT_EQ(h.Run("DEBUG SET-ACTIVE-EXPIRE 0"), "+OK\r\n");
  EXPECT_FALSE(h.server.active_expire);
  EXPECT_EQ(h.Run("DEBUG ERROR \"ERR x\""), "-ERR x\r\n");
  EXPECT_THAT(h.Run("DEBUG HELP"), StartsWith("*"));
}

TEST(Debug, Protocol) {
  Harness h;
  EXPECT_EQ(h.Run("DEBUG PROTOCOL map"), "*6\r\n:0\r\n:0\r\n:1\r\n:1\r\n:2\r\n:0\r\n");
  EXPECT_EQ(h.Run("DEBUG PROTOCOL push"), "-ERR RESP2 is not supported by this command\r\n");
  h.client.resp = protocol::RespVersion::kResp3;
  EXPECT_EQ(h.Run("DEBUG PROTOCOL map"), "%3\r\n:0\r\n#f\r\n:1\r\n#t\r\n:2\r\n#f\r\n");
  EXPECT_EQ(h.Run("DEBUG PROTOCOL double"), ",3.141\r\n");
  EXPECT_EQ(h.Run("DEBUG PROTOCOL bignum"), "(1234567999999999999999999999999999999\r\n");
  EXPECT_EQ(h.Run("DEBUG PROTOCOL attrib"),
            "|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n$39\r\nSome real reply following the "
            "attribute\r\n");
}

}  // namespace
}  // namespace tidemark::commands
