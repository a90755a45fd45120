// Goal: the commands about the server answer as Redis does: CONFIG, INFO, TIME, SHUTDOWN, LOLWUT.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ConfigCommand, ReadsAndChanges) {
  Harness h;
  h.config.values = {{"hz", "10"}, {"timeout", "0"}};
  EXPECT_EQ(h.Run("CONFIG GET hz"), "*2\r\n$2\r\nhz\r\n$2\r\n10\r\n");
  EXPECT_EQ(h.Run("CONFIG GET nosuch"), "*0\r\n");
  EXPECT_EQ(h.Run("CONFIG SET hz 20 timeout 5"), "+OK\r\n");
  EXPECT_EQ(h.config.values["timeout"], "5");
  EXPECT_EQ(h.Run("CONFIG SET hz 20 timeout"), "-ERR syntax error\r\n");
  h.config.set_status = Status::InvalidArgument("ERR CONFIG SET failed (possibly related to argument 'hz') - no");
  EXPECT_EQ(h.Run("CONFIG SET hz x"), "-ERR CONFIG SET failed (possibly related to argument 'hz') - no\r\n");
  h.client.resp = protocol::RespVersion::kResp3;
  EXPECT_EQ(h.Run("CONFIG GET hz"), "%1\r\n$2\r\nhz\r\n$2\r\n20\r\n");
}

TEST(ConfigCommand, ResetStatAndRewrite) {
  Harness h;
  EXPECT_EQ(h.Run("CONFIG RESETSTAT"), "+OK\r\n");
  EXPECT_EQ(h.server.stats_resets, 1);
  EXPECT_EQ(h.Run("CONFIG REWRITE"), "+OK\r\n");
  EXPECT_THAT(h.server.log, ElementsAre(HasSubstr("CONFIG REWRITE executed with success")));
  h.config.rewrite_status = Status::InvalidArgument("ERR The server is running without a config file");
  EXPECT_EQ(h.Run("CONFIG REWRITE"), "-ERR The server is running without a config file\r\n");
}

TEST(InfoCommand, AsksForSectionsInLowerCase) {
  Harness h;
  EXPECT_EQ(h.Run("INFO"), "$11\r\n# default\r\n\r\n");
  EXPECT_EQ(h.Run("INFO CPU Server"), "$17\r\n# cpu\r\n# server\r\n\r\n");
}

TEST(TimeCommand, AnswersSecondsAndMicroseconds) {
  Harness h;
  h.clock.Set(1'700'000'000'123'456, 0);
  EXPECT_EQ(h.Run("TIME"), "*2\r\n$10\r\n1700000000\r\n$6\r\n123456\r\n");
}

TEST(ShutdownCommand, ChecksItsOptions) {
  Harness h;
  for (const char* line : {"SHUTDOWN FOO", "SHUTDOWN SAVE NOSAVE", "SHUTDOWN NOSAVE FOO", "SHUTDOWN ABORT NOW",
                           "SHUTDOWN \"\"", "SHUTDOWN abort SAVE"}) {
    EXPECT_EQ(h.Run(line), "-ERR syntax error\r\n") << line;
  }
  EXPECT_TRUE(h.server.shutdowns.empty());
  EXPECT_EQ(h.Run("SHUTDOWN nosave NOW force"), "");
  ASSERT_EQ(h.server.shutdowns.size(), 1u);
  const ShutdownRequest& request = h.server.shutdowns[0];
  EXPECT_TRUE(request.no_save && request.now && request.force && !request.save && !request.abort);
  EXPECT_TRUE(h.client.close_now);
}

TEST(ShutdownCommand, SaysWhyItIsRefused) {
  Harness h;
  h.server.shutdown_status = Status::Unavailable("ERR No shutdown in progress.");
  EXPECT_EQ(h.Run("SHUTDOWN ABORT"), "-ERR No shutdown in progress.\r\n");
  EXPECT_FALSE(h.client.close_now);
}

TEST(LolwutCommand, DrawsAndNamesTheVersion) {
  Harness h;
  EXPECT_THAT(h.Run("LOLWUT"), HasSubstr("Tidemark ver. "));
  EXPECT_THAT(h.Run("LOLWUT FOO"), HasSubstr("Tidemark ver. "));
  EXPECT_EQ(h.Run("LOLWUT VERSION 5 7"), h.Run("LOLWUT VERSION 6 7")) << "the same sea for the same number";
  EXPECT_EQ(h.Run("LOLWUT VERSION x"), "-ERR value is not an integer or out of range\r\n");
}

}  // namespace
}  // namespace tidemark::commands
