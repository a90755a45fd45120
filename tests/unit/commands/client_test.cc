// CLIENT: what a connection asks about itself and about the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fakes.h"

namespace tidemark::commands {
namespace {

using fakes::Harness;
using ::testing::ElementsAre;

// The harness' client (id 7) between two others.
class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    for (ClientState* other : {&older, &newer}) other->local_address = "127.0.0.1:6379";
    older.id = 3;
    older.address = "127.0.0.1:40000";
    older.created_unix_ms = Harness::kStartUnixMs - 100'000;
    newer.id = 9;
    newer.address = "/tmp/socket:0";
    newer.unix_socket = true;
    newer.created_unix_ms = Harness::kStartUnixMs;
    harness.clients.states = {&older, &harness.client, &newer};
  }

  Harness harness;
  ClientState older;
  ClientState newer;
};

TEST_F(ClientTest, InfoHasTheFieldsInOrder) {
  harness.Run("CLIENT SETNAME me");
  harness.Run("CLIENT SETINFO LIB-NAME lib");
  harness.Run("CLIENT SETINFO lib-ver 1.2");
  harness.Run("CLIENT NO-EVICT ON");
  harness.clock.AdvanceMs(2500);
  const std::string line =
      "id=7 addr=127.0.0.1:50000 laddr=127.0.0.1:6379 fd=9 name=me age=2 idle=2 flags=e db=0 sub=0 psub=0 ssub=0 "
      "multi=-1 watch=0 "
      "qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client|info "
      "user=default redir=-1 resp=2 lib-name=lib lib-ver=1.2\n";
  EXPECT_EQ(harness.Run("CLIENT INFO"), "$" + std::to_string(line.size()) + "\r\n" + line + "\r\n");
}

TEST_F(ClientTest, ListShowsAllOrSome) {
  const std::string all = harness.Run("CLIENT LIST");
  EXPECT_NE(all.find("id=3 "), std::string::npos);
  EXPECT_NE(all.find("\nid=7 "), std::string::npos);
  EXPECT_NE(all.find("\nid=9 addr=/tmp/socket:0 "), std::string::npos);
  EXPECT_NE(all.find(" flags=U "), std::string::npos);
  EXPECT_EQ(harness.Run("CLIENT LIST TYPE normal"), harness.Run("CLIENT LIST"));
  EXPECT_EQ(harness.Run("CLIENT LIST TYPE replica"), "$0\r\n\r\n");
  EXPECT_EQ(harness.Run("CLIENT LIST TYPE foo"), "-ERR Unknown client type 'foo'\r\n");
  const std::string some = harness.Run("CLIENT LIST ID 9 -1 1000 3");
  EXPECT_LT(some.find("id=9 "), some.find("id=3 "));
  EXPECT_EQ(some.find("id=7 "), std::string::npos);
  EXPECT_EQ(harness.Run("CLIENT LIST ID 9 x"), "-ERR Invalid client ID\r\n");
  EXPECT_EQ(harness.Run("CLIENT LIST ID"), "-ERR syntax error\r\n");
  EXPECT_EQ(harness.Run("CLIENT LIST TYPE normal ID 3"), "-ERR syntax error\r\n");
}

TEST_F(ClientTest, KillByAddressReachesTheCallerToo) {
  EXPECT_EQ(harness.Run("CLIENT KILL 1.2.3.4:5"), "-ERR No such client\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL 127.0.0.1:50000"), "+OK\r\n");
  EXPECT_THAT(harness.clients.killed, ElementsAre(7));
}

TEST_F(ClientTest, KillByFiltersSparesTheCaller) {
  EXPECT_EQ(harness.Run("CLIENT KILL ID 7"), ":0\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL ID 9 ADDR 127.0.0.1:40000"), ":0\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL TYPE pubsub"), ":0\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL maxage 50"), ":1\r\n");
  EXPECT_THAT(harness.clients.killed, ElementsAre(3));
  EXPECT_EQ(harness.Run("CLIENT KILL LADDR 127.0.0.1:6379 SKIPME NO"), ":2\r\n");
  EXPECT_THAT(harness.clients.killed, ElementsAre(3, 7, 9));
}

TEST_F(ClientTest, KillRefusesBadFilters) {
  EXPECT_EQ(harness.Run("CLIENT KILL ID 0"), "-ERR client-id should be greater than 0\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL ID x"), "-ERR client-id should be greater than 0\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL TYPE foo"), "-ERR Unknown client type 'foo'\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL USER nobody"), "-ERR No such user 'nobody'\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL MAXAGE x"), "-ERR maxage is not an integer or out of range\r\n");
  EXPECT_EQ(harness.Run("CLIENT KILL MAXAGE 0"), "-ERR maxage should be greater than 0\r\n");
  for (const char* line : {"CLIENT KILL SKIPME maybe", "CLIENT KILL FOO x", "CLIENT KILL ADDR a:1 ID"}) {
    EXPECT_EQ(harness.Run(line), "-ERR syntax error\r\n") << line;
  }
  EXPECT_TRUE(harness.clients.killed.empty());
}

TEST_F(ClientTest, PauseReckonsFromNow) {
  EXPECT_EQ(harness.Run("CLIENT PAUSE 100 write"), "+OK\r\n");
  EXPECT_EQ(harness.clients.paused_until_ms, Harness::kStartUnixMs + 100);
  EXPECT_EQ(harness.clients.pause_scope, PauseScope::kWrites);
  EXPECT_EQ(harness.Run("CLIENT PAUSE 5"), "+OK\r\n");
  EXPECT_EQ(harness.clients.pause_scope, PauseScope::kAll);
  EXPECT_EQ(harness.Run("CLIENT UNPAUSE"), "+OK\r\n");
  EXPECT_EQ(harness.clients.paused_until_ms, 0);
  EXPECT_EQ(harness.Run("CLIENT PAUSE x"), "-ERR timeout is not an integer or out of range\r\n");
  EXPECT_EQ(harness.Run("CLIENT PAUSE -1"), "-ERR timeout is negative\r\n");
  EXPECT_EQ(harness.Run("CLIENT PAUSE 9223372036854775807"), "-ERR timeout is out of range\r\n");
  EXPECT_EQ(harness.Run("CLIENT PAUSE 1 FOO"), "-ERR CLIENT PAUSE mode must be WRITE or ALL\r\n");
  EXPECT_EQ(harness.Run("CLIENT pause 1 ALL x"),
            "-ERR unknown subcommand or wrong number of arguments for 'pause'. Try CLIENT HELP.\r\n");
}

TEST_F(ClientTest, ReplyModes) {
  EXPECT_EQ(harness.Run("CLIENT REPLY SKIP"), "");
  EXPECT_EQ(harness.client.reply_mode, ReplyMode::kSkipNext);
  EXPECT_EQ(harness.Run("CLIENT REPLY OFF"), "");
  EXPECT_EQ(harness.Run("CLIENT REPLY SKIP"), "");
  EXPECT_EQ(harness.client.reply_mode, ReplyMode::kOff);
  EXPECT_EQ(harness.Run("PING"), "");
  EXPECT_EQ(harness.Run("CLIENT REPLY ON"), "+OK\r\n");
  EXPECT_EQ(harness.Run("CLIENT REPLY x"), "-ERR syntax error\r\n");
}

TEST_F(ClientTest, UnblockNamesTheReason) {
  harness.clients.blocked = {9};
  EXPECT_EQ(harness.Run("CLIENT UNBLOCK 9"), ":1\r\n");
  EXPECT_EQ(harness.Run("CLIENT UNBLOCK 9 ERROR"), ":1\r\n");
  EXPECT_EQ(harness.Run("CLIENT UNBLOCK 3 TIMEOUT"), ":0\r\n");
  EXPECT_EQ(harness.Run("CLIENT UNBLOCK -1"), ":0\r\n");
  EXPECT_THAT(harness.clients.unblocked,
              ElementsAre(::testing::Pair(9, false), ::testing::Pair(9, true), ::testing::Pair(3, false)));
  EXPECT_EQ(harness.Run("CLIENT UNBLOCK 9 FOO"), "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n");
  EXPECT_EQ(harness.Run("CLIENT UNBLOCK x"), "-ERR value is not an integer or out of range\r\n");
}

TEST_F(ClientTest, NamesAndLibraries) {
  EXPECT_EQ(harness.Run("CLIENT GETNAME"), "$-1\r\n");
  EXPECT_EQ(harness.Run("CLIENT SETNAME a"), "+OK\r\n");
  EXPECT_EQ(harness.Run("CLIENT GETNAME"), "$1\r\na\r\n");
  EXPECT_EQ(harness.Run("CLIENT SETNAME \"\""), "+OK\r\n");
  EXPECT_EQ(harness.Run("CLIENT GETNAME"), "$-1\r\n");
  EXPECT_EQ(harness.Run("CLIENT SETNAME \"a b\""),
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
  EXPECT_EQ(harness.Run("CLIENT SETINFO lib-name \"a b\""),
            "-ERR lib-name cannot contain spaces, newlines or special characters.\r\n");
  EXPECT_EQ(harness.Run("CLIENT SETINFO foo x"), "-ERR Unrecognized option 'foo'\r\n");
  EXPECT_EQ(harness.Run("CLIENT NO-TOUCH maybe"), "-ERR syntax error\r\n");
  EXPECT_EQ(harness.Run("CLIENT ID"), ":7\r\n");
  EXPECT_EQ(harness.Run("CLIENT GETREDIR"), ":-1\r\n");
}

TEST_F(ClientTest, HelpIsAListOfLines) {
  const std::string help = harness.Run("CLIENT HELP");
  EXPECT_NE(help.find("\r\n+CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n"), std::string::npos);
  EXPECT_TRUE(help.ends_with("+HELP\r\n+    Show this text.\r\n"));
}

}  // namespace
}  // namespace tidemark::commands
