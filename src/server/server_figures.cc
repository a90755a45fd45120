// What INFO is told: the plain figures of all parts.
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>

#include "base/version.h"
#include "commands/identity.h"
#include "server/server.h"

namespace tidemark::server {
namespace {

std::string KernelName() {
  utsname names{};
  if (uname(&names) != 0) return "Linux";
  return std::string(names.sysname) + " " + names.release + " " + names.machine;
}

std::string ExecutablePath() {
  char path[4096];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof(path));
  return n > 0 ? std::string(path, static_cast<size_t>(n)) : std::string();
}

}  // namespace

uint64_t Server::TableBytes() const {
  uint64_t bytes = 0;
  for (int i = 0; i < keyspace_.database_count(); ++i) bytes += keyspace_.database(i).dict().MemoryBytes();
  return bytes;
}

observe::InfoSources Server::Figures() const {
  const Options& options = config_.options();
  const engine::EngineStats& stats = engine_->stats();
  const keyspace::KeyspaceStats& keys = keyspace_.stats();
  account_.Sample();
  observe::InfoSources info;

  info.server.redis_version = commands::kRedisVersion;
  info.server.tidemark_version = Version();
  info.server.os = KernelName();
  info.server.compiler_version =
      std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__) + "." + std::to_string(__GNUC_PATCHLEVEL__);
  info.server.process_id = getpid();
  info.server.run_id = run_id_;
  info.server.tcp_port = options.net.port;
  info.server.unix_us = Clock::UnixUs();
  info.server.uptime_seconds = clock_.unix_seconds() - started_unix_seconds_;
  info.server.hz = options.engine.hz;
  info.server.configured_hz = options.engine.hz;
  info.server.lru_clock = static_cast<uint32_t>(clock_.unix_seconds()) & keyspace::AccessClock::kSecondsMask;
  info.server.executable = ExecutablePath();
  info.server.config_file = config_.file();
  info.server.listeners = listeners_->Describe(options.net);

  info.clients.connected = engine_->client_count();
  info.clients.maxclients = options.engine.maxclients;
  info.clients.recent_max_input_buffer = engine_->max_input_buffer();
  info.clients.recent_max_output_buffer = engine_->max_output_buffer();
  info.clients.blocked = engine_->parked_count();
  info.clients.with_deadline = engine_->blocked().deadline_count();
  info.clients.waited_keys = engine_->blocked().key_count();
  info.clients.watching = engine_->watched().client_count();
  info.clients.watched_keys = engine_->watched().key_count();

  info.memory.snapshot = account_.Snapshot();
  info.memory.peak = account_.peak();
  info.memory.startup = account_.startup();
  info.memory.clients = engine_->client_memory_bytes();
  info.memory.overhead = account_.startup() + TableBytes() + info.memory.clients;
  info.memory.system = SystemMemoryBytes();
  info.memory.maxmemory = limit_.max_bytes();
  info.memory.maxmemory_policy = config_.ValueOf("maxmemory-policy");
  info.memory.allocator = MemoryAccount::AllocatorName();
  info.memory.lazyfree_pending = keyspace_.lazy_free().pending_objects();
  info.memory.lazyfreed = keyspace_.lazy_free().freed_objects();

  info.tiering = engine_->Stats();
  info.persistence = persistence_->Figures();

  info.stats.connections_received = stats.connections_received;
  info.stats.commands_processed = stats.commands_processed;
  info.stats.ops_per_second = stats.commands_rate.PerSecond();
  info.stats.net_input_bytes = stats.net_input_bytes;
  info.stats.net_output_bytes = stats.net_output_bytes;
  info.stats.input_kbps = static_cast<double>(stats.input_rate.PerSecond()) / 1024;
  info.stats.output_kbps = static_cast<double>(stats.output_rate.PerSecond()) / 1024;
  info.stats.rejected_connections = stats.connections_rejected;
  info.stats.expired_fields = keys.expired_fields;
  info.stats.expired_keys = keys.expired_keys;
  info.stats.expired_stale_percent = keys.expired_stale_percent;
  info.stats.expired_time_cap_reached = keys.expired_time_cap_reached;
  info.stats.expire_cycle_milliseconds = keys.expire_cycle_us / 1000;
  info.stats.evicted_keys = keys.evicted_keys;
  info.stats.keyspace_hits = keys.hits;
  info.stats.keyspace_misses = keys.misses;
  info.stats.error_replies = stats.error_replies;
  info.stats.reads_processed = stats.reads_processed;
  info.stats.writes_processed = stats.writes_processed;
  info.stats.loop_cycles = stats.loop_cycles;
  info.stats.loop_us = stats.loop_us;
  info.stats.loop_cycles_per_second = stats.loop_rate.PerSecond();
  info.stats.loop_us_per_cycle = stats.loop_cycles == 0 ? 0 : stats.loop_us / stats.loop_cycles;
  for (const auto& [spec, record] : stats.commands()) info.stats.loop_command_us += record->nanoseconds / 1000;
  info.stats.auth_denied = stats.auth_denied;
  info.stats.query_buffer_limit_disconnections = stats.query_buffer_limit_disconnections;
  info.stats.output_buffer_limit_disconnections = stats.output_buffer_limit_disconnections;

  info.replication.id = replication_id_;
  info.cpu = observe::ReadCpuFigures();
  for (const auto& [spec, record] : stats.commands()) {
    observe::CommandFigures figures;
    figures.name = record->full_name;
    figures.stats = record->stats;
    figures.stats.microseconds = record->nanoseconds / 1000;
    if (options.engine.latency_tracking && record->latency.count() > 0) {
      for (const double percentile : options.server.latency_percentiles) {
        figures.latency_us.emplace_back(percentile, record->latency.PercentileUs(percentile));
      }
    }
    info.commands.push_back(std::move(figures));
  }
  std::sort(info.commands.begin(), info.commands.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  info.errors.assign(stats.errors_by_code.begin(), stats.errors_by_code.end());
  for (int i = 0; i < keyspace_.database_count(); ++i) {
    const keyspace::Database& database = keyspace_.database(i);
    if (database.size() == 0) continue;
    info.databases.push_back(
        {i, database.size(), database.volatile_count(), database.average_ttl_ms(), database.volatile_hash_count()});
  }
  return info;
}

std::string Server::Info(const std::vector<std::string>& sections) const {
  return observe::RenderInfo(Figures(), sections);
}

}  // namespace tidemark::server
