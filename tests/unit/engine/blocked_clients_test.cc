// Goal: who waits is found by key in the order of waiting, and by deadline; nothing is left of a client that has gone.
#include "engine/blocked_clients.h"

#include <gtest/gtest.h>

namespace tidemark::engine {
namespace {

commands::BlockRequest RequestFor(std::vector<size_t> keys, int64_t deadline_ms = 0) {
  commands::BlockRequest request;
  request.keys = std::move(keys);
  request.deadline_ms = deadline_ms;
  return request;
}

struct BlockedClientsTest : testing::Test {
  void Wait(uint64_t client, const std::vector<std::string_view>& keys, int64_t deadline_ms = 0) {
    std::vector<size_t> indexes;
    for (size_t i = 0; i < keys.size(); ++i) indexes.push_back(i);
    blocked.Add(client, 0, keys, RequestFor(indexes, deadline_ms));
  }
  std::vector<uint64_t> WaitingFor(std::string_view key) {
    std::vector<uint64_t> clients;
    uint64_t order = 0;
    while (const Waiter* waiter = blocked.NextWaiter({0, key}, order)) {
      order = waiter->order;
      clients.push_back(waiter->client);
    }
    return clients;
  }

  BlockedClients blocked;
};

TEST_F(BlockedClientsTest, ClientsComeInTheOrderOfWaiting) {
  Wait(9, {"a", "b"});
  Wait(3, {"b"});
  Wait(5, {"a"});
  EXPECT_EQ(WaitingFor("a"), (std::vector<uint64_t>{9, 5}));
  EXPECT_EQ(WaitingFor("b"), (std::vector<uint64_t>{9, 3}));
  blocked.Remove(9);
  EXPECT_EQ(WaitingFor("a"), (std::vector<uint64_t>{5}));
  EXPECT_EQ(blocked.key_count(), 2u);
}

TEST_F(BlockedClientsTest, AKeyIsReadyOnceAndOnlyIfSomebodyWaits) {
  Wait(1, {"a"});
  blocked.MarkReady({0, "b"});
  blocked.MarkReady({1, "a"});
  EXPECT_FALSE(blocked.has_ready());
  blocked.MarkReady({0, "a"});
  blocked.MarkReady({0, "a"});
  ASSERT_TRUE(blocked.has_ready());
  EXPECT_EQ(blocked.TakeReady().key, "a");
  EXPECT_FALSE(blocked.has_ready());
  blocked.MarkAllReady(0);
  EXPECT_TRUE(blocked.has_ready());
}

TEST_F(BlockedClientsTest, ReadyKeysComeInTheOrderOfTheirChange) {
  Wait(1, {"a", "b", "c"});
  blocked.MarkReady({0, "c"});
  blocked.MarkReady({0, "a"});
  EXPECT_EQ(blocked.TakeReady().key, "c");
  EXPECT_EQ(blocked.TakeReady().key, "a");
}

TEST_F(BlockedClientsTest, DeadlinesEndTheWaitsThatHaveOne) {
  Wait(1, {"a"});
  EXPECT_EQ(blocked.next_deadline_ms(), std::nullopt);
  Wait(2, {"a"}, 200);
  Wait(3, {"a"}, 100);
  EXPECT_EQ(blocked.next_deadline_ms(), 100);
  EXPECT_EQ(blocked.FindOverdue(99), std::nullopt);
  EXPECT_EQ(blocked.FindOverdue(150), 3u);
  blocked.Remove(3);
  EXPECT_EQ(blocked.FindOverdue(150), std::nullopt);
}

TEST_F(BlockedClientsTest, AClientMayLookAgainThoughNoKeyChanged) {
  Wait(1, {"a", "b"}, 500);
  EXPECT_EQ(blocked.next_event_ms(), 500);
  blocked.LookAgainAt(1, 100);
  Wait(2, {"c"});
  blocked.LookAgainAt(2, 300);
  EXPECT_EQ(blocked.next_event_ms(), 100);
  blocked.MarkDueReady(99);
  EXPECT_FALSE(blocked.has_ready());
  blocked.MarkDueReady(100);
  EXPECT_EQ(blocked.TakeReady().key, "a");
  EXPECT_EQ(blocked.TakeReady().key, "b");
  EXPECT_FALSE(blocked.has_ready());
  EXPECT_EQ(blocked.next_event_ms(), 300);
  blocked.Remove(2);
  EXPECT_EQ(blocked.next_event_ms(), 500);
  blocked.LookAgainAt(1, 200);
  blocked.LookAgainAt(1, 0);
  blocked.MarkDueReady(400);
  EXPECT_FALSE(blocked.has_ready());
}

TEST_F(BlockedClientsTest, AKeyNamedTwiceIsLeftWhole) {
  Wait(1, {"a", "a"}, 10);
  blocked.MarkReady({0, "a"});
  blocked.Remove(1);
  EXPECT_TRUE(blocked.empty());
  EXPECT_EQ(blocked.key_count(), 0u);
  EXPECT_EQ(blocked.deadline_count(), 0u);
  EXPECT_EQ(blocked.TakeReady().key, "a") << "a mark outlives the waiter";
  EXPECT_TRUE(WaitingFor("a").empty());
}

}  // namespace
}  // namespace tidemark::engine
