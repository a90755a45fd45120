#include "observe/info.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

#include "base/numbers.h"

namespace tidemark::observe {
namespace {

// Writes the lines of a section.
class Section {
 public:
  void Field(std::string_view name, std::string_view value) {
    text_.append(name).append(":").append(value).append("\r\n");
  }
  void Field(std::string_view name, uint64_t value) { Field(name, std::string_view(std::to_string(value))); }
  void Field(std::string_view name, int64_t value) { Field(name, std::string_view(std::to_string(value))); }
  void Field(std::string_view name, int value) { Field(name, static_cast<int64_t>(value)); }
  void Field(std::string_view name, uint32_t value) { Field(name, static_cast<uint64_t>(value)); }
  // Two digits after the point, then `unit`.
  void Decimal(std::string_view name, double value, std::string_view unit = "") {
    char number[64];
    std::snprintf(number, sizeof(number), "%.2f", value);
    Field(name, std::string(number).append(unit));
  }
  // Bytes, and the same for readers.
  void Bytes(const std::string& name, uint64_t bytes) {
    Field(name, bytes);
    Field(name + "_human", std::string_view(FormatMemory(bytes)));
  }
  // Fields whose capability is idle.
  void Zeros(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) Field(name, uint64_t{0});
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

double Ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

int64_t Difference(uint64_t a, uint64_t b) {
  return static_cast<int64_t>(a) - static_cast<int64_t>(b);
}

void WriteServer(const InfoSources& sources, Section& out) {
  const ServerFigures& server = sources.server;
  out.Field("redis_version", server.redis_version);
  out.Field("tidemark_version", server.tidemark_version);
  out.Field("redis_git_sha1", "00000000");
  out.Field("redis_git_dirty", "0");
  out.Field("redis_build_id", server.build_id);
  out.Field("redis_mode", server.mode);
  out.Field("os", server.os);
  out.Field("arch_bits", static_cast<uint64_t>(sizeof(void*) * 8));
  out.Field("monotonic_clock", "POSIX clock_gettime");
  out.Field("multiplexing_api", "epoll");
  out.Field("atomicvar_api", "c11-builtin");
  out.Field("gcc_version", server.compiler_version);
  out.Field("process_id", server.process_id);
  out.Field("process_supervised", server.supervised);
  out.Field("run_id", server.run_id);
  out.Field("tcp_port", server.tcp_port);
  out.Field("server_time_usec", server.unix_us);
  out.Field("uptime_in_seconds", server.uptime_seconds);
  out.Field("uptime_in_days", server.uptime_seconds / (24 * 3600));
  out.Field("hz", server.hz);
  out.Field("configured_hz", server.configured_hz);
  out.Field("lru_clock", server.lru_clock);
  out.Field("executable", server.executable);
  out.Field("config_file", server.config_file);
  out.Field("io_threads_active", 0);
  for (size_t i = 0; i < server.listeners.size(); ++i) out.Field("listener" + std::to_string(i), server.listeners[i]);
}

void WriteClients(const InfoSources& sources, Section& out) {
  const ClientFigures& clients = sources.clients;
  out.Field("connected_clients", clients.connected);
  out.Field("cluster_connections", 0);
  out.Field("maxclients", clients.maxclients);
  out.Field("client_recent_max_input_buffer", clients.recent_max_input_buffer);
  out.Field("client_recent_max_output_buffer", clients.recent_max_output_buffer);
  out.Field("blocked_clients", clients.blocked);
  out.Field("tracking_clients", 0);
  out.Field("clients_in_timeout_table", clients.with_deadline);
  out.Field("total_blocking_keys", clients.waited_keys);
  out.Field("total_blocking_keys_on_nokey", 0);
  out.Field("watching_clients", clients.watching);
  out.Field("total_watched_keys", clients.watched_keys);
}

void WriteMemory(const InfoSources& sources, Section& out) {
  const MemoryFigures& memory = sources.memory;
  const MemorySnapshot& now = memory.snapshot;
  const uint64_t peak = std::max(memory.peak, now.used);
  const uint64_t dataset = now.used > memory.overhead ? now.used - memory.overhead : 0;
  const uint64_t net = now.used > memory.startup ? now.used - memory.startup : 0;
  out.Bytes("used_memory", now.used);
  out.Bytes("used_memory_rss", now.rss);
  out.Bytes("used_memory_peak", peak);
  out.Decimal("used_memory_peak_perc", 100 * Ratio(now.used, peak), "%");
  out.Field("used_memory_overhead", memory.overhead);
  out.Field("used_memory_startup", memory.startup);
  out.Field("used_memory_dataset", dataset);
  out.Decimal("used_memory_dataset_perc", 100 * Ratio(dataset, net), "%");
  out.Field("allocator_allocated", now.allocated);
  out.Field("allocator_active", now.active);
  out.Field("allocator_resident", now.resident);
  out.Bytes("total_system_memory", memory.system);
  out.Zeros({"used_memory_lua", "used_memory_vm_eval"});
  out.Field("used_memory_lua_human", FormatMemory(0));
  out.Zeros({"used_memory_scripts_eval", "number_of_cached_scripts", "number_of_functions", "number_of_libraries",
             "used_memory_vm_functions"});
  out.Bytes("used_memory_vm_total", 0);
  out.Zeros({"used_memory_functions"});
  out.Bytes("used_memory_scripts", 0);
  out.Bytes("maxmemory", memory.maxmemory);
  out.Field("maxmemory_policy", memory.maxmemory_policy);
  out.Decimal("allocator_frag_ratio", Ratio(now.active, now.allocated));
  out.Field("allocator_frag_bytes", Difference(now.active, now.allocated));
  out.Decimal("allocator_rss_ratio", Ratio(now.resident, now.active));
  out.Field("allocator_rss_bytes", Difference(now.resident, now.active));
  out.Decimal("rss_overhead_ratio", Ratio(now.rss, now.resident));
  out.Field("rss_overhead_bytes", Difference(now.rss, now.resident));
  out.Decimal("mem_fragmentation_ratio", Ratio(now.rss, now.used));
  out.Field("mem_fragmentation_bytes", Difference(now.rss, now.used));
  out.Zeros(
      {"mem_not_counted_for_evict", "mem_replication_backlog", "mem_total_replication_buffers", "mem_clients_slaves"});
  out.Field("mem_clients_normal", memory.clients);
  out.Zeros({"mem_cluster_links"});
  out.Field("mem_aof_buffer", sources.persistence.aof.buffer_memory_bytes);
  out.Field("mem_allocator", memory.allocator);
  out.Zeros({"active_defrag_running"});
  out.Field("lazyfree_pending_objects", memory.lazyfree_pending);
  out.Field("lazyfreed_objects", memory.lazyfreed);
}

void WriteTiering(const InfoSources& sources, Section& out) {
  for (const auto& [name, value] : sources.tiering) out.Field(name, value);
}

double Percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

void WriteLoading(const persistence::LoadFigures& load, Section& out) {
  const uint64_t left = load.total_bytes - std::min(load.loaded_bytes, load.total_bytes);
  int64_t eta_seconds = 1;
  if (load.elapsed_seconds > 0 && load.loaded_bytes > 0) {
    eta_seconds = static_cast<int64_t>(static_cast<double>(load.elapsed_seconds) * static_cast<double>(left) /
                                       static_cast<double>(load.loaded_bytes));
  }
  out.Field("loading_start_time", load.start_unix_seconds);
  out.Field("loading_total_bytes", load.total_bytes);
  out.Field("loading_rdb_used_mem", load.used_memory_when_saved);
  out.Field("loading_loaded_bytes", load.loaded_bytes);
  out.Decimal("loading_loaded_perc", Percent(load.loaded_bytes, load.total_bytes));
  out.Field("loading_eta_seconds", eta_seconds);
}

void WritePersistence(const InfoSources& sources, Section& out) {
  const persistence::PersistenceFigures& persistence = sources.persistence;
  out.Field("loading", persistence.load.loading ? 1 : 0);
  out.Zeros({"async_loading"});
  out.Field("current_cow_peak", persistence.current_cow_peak_bytes);
  out.Field("current_cow_size", persistence.current_cow_bytes);
  out.Field("current_cow_size_age", persistence.current_cow_age_seconds);
  out.Decimal("current_fork_perc", Percent(persistence.current_keys, persistence.current_keys_total));
  out.Field("current_save_keys_processed", persistence.current_keys);
  out.Field("current_save_keys_total", persistence.current_keys_total);
  out.Field("rdb_changes_since_last_save", persistence.changes_since_save);
  out.Field("rdb_bgsave_in_progress", persistence.saving ? 1 : 0);
  out.Field("rdb_last_save_time", persistence.last_save_unix_seconds);
  out.Field("rdb_last_bgsave_status", persistence.last_save_ok ? "ok" : "err");
  out.Field("rdb_last_bgsave_time_sec", persistence.last_save_seconds);
  out.Field("rdb_current_bgsave_time_sec", persistence.current_save_seconds);
  out.Field("rdb_saves", persistence.saves);
  out.Field("rdb_last_cow_size", persistence.last_cow_bytes);
  out.Field("rdb_last_load_keys_expired", persistence.last_load_expired_keys);
  out.Field("rdb_last_load_keys_loaded", persistence.last_load_keys);
  const persistence::AofFigures& aof = persistence.aof;
  out.Field("aof_enabled", aof.enabled ? 1 : 0);
  out.Field("aof_rewrite_in_progress", aof.rewriting ? 1 : 0);
  out.Field("aof_rewrite_scheduled", aof.rewrite_scheduled ? 1 : 0);
  out.Field("aof_last_rewrite_time_sec", aof.last_rewrite_seconds);
  out.Field("aof_current_rewrite_time_sec", aof.current_rewrite_seconds);
  out.Field("aof_last_bgrewrite_status", aof.last_rewrite_ok ? "ok" : "err");
  out.Field("aof_rewrites", aof.rewrites);
  out.Field("aof_rewrites_consecutive_failures", aof.consecutive_failures);
  out.Field("aof_last_write_status", aof.last_write_ok ? "ok" : "err");
  out.Field("aof_last_cow_size", aof.last_cow_bytes);
  out.Zeros({"module_fork_in_progress", "module_fork_last_cow_size"});
  if (aof.enabled) {
    out.Field("aof_current_size", aof.current_bytes);
    out.Field("aof_base_size", aof.base_bytes);
    out.Field("aof_pending_rewrite", aof.rewrite_scheduled ? 1 : 0);
    out.Field("aof_buffer_length", aof.buffer_bytes);
    out.Field("aof_pending_bio_fsync", aof.pending_syncs);
    out.Field("aof_delayed_fsync", aof.delayed_syncs);
  }
  if (persistence.load.loading) WriteLoading(persistence.load, out);
}

void WriteStats(const InfoSources& sources, Section& out) {
  const StatsFigures& stats = sources.stats;
  out.Field("total_connections_received", stats.connections_received);
  out.Field("total_commands_processed", stats.commands_processed);
  out.Field("instantaneous_ops_per_sec", stats.ops_per_second);
  out.Field("total_net_input_bytes", stats.net_input_bytes);
  out.Field("total_net_output_bytes", stats.net_output_bytes);
  out.Zeros({"total_net_repl_input_bytes", "total_net_repl_output_bytes"});
  out.Decimal("instantaneous_input_kbps", stats.input_kbps);
  out.Decimal("instantaneous_output_kbps", stats.output_kbps);
  out.Decimal("instantaneous_input_repl_kbps", 0);
  out.Decimal("instantaneous_output_repl_kbps", 0);
  out.Field("rejected_connections", stats.rejected_connections);
  out.Zeros({"sync_full", "sync_partial_ok", "sync_partial_err"});
  out.Field("expired_subkeys", stats.expired_fields);
  out.Field("expired_keys", stats.expired_keys);
  out.Decimal("expired_stale_perc", stats.expired_stale_percent);
  out.Field("expired_time_cap_reached_count", stats.expired_time_cap_reached);
  out.Field("expire_cycle_cpu_milliseconds", stats.expire_cycle_milliseconds);
  out.Field("evicted_keys", stats.evicted_keys);
  out.Zeros({"evicted_clients", "total_eviction_exceeded_time", "current_eviction_exceeded_time"});
  out.Field("keyspace_hits", stats.keyspace_hits);
  out.Field("keyspace_misses", stats.keyspace_misses);
  out.Zeros({"pubsub_channels", "pubsub_patterns", "pubsubshard_channels"});
  out.Field("latest_fork_usec", sources.persistence.last_fork_us);
  out.Field("total_forks", sources.persistence.forks);
  out.Zeros({"migrate_cached_sockets", "slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses",
             "active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time",
             "current_active_defrag_time", "tracking_total_keys", "tracking_total_items", "tracking_total_prefixes",
             "unexpected_error_replies"});
  out.Field("total_error_replies", stats.error_replies);
  out.Zeros({"dump_payload_sanitizations"});
  out.Field("total_reads_processed", stats.reads_processed);
  out.Field("total_writes_processed", stats.writes_processed);
  out.Zeros(
      {"io_threaded_reads_processed", "io_threaded_writes_processed", "reply_buffer_shrinks", "reply_buffer_expands"});
  out.Field("eventloop_cycles", stats.loop_cycles);
  out.Field("eventloop_duration_sum", stats.loop_us);
  out.Field("eventloop_duration_cmd_sum", stats.loop_command_us);
  out.Field("instantaneous_eventloop_cycles_per_sec", stats.loop_cycles_per_second);
  out.Field("instantaneous_eventloop_duration_usec", stats.loop_us_per_cycle);
  out.Field("acl_access_denied_auth", stats.auth_denied);
  out.Zeros({"acl_access_denied_cmd", "acl_access_denied_key", "acl_access_denied_channel"});
  out.Field("client_query_buffer_limit_disconnections", stats.query_buffer_limit_disconnections);
  out.Field("client_output_buffer_limit_disconnections", stats.output_buffer_limit_disconnections);
}

void WriteReplication(const InfoSources& sources, Section& out) {
  out.Field("role", "master");
  out.Field("connected_slaves", 0);
  out.Field("master_failover_state", "no-failover");
  out.Field("master_replid", sources.replication.id);
  out.Field("master_replid2", std::string(40, '0'));
  out.Field("master_repl_offset", 0);
  out.Field("second_repl_offset", -1);
  out.Field("repl_backlog_active", 0);
  out.Field("repl_backlog_size", sources.replication.backlog_bytes);
  out.Field("repl_backlog_first_byte_offset", 0);
  out.Field("repl_backlog_histlen", 0);
}

std::string Seconds(int64_t us) {
  char text[48];
  std::snprintf(text, sizeof(text), "%lld.%06lld", static_cast<long long>(us / 1000000),
                static_cast<long long>(us % 1000000));
  return text;
}

void WriteCpu(const InfoSources& sources, Section& out) {
  const CpuFigures& cpu = sources.cpu;
  out.Field("used_cpu_sys", Seconds(cpu.process.system_us));
  out.Field("used_cpu_user", Seconds(cpu.process.user_us));
  out.Field("used_cpu_sys_children", Seconds(cpu.children.system_us));
  out.Field("used_cpu_user_children", Seconds(cpu.children.user_us));
  out.Field("used_cpu_sys_main_thread", Seconds(cpu.main_thread.system_us));
  out.Field("used_cpu_user_main_thread", Seconds(cpu.main_thread.user_us));
}

void WriteModules(const InfoSources&, Section&) {}

void WriteCommandStats(const InfoSources& sources, Section& out) {
  for (const CommandFigures& command : sources.commands) {
    const commands::CommandStats& stats = command.stats;
    char line[256];
    std::snprintf(line, sizeof(line), "calls=%llu,usec=%llu,usec_per_call=%.2f,rejected_calls=%llu,failed_calls=%llu",
                  static_cast<unsigned long long>(stats.calls), static_cast<unsigned long long>(stats.microseconds),
                  Ratio(stats.microseconds, stats.calls), static_cast<unsigned long long>(stats.rejected),
                  static_cast<unsigned long long>(stats.failed));
    out.Field("cmdstat_" + command.name, line);
  }
}

void WriteErrorStats(const InfoSources& sources, Section& out) {
  for (const auto& [code, count] : sources.errors) out.Field("errorstat_" + code, "count=" + std::to_string(count));
}

// Up to six digits after the point, no zeros at the end: "99.9", "50".
std::string Trimmed(double number) {
  char text[400];
  std::snprintf(text, sizeof(text), "%f", number);
  std::string trimmed = text;
  trimmed.erase(trimmed.find_last_not_of('0') + 1);
  if (trimmed.back() == '.') trimmed.pop_back();
  return trimmed;
}

void WriteLatencyStats(const InfoSources& sources, Section& out) {
  for (const CommandFigures& command : sources.commands) {
    if (command.latency_us.empty()) continue;
    std::string value;
    for (const auto& [percentile, us] : command.latency_us) {
      char duration[64];
      std::snprintf(duration, sizeof(duration), "=%.3f", us);
      value.append(value.empty() ? "p" : ",p").append(Trimmed(percentile)).append(duration);
    }
    out.Field("latency_percentiles_usec_" + command.name, value);
  }
}

void WriteCluster(const InfoSources& sources, Section& out) {
  out.Field("cluster_enabled", sources.cluster_enabled ? 1 : 0);
}

void WriteKeyspace(const InfoSources& sources, Section& out) {
  for (const DatabaseFigures& database : sources.databases) {
    out.Field("db" + std::to_string(database.number), "keys=" + std::to_string(database.keys) +
                                                          ",expires=" + std::to_string(database.volatile_keys) +
                                                          ",avg_ttl=" + std::to_string(database.average_ttl_ms) +
                                                          ",subexpiry=" + std::to_string(database.volatile_hashes));
  }
}

enum class Shown : uint8_t { kByDefault, kWithAll };

struct SectionWriter {
  std::string_view name;   // as asked for
  std::string_view title;  // as shown
  Shown shown;
  void (*write)(const InfoSources&, Section&);
};

constexpr SectionWriter kSections[] = {
    {"server", "Server", Shown::kByDefault, WriteServer},
    {"clients", "Clients", Shown::kByDefault, WriteClients},
    {"memory", "Memory", Shown::kByDefault, WriteMemory},
    {"tiering", "Tiering", Shown::kByDefault, WriteTiering},
    {"persistence", "Persistence", Shown::kByDefault, WritePersistence},
    {"stats", "Stats", Shown::kByDefault, WriteStats},
    {"replication", "Replication", Shown::kByDefault, WriteReplication},
    {"cpu", "CPU", Shown::kByDefault, WriteCpu},
    {"modules", "Modules", Shown::kByDefault, WriteModules},
    {"commandstats", "Commandstats", Shown::kWithAll, WriteCommandStats},
    {"errorstats", "Errorstats", Shown::kByDefault, WriteErrorStats},
    {"latencystats", "Latencystats", Shown::kWithAll, WriteLatencyStats},
    {"cluster", "Cluster", Shown::kByDefault, WriteCluster},
    {"keyspace", "Keyspace", Shown::kByDefault, WriteKeyspace},
};

CpuTime TimeOf(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto microseconds = [](const timeval& time) { return int64_t{time.tv_sec} * 1000000 + time.tv_usec; };
  return {microseconds(usage.ru_stime), microseconds(usage.ru_utime)};
}

}  // namespace

CpuFigures ReadCpuFigures() {
  return {.process = TimeOf(RUSAGE_SELF), .children = TimeOf(RUSAGE_CHILDREN), .main_thread = TimeOf(RUSAGE_THREAD)};
}

std::string RenderInfo(const InfoSources& sources, const std::vector<std::string>& sections) {
  const auto asked = [&](std::string_view name) { return std::ranges::find(sections, name) != sections.end(); };
  const bool with_all = asked("all") || asked("everything");
  const bool with_default = with_all || sections.empty() || asked("default");
  std::string text;
  for (const SectionWriter& section : kSections) {
    const bool implied = section.shown == Shown::kByDefault ? with_default : with_all;
    if (!implied && !asked(section.name)) continue;
    Section body;
    section.write(sources, body);
    if (!text.empty()) text += "\r\n";
    text.append("# ").append(section.title).append("\r\n").append(body.text());
  }
  return text;
}

}  // namespace tidemark::observe
