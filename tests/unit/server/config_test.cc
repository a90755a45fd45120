// Goal: directives are read, shown, changed and written back as Redis users know it, with Redis' sentences for
// mistakes, and a refused CONFIG SET leaves everything as it was.
#include "server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using Pairs = std::vector<std::pair<std::string_view, std::string_view>>;

Status LoadText(ServerConfig& config, std::string_view text) {
  return config.Load({SourceKind::kStandardInput, "", ReadLines(text)});
}

std::string Get(const ServerConfig& config, std::string_view name) {
  const auto found = config.Get({name});
  return found.size() == 1 ? found[0].second : "(" + std::to_string(found.size()) + " values)";
}

// The error reply without the words that are always there.
std::string SetError(ServerConfig& config, const Pairs& pairs) {
  const Status done = config.Set(pairs);
  std::string text = done.message();
  if (const std::string_view prefix = "ERR CONFIG SET failed (possibly related to argument ";
      text.starts_with(prefix)) {
    text.erase(0, prefix.size());
  }
  return done.ok() ? "OK" : text;
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "tidemark-config-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  std::string Path(std::string_view name) const { return path_ / name; }
  std::string Write(std::string_view name, std::string_view text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  std::string Read(std::string_view name) const { return *ReadWholeFile(Path(name)); }

 private:
  std::filesystem::path path_;
};

TEST(ServerConfig, DefaultsOfTheTableAreThoseOfTheComponents) {
  const ServerConfig config;
  const Options& options = config.options();
  const keyspace::KeyspaceOptions keyspace;
  EXPECT_EQ(options.keyspace.databases, keyspace.databases);
  EXPECT_EQ(options.keyspace.access.lfu_log_factor, keyspace.access.lfu_log_factor);
  EXPECT_EQ(options.keyspace.access.lfu_decay_minutes, keyspace.access.lfu_decay_minutes);
  EXPECT_EQ(options.keyspace.active_expire_effort, keyspace.active_expire_effort);
  const engine::EngineOptions engine;
  EXPECT_EQ(options.engine.maxclients, engine.maxclients);
  EXPECT_EQ(options.engine.query_buffer_limit_bytes, engine.query_buffer_limit_bytes);
  EXPECT_EQ(options.engine.proto_max_bulk_bytes, engine.proto_max_bulk_bytes);
  EXPECT_EQ(options.engine.output_limit_replica.hard_bytes, engine.output_limit_replica.hard_bytes);
  EXPECT_EQ(options.engine.output_limit_pubsub.soft_bytes, engine.output_limit_pubsub.soft_bytes);
  EXPECT_EQ(options.engine.output_limit_pubsub.soft_seconds, engine.output_limit_pubsub.soft_seconds);
  EXPECT_EQ(options.engine.maxmemory_policy, engine.maxmemory_policy);
  EXPECT_EQ(options.engine.maxmemory_samples, engine.maxmemory_samples);
  EXPECT_EQ(options.engine.maxmemory_eviction_tenacity, engine.maxmemory_eviction_tenacity);
  EXPECT_EQ(options.engine.hz, engine.hz);
  EXPECT_EQ(options.engine.protected_mode, engine.protected_mode);
  EXPECT_EQ(options.engine.bind_is_default, engine.bind_is_default);
  EXPECT_EQ(options.engine.debug_command, engine.debug_command);
  const net::NetOptions net;
  EXPECT_EQ(options.net.port, net.port);
  EXPECT_EQ(options.net.bind, net.bind);
  EXPECT_EQ(options.net.tcp_backlog, net.tcp_backlog);
  EXPECT_EQ(options.net.tcp_keepalive_seconds, net.tcp_keepalive_seconds);
  EXPECT_EQ(options.net.unix_socket_perm, net.unix_socket_perm);
  const tiering::TierOptions tier;
  EXPECT_EQ(options.tier.enabled, tier.enabled);
  EXPECT_EQ(options.tier.dir, tier.dir);
  EXPECT_EQ(options.tier.engine, tier.engine);
  EXPECT_EQ(options.tier.max_bytes, tier.max_bytes);
  EXPECT_EQ(options.tier.min_value_bytes, tier.min_value_bytes);
  EXPECT_EQ(options.tier.max_record_bytes, tier.max_record_bytes);
  EXPECT_EQ(options.tier.compression, tier.compression);
  EXPECT_EQ(options.tier.spill_watermark_percent, tier.spill_watermark_percent);
  EXPECT_EQ(options.tier.delay_watermark_percent, tier.delay_watermark_percent);
  EXPECT_EQ(options.tier.promote, tier.promote);
  EXPECT_EQ(options.tier.io_threads, tier.io_threads);
  EXPECT_EQ(options.tier.write_budget_bytes_per_second, tier.write_budget_bytes_per_second);
}

TEST(ServerConfig, ReadsAFile) {
  const TemporaryDirectory directory;
  directory.Write("one.inc", "lfu-log-factor 5\n");
  directory.Write("two.inc", "hz 20");
  ServerConfig config;
  const std::string path = directory.Write("t.conf",
                                           "# a comment\n\n  MaxClients 123\t\r\n"
                                           "requirepass \"se\\x63ret \\\"x\\\"\"\n"
                                           "bind 127.0.0.1 ::1\nsave 900 1\nsave 300 10\n"
                                           "client-output-buffer-limit slave 1mb 2kb 3\n"
                                           "maxmemory-policy allkeys-lfu\nmaxmemory 1G\nunixsocketperm 700\n"
                                           "include " +
                                               directory.Path("*.inc") + "\nslave-read-only no\n");
  const Status loaded = config.Load({SourceKind::kFile, path, {}});
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  const Options& options = config.options();
  EXPECT_EQ(options.engine.maxclients, 123u);
  EXPECT_EQ(options.engine.requirepass, "secret \"x\"");
  EXPECT_THAT(options.net.bind, ElementsAre("127.0.0.1", "::1"));
  EXPECT_FALSE(options.engine.bind_is_default);
  EXPECT_THAT(options.persistence.save_points,
              ElementsAre(persistence::SavePoint{900, 1}, persistence::SavePoint{300, 10}));
  EXPECT_EQ(options.engine.output_limit_replica.soft_bytes, 2048u);
  EXPECT_EQ(options.engine.output_limit_pubsub.hard_bytes, 32u << 20);
  EXPECT_EQ(options.engine.maxmemory_policy, engine::MaxmemoryPolicy::kAllkeysLfu);
  EXPECT_EQ(options.keyspace.access.mode, keyspace::AccessMode::kLfu);
  EXPECT_EQ(options.engine.maxmemory, 1'000'000'000u);
  EXPECT_EQ(options.net.unix_socket_perm, 0700u);
  EXPECT_EQ(options.keyspace.access.lfu_log_factor, 5);
  EXPECT_EQ(options.engine.hz, 20);
  EXPECT_EQ(Get(config, "replica-read-only"), "no");
  EXPECT_EQ(config.file(), path);
}

TEST(ServerConfig, TakesAListInQuotes) {
  const TemporaryDirectory directory;
  ServerConfig config;
  const std::string path = directory.Write("t.conf",
                                           "save \"900 1 300 10\"\nbind \"127.0.0.1 ::1\"\n"
                                           "client-output-buffer-limit \"replica 1mb 2kb 3\"\n");
  const Status loaded = config.Load({SourceKind::kFile, path, {}});
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(Get(config, "save"), "900 1 300 10");
  EXPECT_THAT(config.options().net.bind, ElementsAre("127.0.0.1", "::1"));
  EXPECT_EQ(config.options().engine.output_limit_replica.soft_bytes, 2048u);
}

TEST(ServerConfig, SaysWhichLineIsWrong) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"port abc", "argument couldn't be parsed into an integer"},
      {"port 70000", "argument must be between 0 and 65535 inclusive"},
      {"port", "wrong number of arguments"},
      {"port 1 2", "wrong number of arguments"},
      {"nosuch 1", "Bad directive or wrong number of arguments"},
      {"save 1", "Invalid save parameters"},
      {"save \"a", "Unbalanced quotes in configuration line"},
      {"appendonly maybe", "argument must be 'yes' or 'no'"},
      {"appendfsync x", "argument(s) must be one of the following: everysec, always, no"},
      {"unixsocketperm 999", "argument couldn't be parsed as an octal number"},
      {"maxmemory 12abc", "argument must be a memory value"},
      {"dir /no/such/directory", "No such file or directory"},
      {"dbfilename a/b", "dbfilename can't be a path, just a filename"},
      {"client-output-buffer-limit normal 1", "Wrong number of arguments in buffer limit configuration."},
      {"slaveof a", "wrong number of arguments"},
      {"loadmodule /x.so", "Modules are not supported"},
      {"user x on", "Users with access rules are not supported; requirepass sets a password for all"},
      {"vm-pages 1 2", "wrong number of arguments"},
  };
  for (const auto& [line, sentence] : cases) {
    ServerConfig config;
    const Status loaded = LoadText(config, "# first\nhz 20\n" + line + "\n");
    ASSERT_FALSE(loaded.ok()) << line;
    EXPECT_THAT(loaded.message(), HasSubstr("*** FATAL CONFIG FILE ERROR (Tidemark "));
    EXPECT_THAT(loaded.message(), HasSubstr("at line 3\n>>> '" + line + "'\n" + sentence + "\n"));
  }
  ServerConfig config;
  EXPECT_THAT(LoadText(config, "requirepass hush hush").message(), testing::Not(HasSubstr("hush")));
  EXPECT_EQ(config.Load({SourceKind::kFile, "/no/such.conf", {}}).message(),
            "Fatal error, can't open config file '/no/such.conf': No such file or directory\n");
  EXPECT_THAT(config.Load({SourceKind::kFile, "/tmp", {}}).message(), HasSubstr("can't open config file '/tmp'"));
}

TEST(ServerConfig, AnIncludeThatIncludesItselfEnds) {
  const TemporaryDirectory directory;
  const std::string path = directory.Path("loop.conf");
  directory.Write("loop.conf", "include " + path + "\n");
  ServerConfig config;
  EXPECT_THAT(config.Load({SourceKind::kFile, path, {}}).message(), HasSubstr("Too many nested includes"));
}

TEST(ServerConfig, TakesTheDirectivesOfTheOldVm) {
  ServerConfig config;
  ASSERT_TRUE(LoadText(config,
                       "vm-enabled yes\nvm-swap-file /tmp/redis.swap\nvm-max-memory 33554432\nvm-page-size 32\n"
                       "vm-pages 134217728\nvm-max-threads 4\n")
                  .ok());
  const tiering::TierOptions& tier = config.options().tier;
  EXPECT_TRUE(tier.enabled);
  EXPECT_EQ(tier.dir, "/tmp/redis.swap.tier");
  EXPECT_EQ(config.options().engine.maxmemory, 33554432u);
  EXPECT_EQ(tier.max_bytes, uint64_t{32} * 134217728);
  EXPECT_EQ(tier.io_threads, 4);
  EXPECT_THAT(config.notices(),
              ElementsAre(HasSubstr("vm-enabled"), HasSubstr("vm-swap-file"), HasSubstr("vm-max-memory"),
                          HasSubstr("vm-page-size"), HasSubstr("vm-pages"), HasSubstr("vm-max-threads")));
}

TEST(ServerConfig, TheDeviceHasASecondName) {
  for (const char* name : {"uring", "io_uring", "IO_URING"}) {
    ServerConfig config;
    ASSERT_TRUE(LoadText(config, std::string("tier-io ") + name + "\n").ok()) << name;
    EXPECT_EQ(config.options().tier.device, tiering::DeviceChoice::kUring);
    EXPECT_EQ(config.ValueOf("tier-io"), "uring");
  }
  ServerConfig config;
  EXPECT_THAT(LoadText(config, "tier-io ring\n").message(), HasSubstr("one of the following: auto, uring, threads"));
}

TEST(ServerConfig, NotesWhatHasNoEffect) {
  ServerConfig config;
  ASSERT_TRUE(LoadText(config,
                       "oom-score-adj yes\nsave \"\"\nactiverehashing no\nio-threads 1\nport 7000\n"
                       "rename-command FLUSHALL \"\"\nuser default on nopass ~* &* +@all\n")
                  .ok());
  config.ApplyDerivedDefaults(1 << 30);
  EXPECT_THAT(config.notices(),
              ElementsAre("The directive 'oom-score-adj' is accepted but has no effect in this version"));
  EXPECT_THAT(config.options().renamed_commands, ElementsAre(std::pair<std::string, std::string>("FLUSHALL", "")));
  EXPECT_EQ(config.options().engine.maxmemory, 0u) << "there is no tier";
}

TEST(ServerConfig, MaxmemoryFollowsTheMachineOnlyIfNotGiven) {
  ServerConfig config;
  ASSERT_TRUE(LoadText(config, "tier-enabled yes\nmaxmemory 0\n").ok());
  config.ApplyDerivedDefaults(1 << 30);
  EXPECT_EQ(config.options().engine.maxmemory, 0u);
}

TEST(ServerConfig, GetMatchesPatternsAndNames) {
  const ServerConfig config;
  EXPECT_THAT(config.Get({"maxmemory-polic?"}), ElementsAre(Pair("maxmemory-policy", "noeviction")));
  EXPECT_THAT(config.Get({"SAVE"}), ElementsAre(Pair("SAVE", "3600 1 300 100 60 10000")));
  EXPECT_THAT(config.Get({"Port", "port", "p?rt"}), ElementsAre(Pair("Port", "6379")));
  EXPECT_THAT(config.Get({"*ve-read-only", "*ca-read-only"}),
              testing::UnorderedElementsAre(Pair("replica-read-only", "yes"), Pair("slave-read-only", "yes")));
  EXPECT_THAT(config.Get({"slave-read-only"}), ElementsAre(Pair("slave-read-only", "yes")));
  EXPECT_THAT(config.Get({"nosuch", "nosuch*", ""}), IsEmpty());
  EXPECT_THAT(config.Get({"key-load-dela*"}), IsEmpty()) << "hidden";
  EXPECT_THAT(config.Get({"key-load-delay"}), ElementsAre(Pair("key-load-delay", "0")));
  EXPECT_THAT(config.Get({"bind"}), ElementsAre(Pair("bind", "* -::*")));
  EXPECT_THAT(config.Get({"client-output-buffer-limit"}),
              ElementsAre(Pair("client-output-buffer-limit",
                               "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60")));
  EXPECT_THAT(config.Get({"dir"}), ElementsAre(Pair("dir", std::filesystem::current_path().string())));
}

TEST(ServerConfig, SetAnswersAsRedisDoes) {
  ServerConfig config;
  const std::vector<std::pair<Pairs, std::string>> cases = {
      {{{"port", "70000"}}, "'port') - argument must be between 0 and 65535 inclusive"},
      {{{"timeout", "x"}}, "'timeout') - argument couldn't be parsed into an integer"},
      {{{"TIMEOUT", "08"}}, "'timeout') - argument couldn't be parsed into an integer"},
      {{{"databases", "4"}}, "'databases') - can't set immutable config"},
      {{{"databases", "4"}, {"nosuch", "1"}}, "'databases') - can't set immutable config"},
      {{{"dir", "/tmp"}}, "'dir') - can't set protected config"},
      {{{"nosuch", "1"}}, "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'"},
      {{{"hz", "x"}, {"databases", "1"}}, "'databases') - can't set immutable config"},
      {{{"hz", "1"}, {"hz", "2"}}, "'hz') - duplicate parameter"},
      {{{"slave-read-only", "x"}}, "'slave-read-only') - argument must be 'yes' or 'no'"},
      {{{"save", "-1 5"}}, "'save') - Invalid save parameters"},
      {{{"maxmemory-samples", "0"}}, "'maxmemory-samples') - argument must be between 1 and 2147483647 inclusive"},
      {{{"maxclients", "4294967296"}}, "'maxclients') - argument must be between 1 and 4294967295 inclusive"},
      {{{"hash-max-listpack-entries", "-1"}},
       "'hash-max-listpack-entries') - argument must be between 0 and 9223372036854775807 inclusive"},
      {{{"proto-max-bulk-len", "1"}},
       "'proto-max-bulk-len') - argument must be between 1048576 and 9223372036854775807 inclusive"},
      {{{"tier-max-size", "7mb"}},
       "'tier-max-size') - argument must be between 8388608 and 9223372036854775807 inclusive, or 0"},
      {{{"slowlog-log-slower-than", "-2"}},
       "'slowlog-log-slower-than') - argument must be between -1 and 9223372036854775807 inclusive"},
      {{{"maxmemory-clients", "101%"}}, "'maxmemory-clients') - percentage argument must be less or equal to 100"},
      {{{"maxmemory-clients", "-5"}}, "'maxmemory-clients') - argument must be a memory or percent value"},
      {{{"oom-score-adj-values", "1"}}, "'oom-score-adj-values') - wrong number of arguments"},
      {{{"oom-score-adj-values", "1 2 2001"}},
       "'oom-score-adj-values') - Invalid oom-score-adj-values, elements must be between -2000 and 2000."},
      {{{"notify-keyspace-events", "Kq"}},
       "'notify-keyspace-events') - Invalid event class character. Use 'Ag$lshzxeKEtmdn'."},
      {{{"shutdown-on-sigterm", ""}},
       "'shutdown-on-sigterm') - argument(s) must be one of the following: default, save, nosave, now, force"},
      {{{"shutdown-on-sigterm", "save nosave"}},
       "'shutdown-on-sigterm') - shutdown options SAVE and NOSAVE can't be used simultaneously"},
      {{{"latency-tracking-info-percentiles", "1 x"}},
       "'latency-tracking-info-percentiles') - Invalid latency-tracking-info-percentiles parameters"},
      {{{"latency-tracking-info-percentiles", "101"}},
       "'latency-tracking-info-percentiles') - latency-tracking-info-percentiles parameters should sit between "
       "[0.0,100.0]"},
      {{{"client-output-buffer-limit", "foo 1 1 1"}},
       "'client-output-buffer-limit') - Invalid client class specified in buffer limit configuration."},
      {{{"client-output-buffer-limit", "normal x 1 1"}},
       "'client-output-buffer-limit') - Error in hard, soft or soft_seconds setting in buffer limit configuration."},
      {{{"proc-title-template", "{foo}"}},
       "'proc-title-template') - template format is invalid or contains unknown variables"},
      {{{"slave-read-only", "no"}, {"replica-read-only", "yes"}}, "OK"},
      {{{"client-output-buffer-limit", ""}}, "OK"},
      {{{"maxmemory", "100kb"}, {"maxmemory-policy", "VOLATILE-lru"}}, "OK"},
  };
  for (const auto& [pairs, answer] : cases) EXPECT_EQ(SetError(config, pairs), answer) << pairs[0].first;
  EXPECT_EQ(config.options().engine.maxmemory, 102400u);
  EXPECT_EQ(config.options().engine.maxmemory_policy, engine::MaxmemoryPolicy::kVolatileLru);
}

TEST(ServerConfig, ShowsValuesInTheirOwnForm) {
  ServerConfig config;
  const std::vector<std::array<std::string_view, 3>> cases = {
      {"notify-keyspace-events", "KEAmn", "AKEm"},
      {"notify-keyspace-events", "gxKEn", "gxnKE"},
      {"shutdown-on-sigint", "FORCE save now", "save now force"},
      {"shutdown-on-sigint", "default now", "now"},
      {"latency-tracking-info-percentiles", "50.50 99", "50.5 99"},
      {"maxmemory-clients", "20%", "20%"},
      {"maxmemory-clients", "1kb", "1024"},
      {"hz", "1000", "500"},
      {"activerehashing", "NO", "no"},
      {"client-output-buffer-limit", "replica 1mb 2 3", "normal 0 0 0 slave 1048576 2 3 pubsub 33554432 8388608 60"},
      {"tier-spill-watermark", "80%", "80"},
      {"save", "", ""},
  };
  for (const auto& [name, given, shown] : cases) {
    EXPECT_EQ(SetError(config, {{name, given}}), "OK") << name;
    EXPECT_EQ(Get(config, name), shown);
  }
}

TEST(ServerConfig, ARefusedSetChangesNothing) {
  ServerConfig config;
  EXPECT_EQ(SetError(config, {{"hz", "50"}, {"maxmemory-policy", "allkeys-lfu"}, {"timeout", "x"}}),
            "'timeout') - argument couldn't be parsed into an integer");
  EXPECT_EQ(Get(config, "hz"), "10");
  EXPECT_EQ(config.options().engine.hz, 10);
  EXPECT_EQ(config.options().keyspace.access.mode, keyspace::AccessMode::kLru);
  EXPECT_FALSE(config.IsGiven("hz"));
}

TEST(ServerConfig, HooksHearOfChangesAndMayRefuse) {
  ServerConfig config;
  std::vector<std::string> calls;
  config.OnAnyChange([&] { calls.push_back("any"); });
  config.OnChange({"maxclients"}, [&] {
    calls.push_back("maxclients " + std::to_string(config.options().engine.maxclients));
    return Status::Ok();
  });
  config.OnChange({"port", "bind"}, [&] {
    calls.push_back("port " + std::to_string(config.options().net.port));
    return config.options().net.port == 1 ? Status::Unavailable("Unable to listen on this port. Check server logs.")
                                          : Status::Ok();
  });
  EXPECT_EQ(SetError(config, {{"hz", "10"}, {"port", "6379"}}), "OK");
  EXPECT_THAT(calls, ElementsAre("any")) << "nothing has changed";
  calls.clear();
  EXPECT_EQ(SetError(config, {{"port", "7000"}, {"bind", "127.0.0.1"}}), "OK");
  EXPECT_THAT(calls, ElementsAre("any", "port 7000"));
  calls.clear();
  EXPECT_EQ(SetError(config, {{"maxclients", "5"}, {"port", "1"}}),
            "'port') - Unable to listen on this port. Check server logs.");
  EXPECT_THAT(calls, ElementsAre("any", "maxclients 5", "port 1", "any", "maxclients 10000", "port 7000"));
  EXPECT_EQ(Get(config, "maxclients"), "10000");
}

TEST(ServerConfig, ProtectedDirectivesAreForWhomTheyAreOpen) {
  commands::ClientState remote;
  commands::ClientState local;
  local.loopback = true;
  const Pairs pairs = {{"dbfilename", "x.rdb"}};
  ServerConfig closed;
  EXPECT_FALSE(closed.SetFor(local, pairs).ok());
  ServerConfig for_local;
  ASSERT_TRUE(LoadText(for_local, "enable-protected-configs local").ok());
  EXPECT_TRUE(for_local.SetFor(local, pairs).ok());
  EXPECT_FALSE(for_local.SetFor(remote, pairs).ok());
  ServerConfig open;
  ASSERT_TRUE(LoadText(open, "enable-protected-configs yes").ok());
  EXPECT_TRUE(open.SetFor(remote, pairs).ok());
}

TEST(ServerConfig, RewritesItsFile) {
  const TemporaryDirectory directory;
  const std::string path =
      directory.Write("t.conf",
                      "# keep me\nmaxclients 99\nmaxclients 123\n\nslave-read-only no\nsave 900 1\n"
                      "save 300 10\nrename-command FLUSHALL \"\"\nlogfile \"\"");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  {
    ServerConfig config;
    ASSERT_TRUE(config.Load({SourceKind::kFile, path, {}}).ok());
    ASSERT_EQ(SetError(config, {{"maxclients", "456"},
                                {"save", "1 2 3 4 5 6"},
                                {"proto-max-bulk-len", "1gb"},
                                {"requirepass", "x'\"y"},
                                {"maxmemory", "0"},
                                {"client-output-buffer-limit", "normal 1kb 0 0"}}),
              "OK");
    const Status rewritten = config.Rewrite();
    ASSERT_TRUE(rewritten.ok()) << rewritten.message();
  }
  EXPECT_EQ(directory.Read("t.conf"),
            "# keep me\nmaxclients 456\n\nreplica-read-only no\nsave 1 2\nsave 3 4\nrename-command FLUSHALL \"\"\n"
            "logfile \"\"\n\n# Generated by CONFIG REWRITE\n"
            "requirepass \"x'\\\"y\"\nclient-output-buffer-limit normal 1kb 0 0\n"
            "client-output-buffer-limit replica 256mb 64mb 60\nclient-output-buffer-limit pubsub 32mb 8mb 60\n"
            "proto-max-bulk-len 1gb\nmaxmemory 0\nsave 5 6\n");
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  // What was written is read as what was set, and a second rewrite changes nothing.
  ServerConfig again;
  const std::string before = directory.Read("t.conf");
  ASSERT_TRUE(again.Load({SourceKind::kFile, path, {}}).ok());
  EXPECT_EQ(Get(again, "save"), "1 2 3 4 5 6");
  EXPECT_EQ(Get(again, "requirepass"), "x'\"y");
  EXPECT_TRUE(again.IsGiven("maxmemory"));
  ASSERT_TRUE(again.Rewrite().ok());
  EXPECT_EQ(directory.Read("t.conf"), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(std::filesystem::path(path).parent_path()), {}), 1)
      << "no temporary file stays behind";
}

TEST(ServerConfig, RewriteNeedsAFile) {
  ServerConfig config;
  EXPECT_EQ(config.Rewrite().message(), "ERR The server is running without a config file");
}

}  // namespace
}  // namespace tidemark::server
