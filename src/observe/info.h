// The text of INFO from plain figures: sections, fields and formats as Redis 7.2 has them, and a section on the flash
// tier. Pure: whoever calls it collects the figures. Figures of a capability that is not there keep the value that
// Redis shows while the capability is idle, which is what their initialisers are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "commands/services.h"
#include "persistence/persistence_figures.h"

namespace tidemark::observe {

struct ServerFigures {
  std::string redis_version;  // for clients that look
  std::string tidemark_version;
  std::string build_id = "0";
  std::string mode = "standalone";
  std::string os;                // "Linux 6.1.0 x86_64"
  std::string compiler_version;  // "12.2.0"
  int64_t process_id = 0;
  std::string supervised = "no";
  std::string run_id;
  int tcp_port = 0;
  int64_t unix_us = 0;
  int64_t uptime_seconds = 0;
  int hz = 10;
  int configured_hz = 10;
  uint32_t lru_clock = 0;
  std::string executable;
  std::string config_file;
  std::vector<std::string> listeners;  // "name=tcp,bind=127.0.0.1,port=6379"
};

struct ClientFigures {
  uint64_t connected = 0;
  uint64_t maxclients = 0;
  uint64_t recent_max_input_buffer = 0;
  uint64_t recent_max_output_buffer = 0;
  uint64_t blocked = 0;
  uint64_t with_deadline = 0;  // of those, whose wait ends by itself
  uint64_t waited_keys = 0;
  uint64_t watching = 0;
  uint64_t watched_keys = 0;
};

struct MemoryFigures {
  MemorySnapshot snapshot;
  uint64_t peak = 0;
  uint64_t startup = 0;
  uint64_t overhead = 0;  // start-up, tables, clients
  uint64_t clients = 0;
  uint64_t system = 0;  // RAM of the machine
  uint64_t maxmemory = 0;
  std::string maxmemory_policy;
  std::string allocator;
  uint64_t lazyfree_pending = 0;
  uint64_t lazyfreed = 0;
};

struct StatsFigures {
  uint64_t connections_received = 0;
  uint64_t commands_processed = 0;
  uint64_t ops_per_second = 0;
  uint64_t net_input_bytes = 0;
  uint64_t net_output_bytes = 0;
  double input_kbps = 0;
  double output_kbps = 0;
  uint64_t rejected_connections = 0;
  uint64_t expired_fields = 0;
  uint64_t expired_keys = 0;
  double expired_stale_percent = 0;
  uint64_t expired_time_cap_reached = 0;
  uint64_t expire_cycle_milliseconds = 0;
  uint64_t evicted_keys = 0;
  uint64_t keyspace_hits = 0;
  uint64_t keyspace_misses = 0;
  uint64_t error_replies = 0;
  uint64_t reads_processed = 0;
  uint64_t writes_processed = 0;
  uint64_t loop_cycles = 0;
  uint64_t loop_us = 0;          // turns of the event loop, without the waiting
  uint64_t loop_command_us = 0;  // of that, running commands
  uint64_t loop_cycles_per_second = 0;
  uint64_t loop_us_per_cycle = 0;
  uint64_t auth_denied = 0;
  uint64_t query_buffer_limit_disconnections = 0;
  uint64_t output_buffer_limit_disconnections = 0;
};

struct ReplicationFigures {
  std::string id;                    // 40 hexadecimal digits
  uint64_t backlog_bytes = 1 << 20;  // repl-backlog-size
};

// CPU time, microseconds.
struct CpuTime {
  int64_t system_us = 0;
  int64_t user_us = 0;
};

struct CpuFigures {
  CpuTime process;
  CpuTime children;
  CpuTime main_thread;
};

// Of the calling thread's process; call it on the main thread.
CpuFigures ReadCpuFigures();

struct CommandFigures {
  std::string name;  // "get", "client|list"
  commands::CommandStats stats;
  std::vector<std::pair<double, double>> latency_us;  // percentile, microseconds; empty: not tracked
};

struct DatabaseFigures {
  int number = 0;
  uint64_t keys = 0;
  uint64_t volatile_keys = 0;
  int64_t average_ttl_ms = 0;
  size_t volatile_hashes = 0;  // in RAM, with fields that expire
};

struct InfoSources {
  ServerFigures server;
  ClientFigures clients;
  MemoryFigures memory;
  std::vector<std::pair<std::string, std::string>> tiering;  // as TierControl::Stats answers
  persistence::PersistenceFigures persistence;
  StatsFigures stats;
  ReplicationFigures replication;
  CpuFigures cpu;
  std::vector<CommandFigures> commands;                  // those called or rejected at least once
  std::vector<std::pair<std::string, uint64_t>> errors;  // by code
  bool cluster_enabled = false;
  std::vector<DatabaseFigures> databases;  // those with keys
};

// The named sections (lower case; "default", "all" and "everything" stand for many), each once, in the order in which
// they are always shown. Names that mean nothing show nothing. No names: "default".
std::string RenderInfo(const InfoSources& sources, const std::vector<std::string>& sections);

}  // namespace tidemark::observe
