// INFO's text: the sections that names select, the fields that monitoring tools look for, and the formats of values.
#include "observe/info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint64_t kMiB = 1 << 20;

InfoSources Example() {
  InfoSources sources;
  sources.server.redis_version = "7.2.4";
  sources.server.tidemark_version = "0.1.0";
  sources.server.listeners = {"name=tcp,bind=127.0.0.1,bind=::1,port=6379", "name=unix,bind=/run/t.sock"};
  sources.server.uptime_seconds = 2 * 24 * 3600 + 5;
  sources.memory.snapshot = {
      .used = 3 * kMiB, .allocated = 4 * kMiB, .active = 5 * kMiB, .resident = 8 * kMiB, .rss = 6 * kMiB};
  sources.memory.peak = 4 * kMiB;
  sources.memory.startup = kMiB;
  sources.memory.overhead = kMiB + kMiB / 2;
  sources.memory.maxmemory = 100 * kMiB;
  sources.memory.maxmemory_policy = "allkeys-lru";
  sources.tiering = {{"tier_enabled", "yes"}, {"tier_engine", "rocksdb"}};
  sources.cpu.process = {.system_us = 1'000'042, .user_us = 7};
  sources.commands = {
      {.name = "get",
       .stats = {.calls = 3, .microseconds = 10, .rejected = 1, .failed = 2},
       .latency_us = {{50, 1.0034}, {99.9, 2}, {100.0 / 3, 12.5}}},
      {.name = "client|list", .stats = {.calls = 0, .microseconds = 0, .rejected = 4, .failed = 0}, .latency_us = {}}};
  sources.errors = {{"ERR", 5}, {"WRONGTYPE", 1}};
  sources.databases = {{.number = 0, .keys = 6, .volatile_keys = 1, .average_ttl_ms = 999336, .volatile_hashes = 2},
                       {.number = 9, .keys = 2}};
  return sources;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    EXPECT_TRUE(line.ends_with('\r')) << line;
    line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> Titles(const std::vector<std::string>& sections) {
  std::vector<std::string> titles;
  for (const std::string& line : Lines(RenderInfo(Example(), sections))) {
    if (line.starts_with("# ")) titles.push_back(line.substr(2));
  }
  return titles;
}

// Names of the fields of one section, in order.
std::vector<std::string> FieldNames(std::string_view title) {
  std::vector<std::string> names;
  bool inside = false;
  for (const std::string& line : Lines(RenderInfo(Example(), {"everything"}))) {
    if (line.starts_with("# ")) {
      inside = line.substr(2) == title;
    } else if (inside && !line.empty()) {
      names.push_back(line.substr(0, line.find(':')));
    }
  }
  return names;
}

TEST(RenderInfo, DefaultLeavesOutTheStatisticsOfCommands) {
  const auto expected = ElementsAre("Server", "Clients", "Memory", "Tiering", "Persistence", "Stats", "Replication",
                                    "CPU", "Modules", "Errorstats", "Cluster", "Keyspace");
  EXPECT_THAT(Titles({}), expected);
  EXPECT_THAT(Titles({"default"}), expected);
}

TEST(RenderInfo, AllAndEverythingShowAllSections) {
  const auto expected =
      ElementsAre("Server", "Clients", "Memory", "Tiering", "Persistence", "Stats", "Replication", "CPU", "Modules",
                  "Commandstats", "Errorstats", "Latencystats", "Cluster", "Keyspace");
  EXPECT_THAT(Titles({"all"}), expected);
  EXPECT_THAT(Titles({"server", "everything"}), expected);
}

TEST(RenderInfo, NamedSectionsComeOnceAndInTheUsualOrder) {
  EXPECT_THAT(Titles({"keyspace", "cpu", "keyspace", "tiering"}), ElementsAre("Tiering", "CPU", "Keyspace"));
  EXPECT_THAT(Titles({"default", "commandstats"}), testing::Contains("Commandstats"));
  EXPECT_THAT(Titles({"cluster", "nothing-like-it"}), ElementsAre("Cluster"));
}

TEST(RenderInfo, UnknownNamesAloneGiveNothing) {
  EXPECT_EQ(RenderInfo(Example(), {"nothing-like-it"}), "");
}

TEST(RenderInfo, SeparatesSectionsByOneEmptyLine) {
  EXPECT_EQ(RenderInfo(Example(), {"tiering", "modules", "cluster"}),
            "# Tiering\r\ntier_enabled:yes\r\ntier_engine:rocksdb\r\n\r\n# Modules\r\n\r\n"
            "# Cluster\r\ncluster_enabled:0\r\n");
}

// The fields of Redis 7.2, in its order; others may stand between them.
TEST(RenderInfo, HasTheFieldsOfRedis) {
  static constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"Server",
       "redis_version redis_git_sha1 redis_git_dirty redis_build_id redis_mode os arch_bits monotonic_clock "
       "multiplexing_api atomicvar_api gcc_version process_id process_supervised run_id tcp_port server_time_usec "
       "uptime_in_seconds uptime_in_days hz configured_hz lru_clock executable config_file io_threads_active "
       "listener0"},
      {"Clients",
       "connected_clients cluster_connections maxclients client_recent_max_input_buffer "
       "client_recent_max_output_buffer blocked_clients tracking_clients clients_in_timeout_table "
       "total_blocking_keys total_blocking_keys_on_nokey"},
      {"Memory",
       "used_memory used_memory_human used_memory_rss used_memory_rss_human used_memory_peak used_memory_peak_human "
       "used_memory_peak_perc used_memory_overhead used_memory_startup used_memory_dataset used_memory_dataset_perc "
       "allocator_allocated allocator_active allocator_resident total_system_memory total_system_memory_human "
       "used_memory_lua used_memory_vm_eval used_memory_lua_human used_memory_scripts_eval number_of_cached_scripts "
       "number_of_functions number_of_libraries used_memory_vm_functions used_memory_vm_total "
       "used_memory_vm_total_human used_memory_functions used_memory_scripts used_memory_scripts_human maxmemory "
       "maxmemory_human maxmemory_policy allocator_frag_ratio allocator_frag_bytes allocator_rss_ratio "
       "allocator_rss_bytes rss_overhead_ratio rss_overhead_bytes mem_fragmentation_ratio mem_fragmentation_bytes "
       "mem_not_counted_for_evict mem_replication_backlog mem_total_replication_buffers mem_clients_slaves "
       "mem_clients_normal mem_cluster_links mem_aof_buffer mem_allocator active_defrag_running "
       "lazyfree_pending_objects lazyfreed_objects"},
      {"Persistence",
       "loading async_loading current_cow_peak current_cow_size current_cow_size_age current_fork_perc "
       "current_save_keys_processed current_save_keys_total rdb_changes_since_last_save rdb_bgsave_in_progress "
       "rdb_last_save_time rdb_last_bgsave_status rdb_last_bgsave_time_sec rdb_current_bgsave_time_sec rdb_saves "
       "rdb_last_cow_size rdb_last_load_keys_expired rdb_last_load_keys_loaded aof_enabled aof_rewrite_in_progress "
       "aof_rewrite_scheduled aof_last_rewrite_time_sec aof_current_rewrite_time_sec aof_last_bgrewrite_status "
       "aof_rewrites aof_rewrites_consecutive_failures aof_last_write_status aof_last_cow_size "
       "module_fork_in_progress module_fork_last_cow_size"},
      {"Stats",
       "total_connections_received total_commands_processed instantaneous_ops_per_sec total_net_input_bytes "
       "total_net_output_bytes total_net_repl_input_bytes total_net_repl_output_bytes instantaneous_input_kbps "
       "instantaneous_output_kbps instantaneous_input_repl_kbps instantaneous_output_repl_kbps rejected_connections "
       "sync_full sync_partial_ok sync_partial_err expired_subkeys expired_keys expired_stale_perc "
       "expired_time_cap_reached_count "
       "expire_cycle_cpu_milliseconds evicted_keys evicted_clients total_eviction_exceeded_time "
       "current_eviction_exceeded_time keyspace_hits keyspace_misses pubsub_channels pubsub_patterns "
       "pubsubshard_channels latest_fork_usec total_forks migrate_cached_sockets slave_expires_tracked_keys "
       "active_defrag_hits active_defrag_misses active_defrag_key_hits active_defrag_key_misses "
       "total_active_defrag_time current_active_defrag_time tracking_total_keys tracking_total_items "
       "tracking_total_prefixes unexpected_error_replies total_error_replies dump_payload_sanitizations "
       "total_reads_processed total_writes_processed io_threaded_reads_processed io_threaded_writes_processed "
       "reply_buffer_shrinks reply_buffer_expands eventloop_cycles eventloop_duration_sum eventloop_duration_cmd_sum "
       "instantaneous_eventloop_cycles_per_sec instantaneous_eventloop_duration_usec acl_access_denied_auth "
       "acl_access_denied_cmd acl_access_denied_key acl_access_denied_channel"},
      {"Replication",
       "role connected_slaves master_failover_state master_replid master_replid2 master_repl_offset "
       "second_repl_offset repl_backlog_active repl_backlog_size repl_backlog_first_byte_offset repl_backlog_histlen"},
      {"CPU",
       "used_cpu_sys used_cpu_user used_cpu_sys_children used_cpu_user_children used_cpu_sys_main_thread "
       "used_cpu_user_main_thread"},
      {"Cluster", "cluster_enabled"},
  };
  for (const auto& [title, names] : kFields) {
    const std::vector<std::string> shown = FieldNames(title);
    auto position = shown.begin();
    std::istringstream in{std::string(names)};
    for (std::string name; in >> name;) {
      const auto found = std::find(position, shown.end(), name);
      if (found == shown.end()) {
        ADD_FAILURE() << name << " is missing or not in its place in section " << title;
        continue;
      }
      position = found + 1;
    }
  }
}

TEST(RenderInfo, ShowsMemoryAsBytesAndForReaders) {
  const std::string text = RenderInfo(Example(), {"memory"});
  EXPECT_THAT(text, HasSubstr("used_memory:3145728\r\nused_memory_human:3.00M\r\n"));
  EXPECT_THAT(text, HasSubstr("used_memory_peak_perc:75.00%\r\n"));
  EXPECT_THAT(text, HasSubstr("used_memory_dataset:1572864\r\nused_memory_dataset_perc:75.00%\r\n"));
  EXPECT_THAT(text, HasSubstr("maxmemory:104857600\r\nmaxmemory_human:100.00M\r\nmaxmemory_policy:allkeys-lru\r\n"));
  EXPECT_THAT(text, HasSubstr("allocator_frag_ratio:1.25\r\nallocator_frag_bytes:1048576\r\n"));
  EXPECT_THAT(text, HasSubstr("rss_overhead_ratio:0.75\r\nrss_overhead_bytes:-2097152\r\n"));
  EXPECT_THAT(text, HasSubstr("mem_fragmentation_ratio:2.00\r\nmem_fragmentation_bytes:3145728\r\n"));
}

TEST(RenderInfo, DividesByNothingWithoutHarm) {
  const std::string text = RenderInfo({}, {"all"});
  EXPECT_THAT(text, HasSubstr("mem_fragmentation_ratio:0.00\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
  EXPECT_THAT(text, Not(HasSubstr("inf\r")));
}

TEST(RenderInfo, ShowsVersionsUptimeAndListeners) {
  const std::string text = RenderInfo(Example(), {"server"});
  EXPECT_THAT(text, HasSubstr("redis_version:7.2.4\r\ntidemark_version:0.1.0\r\n"));
  EXPECT_THAT(text, HasSubstr("uptime_in_seconds:172805\r\nuptime_in_days:2\r\n"));
  EXPECT_THAT(text, HasSubstr("listener0:name=tcp,bind=127.0.0.1,bind=::1,port=6379\r\n"
                              "listener1:name=unix,bind=/run/t.sock\r\n"));
}

TEST(RenderInfo, ShowsCpuTimeToTheMicrosecond) {
  EXPECT_THAT(RenderInfo(Example(), {"cpu"}), HasSubstr("used_cpu_sys:1.000042\r\nused_cpu_user:0.000007\r\n"));
}

TEST(ReadCpuFigures, CountsThisProcess) {
  const CpuFigures cpu = ReadCpuFigures();
  EXPECT_GT(cpu.process.system_us + cpu.process.user_us, 0);
}

TEST(RenderInfo, ShowsWhatCommandsCost) {
  EXPECT_EQ(RenderInfo(Example(), {"commandstats"}),
            "# Commandstats\r\n"
            "cmdstat_get:calls=3,usec=10,usec_per_call=3.33,rejected_calls=1,failed_calls=2\r\n"
            "cmdstat_client|list:calls=0,usec=0,usec_per_call=0.00,rejected_calls=4,failed_calls=0\r\n");
  EXPECT_EQ(RenderInfo(Example(), {"latencystats"}),
            "# Latencystats\r\nlatency_percentiles_usec_get:p50=1.003,p99.9=2.000,p33.333333=12.500\r\n");
  EXPECT_EQ(RenderInfo(Example(), {"errorstats"}),
            "# Errorstats\r\nerrorstat_ERR:count=5\r\nerrorstat_WRONGTYPE:count=1\r\n");
}

TEST(RenderInfo, ShowsDatabases) {
  EXPECT_EQ(
      RenderInfo(Example(), {"keyspace"}),
      "# "
      "Keyspace\r\ndb0:keys=6,expires=1,avg_ttl=999336,subexpiry=2\r\ndb9:keys=2,expires=0,avg_ttl=0,subexpiry=0\r\n");
}

}  // namespace
}  // namespace tidemark::observe
