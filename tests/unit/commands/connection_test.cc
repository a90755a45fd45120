// Setting up a connection: protocol version, password, database, and back to the start.
#include <gtest/gtest.h>

#include <string>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;

constexpr std::string_view kWrongPass = "-WRONGPASS invalid username-password pair or user is disabled.\r\n";

TEST(Hello, AnswersInTheChosenVersion) {
  Harness harness;
  EXPECT_EQ(
      harness.Run("HELLO 3"),
      "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.4\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:7\r\n"
      "$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
  EXPECT_TRUE(harness.Run("HELLO").starts_with("%7\r\n"));
  EXPECT_TRUE(harness.Run("HELLO 2 SETNAME me").starts_with("*14\r\n"));
  EXPECT_EQ(harness.client.name, "me");
}

TEST(Hello, RefusesBadOptions) {
  Harness harness;
  EXPECT_EQ(harness.Run("HELLO x"), "-ERR Protocol version is not an integer or out of range\r\n");
  EXPECT_EQ(harness.Run("HELLO 4"), "-NOPROTO unsupported protocol version\r\n");
  EXPECT_EQ(harness.Run("HELLO 3 FOO"), "-ERR Syntax error in HELLO option 'FOO'\r\n");
  EXPECT_EQ(harness.Run("HELLO 3 AUTH default"), "-ERR Syntax error in HELLO option 'AUTH'\r\n");
  EXPECT_EQ(harness.Run("HELLO 3 SETNAME \"a b\""),
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
  EXPECT_EQ(harness.client.resp, protocol::RespVersion::kResp2);
}

TEST(Auth, TakesTheDefaultUserAlone) {
  Harness harness;
  EXPECT_TRUE(harness.Run("AUTH x").starts_with("-ERR AUTH <password> called without any password configured"));
  EXPECT_EQ(harness.Run("AUTH default anything"), "+OK\r\n");
  harness.server.required_password = "sesame";
  harness.client.authenticated = false;
  for (const char* line : {"AUTH sesam", "AUTH sesamee", "AUTH sesamesesame", "AUTH \"\"", "AUTH nobody sesame"}) {
    EXPECT_EQ(harness.Run(line), kWrongPass) << line;
  }
  EXPECT_FALSE(harness.client.authenticated);
  EXPECT_TRUE(harness.Run("HELLO 3").starts_with("-NOAUTH HELLO must be called"));
  EXPECT_EQ(harness.Run("AUTH a b c"), "-ERR syntax error\r\n");
  EXPECT_EQ(harness.Run("AUTH sesame"), "+OK\r\n");
  EXPECT_TRUE(harness.client.authenticated);
}

TEST(Hello, AuthenticatesBeforeItFailsOnALaterOption) {
  Harness harness;
  harness.server.required_password = "sesame";
  harness.client.authenticated = false;
  EXPECT_EQ(harness.Run("HELLO 3 AUTH default wrong"), kWrongPass);
  EXPECT_FALSE(harness.client.authenticated);
  EXPECT_TRUE(harness.Run("HELLO 3 AUTH default sesame FOO").starts_with("-ERR Syntax error"));
  EXPECT_TRUE(harness.client.authenticated);
  EXPECT_EQ(harness.client.resp, protocol::RespVersion::kResp2);
}

TEST(Select, KnowsTheDatabases) {
  Harness harness;
  EXPECT_EQ(harness.Run("SELECT 15"), "+OK\r\n");
  EXPECT_EQ(harness.client.database, 15);
  EXPECT_EQ(harness.Run("SELECT 16"), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(harness.Run("SELECT -1"), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(harness.Run("SELECT x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(harness.Run("SELECT 99999999999"),
            "-ERR value is out of range, value must between -2147483648 and 2147483647\r\n");
}

TEST(Ping, AnswersItsArgument) {
  Harness harness;
  EXPECT_EQ(harness.Run("PING"), "+PONG\r\n");
  EXPECT_EQ(harness.Run("PING x"), "$1\r\nx\r\n");
  EXPECT_EQ(harness.Run("PING x y"), "-ERR wrong number of arguments for 'ping' command\r\n");
  EXPECT_EQ(harness.Run("ECHO x"), "$1\r\nx\r\n");
}

TEST(Quit, ClosesAfterItsReply) {
  Harness harness;
  EXPECT_EQ(harness.Run("QUIT x"), "+OK\r\n");
  EXPECT_TRUE(harness.client.close_after_reply);
}

TEST(Reset, PutsEverythingBack) {
  Harness harness;
  harness.server.required_password = "sesame";
  for (const char* line : {"HELLO 3 SETNAME me", "SELECT 3", "CLIENT NO-EVICT on", "CLIENT NO-TOUCH on",
                           "CLIENT SETINFO lib-name lib", "CLIENT REPLY OFF"}) {
    harness.Run(line);
  }
  EXPECT_EQ(harness.Run("RESET"), "+RESET\r\n");
  EXPECT_EQ(harness.client.resp, protocol::RespVersion::kResp2);
  EXPECT_EQ(harness.client.name, "");
  EXPECT_EQ(harness.client.lib_name, "lib");
  EXPECT_EQ(harness.client.database, 0);
  EXPECT_FALSE(harness.client.no_evict);
  EXPECT_FALSE(harness.client.no_touch);
  EXPECT_FALSE(harness.client.authenticated);
  EXPECT_EQ(harness.client.reply_mode, ReplyMode::kOn);
}

}  // namespace
}  // namespace tidemark::commands
