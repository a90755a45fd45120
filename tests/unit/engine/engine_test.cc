// Goal: a client whose next command has to wait (for flash, for memory, for the end of a pause) goes on exactly once,
// with its replies in order, whatever happens to it and to its keys meanwhile. The store is stepped by hand.
#include "engine/engine.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../commands/fakes.h"
#include "../tiering/pager_rig.h"

namespace tidemark::engine {
namespace {

using keyspace::FreeMode;

class Client {
 public:
  explicit Client(Engine& engine) : engine_(engine) {
    int fds[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    fd_ = fds[0];
    engine.Accept({.fd = fds[1], .address = "127.0.0.1:1", .local_address = "127.0.0.1:2", .loopback = true});
  }
  ~Client() { Close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Send(std::string_view bytes) {
    EXPECT_EQ(write(fd_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void Receive() {
    char buffer[4096];
    for (ssize_t n; fd_ >= 0 && (n = read(fd_, buffer, sizeof(buffer))) >= 0;) {
      if (n == 0) {
        closed_ = true;
        return;
      }
      received_.append(buffer, static_cast<size_t>(n));
    }
  }
  bool closed() const { return closed_; }
  const std::string& received() const { return received_; }
  std::string Take() { return std::exchange(received_, {}); }

 private:
  Engine& engine_;
  int fd_ = -1;
  bool closed_ = false;
  std::string received_;
};

struct EngineTest : testing::Test {
  EngineTest() : keyspace({}, clock, 1), log(LogOptions{.level = LogLevel::kNothing}) {
    clock.Refresh();
    options.hz = 500;
    engine = std::make_unique<Engine>(
        EngineParts{loop, clock, keyspace, store, limit, options, tier_options, config, server, log});
  }
  virtual ~EngineTest() = default;

  // Turns until the condition holds.
  bool Turn(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      engine->RunTurn();
    }
    return true;
  }
  std::string Reply(Client& client, size_t bytes) {
    EXPECT_TRUE(Turn([&] {
      client.Receive();
      return client.received().size() >= bytes || client.closed();
    })) << "received: "
        << client.received();
    return client.Take();
  }
  void Set(std::string_view key, std::string_view value, int db = 0) {
    const keyspace::HashedKey hashed = keyspace.Hash(key);
    keyspace.database(db).SetString(keyspace.database(db).LookupWrite(hashed), hashed, value);
  }
  void MakeCold(std::string_view key, int db = 0) {
    ASSERT_TRUE(engine->Spill(db, key));
    simulated.StepAll();
    ASSERT_TRUE(Turn([&] { return engine->Where(db, key) == "cold"; }));
  }
  bool WaitForReads(uint64_t count) {
    return Turn([&] { return simulated.Stats().reads_in_flight == count; });
  }

  Clock clock;
  net::EventLoop loop{clock};
  keyspace::Keyspace keyspace;
  tiering::SimulatedStore simulated{{.stepping = tiering::SimulatedStore::Stepping::kByHand, .capacity_bytes = 0}};
  tiering::CountingStore store{simulated};
  MemoryLimit limit{tiering::PagerRig::Account()};
  EngineOptions options;
  tiering::TierOptions tier_options;
  commands::fakes::FakeConfig config;
  commands::fakes::FakeServer server;
  Logger log;
  std::unique_ptr<Engine> engine;
};

TEST_F(EngineTest, ColdReadsOfABatchAreOneRoundAndOthersGoOn) {
  for (const char* key : {"a", "b", "c"}) {
    Set(key, std::string(3, key[0]));
    MakeCold(key);
  }
  Client waiting(*engine);
  waiting.Send("PING\r\nGET a\r\nMGET b b c a\r\nPING\r\n");
  ASSERT_TRUE(WaitForReads(3));
  EXPECT_EQ(Reply(waiting, 7), "+PONG\r\n");
  Client other(*engine);
  other.Send("PING\r\n");
  EXPECT_EQ(Reply(other, 7), "+PONG\r\n");
  waiting.Send("ECHO x\r\n");
  simulated.StepAll();
  const std::string expected =
      "$3\r\naaa\r\n*4\r\n$3\r\nbbb\r\n$3\r\nbbb\r\n$3\r\nccc\r\n$3\r\naaa\r\n+PONG\r\n$1\r\nx\r\n";
  EXPECT_EQ(Reply(waiting, expected.size()), expected);
  EXPECT_EQ(simulated.Stats().reads, 3u);
}

TEST_F(EngineTest, SelectInTheMiddleOfABatch) {
  Set("k", "zero", 0);
  Set("k", "one", 1);
  MakeCold("k", 0);
  MakeCold("k", 1);
  Client client(*engine);
  client.Send("GET k\r\nSELECT 1\r\nGET k\r\nAPPEND k !\r\nSELECT 0\r\nGET k\r\n");
  const std::string expected = "$4\r\nzero\r\n+OK\r\n$3\r\none\r\n:4\r\n+OK\r\n$4\r\nzero\r\n";
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    client.Receive();
    return client.received().size() >= expected.size();
  }));
  EXPECT_EQ(client.Take(), expected);
}

TEST_F(EngineTest, AKeyThatChangesWhileItIsFetched) {
  Set("k", "old");
  MakeCold("k");
  Client reader(*engine);
  reader.Send("GET k\r\n");
  ASSERT_TRUE(WaitForReads(1));
  // Replaced, and its new value is cold by the time the old one arrives.
  Set("k", "new!");
  ASSERT_TRUE(engine->Spill(0, "k"));
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    reader.Receive();
    return !reader.received().empty();
  }));
  EXPECT_EQ(reader.Take(), "$4\r\nnew!\r\n");
  keyspace.FlushAll(FreeMode::kNow);
}

TEST_F(EngineTest, AClientThatGoesWhileItsReadIsUnderWay) {
  Set("k", "value");
  MakeCold("k");
  auto gone = std::make_unique<Client>(*engine);
  Client stays(*engine);
  gone->Send("GET k\r\n");
  stays.Send("GET k\r\n");
  ASSERT_TRUE(Turn([&] { return engine->pager().stats().shared_flights == 1; }));
  gone.reset();
  ASSERT_TRUE(Turn([&] { return engine->client_count() == 1; }));
  simulated.StepAll();
  EXPECT_EQ(Reply(stays, 11), "$5\r\nvalue\r\n");
}

TEST_F(EngineTest, AClientKilledWhileItWaits) {
  Set("k", "value");
  MakeCold("k");
  Client waiting(*engine);
  Client killer(*engine);
  waiting.Send("GET k\r\n");
  ASSERT_TRUE(WaitForReads(1));
  killer.Send("CLIENT KILL ID 1\r\nPING\r\n");
  EXPECT_EQ(Reply(killer, 11), ":1\r\n+PONG\r\n");
  EXPECT_EQ(Reply(waiting, 1), "");
  EXPECT_TRUE(waiting.closed());
  simulated.StepAll();
  killer.Send("GET k\r\n");
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    killer.Receive();
    return killer.received().size() >= 11;
  }));
  EXPECT_EQ(killer.Take(), "$5\r\nvalue\r\n");
}

TEST_F(EngineTest, AProtocolErrorBehindAWaitingCommand) {
  Set("k", "value");
  MakeCold("k");
  Client client(*engine);
  client.Send("GET k\r\n*1\r\n!oops\r\n");
  ASSERT_TRUE(WaitForReads(1));
  simulated.StepAll();
  const std::string expected = "$5\r\nvalue\r\n-ERR Protocol error: expected '$', got '!'\r\n";
  EXPECT_EQ(Reply(client, expected.size()), expected);
  EXPECT_TRUE(Turn([&] {
    client.Receive();
    return client.closed();
  }));
}

TEST_F(EngineTest, AReadErrorIsTheReplyAndNothingElse) {
  Set("bad", "value");
  Set("good", "value");
  MakeCold("bad");
  MakeCold("good");
  simulated.FailRead(tiering::Locator(keyspace.database(0).Find(keyspace.Hash("bad"))->locator()),
                     StatusCode::kCorruption);
  Client client(*engine);
  // The reply to SKIP's next command is dropped also when it is an error of the tier.
  client.Send("MGET good bad\r\nCLIENT REPLY SKIP\r\nGET bad\r\nPING\r\nGET good\r\n");
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    client.Receive();
    return client.received().ends_with("$5\r\nvalue\r\n");
  }));
  const std::string replies = client.Take();
  EXPECT_EQ(replies.find("-ERR the value of key 'bad' cannot be read from the flash tier"), 0u) << replies;
  EXPECT_TRUE(replies.ends_with("\r\n+PONG\r\n$5\r\nvalue\r\n")) << replies;
  EXPECT_EQ(engine->Where(0, "bad"), "cold");
}

TEST_F(EngineTest, ALongBatchDoesNotKeepAllItRead) {
  constexpr size_t kKeys = 20;
  const std::string large(1 << 20, 'l');
  std::string requests;
  for (size_t i = 0; i < kKeys; ++i) {
    const std::string key = "key:" + std::to_string(i);
    Set(key, large);
    MakeCold(key);
    requests += "STRLEN " + key + "\r\n";
  }
  tier_options.promote = tiering::PromotePolicy::kNever;
  limit.set_max_bytes(limit.used() / 84 * 100);  // short of RAM, but below the watermark
  Client client(*engine);
  client.Send(requests);
  uint64_t most = 0;
  const uint64_t before = limit.account().used();
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    client.Receive();
    most = std::max(most, limit.account().used());
    return client.received().size() >= kKeys * 10;
  }));
  EXPECT_LT(most - std::min(most, before), 12 * large.size());
}

// What all clients together have read and not used yet is bounded: who would exceed that waits for his turn, first come
// first served, and who needs more than that runs alone.
TEST_F(EngineTest, ClientsTakeTurnsToReadLargeValues) {
  constexpr size_t kKeys = 12;
  const std::string large(1'000'000, 'l');
  std::string exec = "MULTI\r\n";
  for (size_t i = 0; i < kKeys; ++i) {
    const std::string key = "key:" + std::to_string(i);
    Set(key, large);
    MakeCold(key);
    exec += "STRLEN " + key + "\r\n";
  }
  tier_options.promote = tiering::PromotePolicy::kNever;
  limit.account().Sample();
  limit.set_max_bytes(std::max<uint64_t>(limit.used() / 84 * 100, 40 << 20));
  const uint64_t bound = limit.max_bytes() / 16;
  ASSERT_LT(bound, kKeys / 2 * large.size());
  std::vector<std::unique_ptr<Client>> clients;
  for (size_t i = 0; i < kKeys; ++i) {
    clients.push_back(std::make_unique<Client>(*engine));
    clients.back()->Send("STRLEN key:" + std::to_string(i) + "\r\nPING\r\n");
  }
  // Of those who wait for their turn, one goes, and the key of another does too.
  ASSERT_TRUE(Turn([&] { return engine->parked_count(ParkReason::kFetch) == kKeys; }));
  clients[8]->Close();
  keyspace.database(0).Delete(keyspace.database(0).Find(keyspace.Hash("key:10")), FreeMode::kNow);
  Client whole(*engine);
  whole.Send(exec + "EXEC\r\n");
  uint64_t most = 0;
  std::vector<size_t> answered;
  EXPECT_TRUE(Turn([&] {
    most = std::max(most, engine->pager().fetch_bytes_in_flight());
    simulated.Step(1);
    for (size_t i = 0; i < kKeys; ++i) {
      const bool before = clients[i]->received().empty();
      clients[i]->Receive();
      if (before && !clients[i]->received().empty()) answered.push_back(i);
    }
    return answered.size() == kKeys - 1;
  }));
  EXPECT_LE(most, bound);
  EXPECT_GT(most, bound / 2) << "it was put to use";
  for (const size_t i : answered) {
    EXPECT_EQ(clients[i]->received(), i == 10 ? ":0\r\n+PONG\r\n" : ":1000000\r\n+PONG\r\n") << i;
  }
  std::erase(answered, 10u);  // nothing to read: it may be ahead of those who read
  EXPECT_TRUE(std::is_sorted(answered.begin(), answered.end())) << testing::PrintToString(answered);
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    whole.Receive();
    return whole.received().ends_with(":0\r\n:1000000\r\n");
  })) << whole.received();
  EXPECT_EQ(engine->parked_count(ParkReason::kFetch), 0u);
}

// Values that have been read are in the way of memory until their commands have run: these are not refused for it.
TEST_F(EngineTest, ACommandThatWasLetInIsNotRefusedWhenItsValueIsThere) {
  Set("k", "value");
  MakeCold("k");
  Client client(*engine);
  client.Send("APPEND k s\r\nAPPEND k s\r\n");
  ASSERT_TRUE(WaitForReads(1));
  limit.set_max_bytes(1);
  simulated.StepAll();
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    client.Receive();
    return client.received().size() > 5;
  }));
  EXPECT_TRUE(client.received().starts_with(":6\r\n-OOM")) << client.received();
}

TEST_F(EngineTest, APausedClientGoesOn) {
  Client paused(*engine);
  Client control(*engine);
  // As long as can be asked for, which must not make the loop spin.
  control.Send("CLIENT PAUSE 9000000000000000000 WRITE\r\n");
  EXPECT_EQ(Reply(control, 5), "+OK\r\n");
  paused.Send("SET k v\r\nGET k\r\n");
  ASSERT_TRUE(Turn([&] { return engine->parked_count() == 1; }));
  const uint64_t cycles = engine->stats().loop_cycles;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  while (std::chrono::steady_clock::now() < until) engine->RunTurn();
  EXPECT_LT(engine->stats().loop_cycles - cycles, 500u);
  control.Send("CLIENT UNPAUSE\r\n");
  EXPECT_EQ(Reply(control, 5), "+OK\r\n");
  EXPECT_EQ(Reply(paused, 12), "+OK\r\n$1\r\nv\r\n");
  EXPECT_EQ(engine->parked_count(), 0u);
}

TEST_F(EngineTest, WritersWaitForTheTierAndGoOn) {
  Set("k", std::string(300, 'v'));
  limit.set_max_bytes(1);
  Client writer(*engine);
  Client reader(*engine);
  writer.Send("SET other value\r\n");
  ASSERT_TRUE(Turn([&] { return engine->parked_count() == 1; }));
  reader.Send("PING\r\n");
  EXPECT_EQ(Reply(reader, 7), "+PONG\r\n");
  limit.set_max_bytes(0);
  EXPECT_EQ(Reply(writer, 5), "+OK\r\n");
  EXPECT_EQ(engine->parked_count(), 0u);
}

TEST_F(EngineTest, LoweringTheLimitEvictsThoughNobodyWrites) {
  options.maxmemory_policy = MaxmemoryPolicy::kAllkeysLru;
  simulated.set_capacity_bytes(1);
  Set("cold", "value that fills the tier");
  ASSERT_TRUE(engine->Spill(0, "cold"));
  for (int i = 0; i < 100; ++i) Set("key:" + std::to_string(i), "value");
  limit.set_max_bytes(1);
  EXPECT_TRUE(Turn([&] {
    simulated.StepAll();
    return keyspace.total_keys() == 0;
  }));
}

// Sessions that are still open when the engine goes are closed one by one, each taking itself out of the engine's map.
TEST_F(EngineTest, EndsWithClientsConnected) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(std::make_unique<Client>(*engine));
  Set("k", "value");
  MakeCold("k");
  clients[0]->Send("GET k\r\n");
  ASSERT_TRUE(WaitForReads(1));
  engine.reset();
  for (const auto& client : clients) {
    client->Receive();
    EXPECT_TRUE(client->closed());
  }
}

TEST_F(EngineTest, ExecReadsTheColdValuesOfItsWholeQueueInOneRound) {
  for (const char* key : {"a", "b"}) {
    Set(key, std::string(3, key[0]));
    MakeCold(key);
  }
  Set("c", "ccc", 1);
  MakeCold("c", 1);
  Client client(*engine);
  client.Send("MULTI\r\nGET a\r\nGETRANGE b 0 0\r\nSELECT 1\r\nGET c\r\n");
  EXPECT_EQ(Reply(client, 41), "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n");
  EXPECT_EQ(simulated.Stats().reads_in_flight, 0u) << "nothing is read for a command that is only queued";
  client.Send("EXEC\r\n");
  ASSERT_TRUE(WaitForReads(3));
  simulated.StepAll();
  EXPECT_EQ(Reply(client, 34), "*4\r\n$3\r\naaa\r\n$1\r\nb\r\n+OK\r\n$3\r\nccc\r\n");
}

TEST_F(EngineTest, ExecFindsAColdValueUnderItsNewName) {
  Set("a", "aaa");
  MakeCold("a");
  Client client(*engine);
  client.Send("MULTI\r\nRENAME a b\r\nGET b\r\nEXEC\r\n");
  EXPECT_EQ(Reply(client, 41), "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n$3\r\naaa\r\n");
}

TEST_F(EngineTest, WatchSeesNeitherASpillNorAPromotion) {
  Set("a", "aaa");
  Client client(*engine);
  client.Send("WATCH a\r\n");
  EXPECT_EQ(Reply(client, 5), "+OK\r\n");
  MakeCold("a");
  client.Send("GET a\r\n");
  ASSERT_TRUE(WaitForReads(1));
  simulated.StepAll();
  EXPECT_EQ(Reply(client, 9), "$3\r\naaa\r\n");
  MakeCold("a");
  client.Send("MULTI\r\nPING\r\nEXEC\r\n");
  EXPECT_EQ(Reply(client, 25), "+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n");
}

TEST_F(EngineTest, AQueueLargerThanTheQueryBufferLimitClosesItsClient) {
  options.query_buffer_limit_bytes = 64 * 1024;
  Client client(*engine);
  client.Send("MULTI\r\n");
  EXPECT_EQ(Reply(client, 5), "+OK\r\n");
  const std::string set = "SET a " + std::string(1000, 'x') + "\r\n";
  for (int i = 0; i < 100 && !client.closed(); ++i) {
    client.Send(set);
    Reply(client, 9);
  }
  EXPECT_TRUE(client.closed());
}

TEST_F(EngineTest, WhileLoadingOnlyWhatNeedsNoDataRuns) {
  const std::string loading = "-LOADING Redis is loading the dataset in memory\r\n";
  Client client(*engine);
  client.Send("MULTI\r\nSET k v\r\n");
  EXPECT_EQ(Reply(client, 14), "+OK\r\n+QUEUED\r\n");
  engine->set_loading(true);
  // What was queued before would change the data.
  client.Send("EXEC\r\n");
  const std::string aborted = "-EXECABORT Transaction discarded because of: LOADING";
  EXPECT_TRUE(Reply(client, aborted.size()).starts_with(aborted));
  client.Send("GET k\r\nPING\r\nSAVE\r\nCONFIG GET nothing\r\n");
  EXPECT_EQ(Reply(client, 3 * loading.size() + 4), loading + loading + loading + "*0\r\n");
  engine->set_loading(false);
  client.Send("GET k\r\n");
  EXPECT_EQ(Reply(client, 5), "$-1\r\n");
}

TEST_F(EngineTest, WritesAreRefusedAsLongAsTheServerSaysSo) {
  const std::string refused = "-MISCONF no\r\n";
  server.write_refusal = "MISCONF no";
  engine->set_may_refuse_writes(true);
  Client client(*engine);
  client.Send("SET k v\r\nPING\r\nGET k\r\nMULTI\r\nSET k v\r\n");
  EXPECT_EQ(Reply(client, 3 * refused.size() + 10), refused + refused + "$-1\r\n+OK\r\n" + refused);
  client.Send("DISCARD\r\n");
  EXPECT_EQ(Reply(client, 5), "+OK\r\n");
  server.write_refusal.clear();
  client.Send("SET k v\r\nPING\r\n");
  EXPECT_EQ(Reply(client, 12), "+OK\r\n+PONG\r\n");
}

TEST_F(EngineTest, SomeCommandsAreNotForTransactions) {
  Client client(*engine);
  client.Send("MULTI\r\nSAVE\r\nEXEC\r\n");
  const std::string expected =
      "+OK\r\n-ERR Command not allowed inside a transaction\r\n-EXECABORT Transaction discarded because of previous "
      "errors.\r\n";
  EXPECT_EQ(Reply(client, expected.size()), expected);
  EXPECT_EQ(server.snapshots.saves, 0);
}

}  // namespace
}  // namespace tidemark::engine
