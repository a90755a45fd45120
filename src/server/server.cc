#include "server/server.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/random.h"
#include "base/version.h"
#include "commands/errors.h"
#include "commands/identity.h"
#include "persistence/checkpoint_start.h"
#include "tiering/null_store.h"
#include "tiering/rocksdb/rocksdb_store.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::server {
namespace {

// Descriptors that are not clients: listeners, epoll, eventfd, the log, the files of the tier.
constexpr uint64_t kOtherDescriptors = 160;

// The store's caches and write buffers: a small share of what the server may use, within bounds.
size_t TierMemoryBudget(uint64_t maxmemory) {
  constexpr uint64_t kLeast = 8 << 20;
  constexpr uint64_t kMost = 64 << 20;
  return static_cast<size_t>(std::clamp(maxmemory / 64, kLeast, kMost));
}

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

Server::Server(ServerConfig& config, MemoryAccount& account, Logger& log)
    : config_(config),
      account_(account),
      log_(log),
      limit_(account),
      checkpoint_(persistence::FindCheckpoint(config.options().persistence)),
      loop_(clock_),
      keyspace_(KeyspaceOptionsAtStart(), clock_, SystemSeed()),
      run_id_(RandomHex(40)),
      replication_id_(RandomHex(40)) {
  clock_.Refresh();
  started_unix_seconds_ = clock_.unix_seconds();
}

Server::~Server() {
  listeners_.reset();
  latency_.reset();
  // Nobody takes the stream of effects after this.
  if (engine_ != nullptr) engine_->propagation().set_sink(nullptr);
  persistence_.reset();
  replay_.reset();
  engine_.reset();
  store_.reset();
}

keyspace::KeyspaceOptions Server::KeyspaceOptionsAtStart() const {
  keyspace::KeyspaceOptions options = config_.options().keyspace;
  if (checkpoint_ && *checkpoint_) options.hash_seed = (*checkpoint_)->hash_seed;
  return options;
}

Status Server::CheckCheckpoint() const {
  if (!checkpoint_) return checkpoint_.error();
  if (!*checkpoint_) return Status::Ok();
  const Options& options = config_.options();
  const std::string where = options.persistence.dir + "/" + options.persistence.append_dir_name;
  const std::string found = "The append-only file in " + where + " is a checkpoint: its values are in the flash tier. ";
  if (!options.tier.enabled || options.tier.engine != tiering::Engine::kValueLog) {
    return Status::InvalidArgument(found +
                                   "Start with tier-enabled yes, tier-engine valuelog and the tier-dir of then.");
  }
  if (options.persistence.append_only) return Status::Ok();
  return Status::InvalidArgument(found +
                                 "Starting with appendonly no would throw them away. Start with appendonly yes; "
                                 "or move " +
                                 where + " away if what is in it is not needed any more.");
}

Status Server::OpenTier() {
  const tiering::TierOptions& tier = config_.options().tier;
  if (!tier.enabled) {
    store_ = std::make_unique<tiering::NullStore>();
    return Status::Ok();
  }
  const std::string dir = tier.dir.starts_with('/') ? tier.dir : config_.options().server.dir + "/" + tier.dir;
  std::vector<std::string> notices;
  const Status opened =
      tier.engine == tiering::Engine::kValueLog ? OpenValueLog(dir, notices) : OpenRocksDb(dir, notices);
  for (const std::string& notice : notices) log_.Log(LogLevel::kNotice, "Flash tier: " + notice);
  if (!opened.ok()) return opened;
  const std::string device = *store_->device_name() == '\0' ? "" : std::string(" on ") + store_->device_name();
  log_.Log(LogLevel::kNotice, std::string("Flash tier: engine ") + store_->name() + device + " in " + dir);
  return Status::Ok();
}

Status Server::OpenValueLog(const std::string& dir, std::vector<std::string>& notices) {
  const tiering::TierOptions& tier = config_.options().tier;
  const tiering::StoreTuning tuning = TierTuning();
  tiering::ValueLogOptions options;
  options.dir = dir;
  options.max_bytes = tuning.max_bytes;
  options.segment_bytes = tier.segment_bytes;
  options.compression = tuning.compression;
  options.write_budget_bytes_per_second = tuning.write_budget_bytes_per_second;
  options.device = tier.device;
  options.io_threads = tier.io_threads;
  if (*checkpoint_) options.keep = (*checkpoint_)->tier;
  Result<std::unique_ptr<tiering::ValueLogStore>> opened = tiering::ValueLogStore::Open(options, &notices);
  if (!opened) {
    const persistence::PersistenceOptions& files = config_.options().persistence;
    const std::string who = "The checkpoint in " + files.dir + "/" + files.append_dir_name + ": ";
    return Status(opened.error().code(), (*checkpoint_ ? who : std::string()) + opened.error().message());
  }
  store_ = std::move(*opened);
  return Status::Ok();
}

Status Server::OpenRocksDb(const std::string& dir, std::vector<std::string>& notices) {
  const tiering::TierOptions& tier = config_.options().tier;
  const tiering::StoreTuning tuning = TierTuning();
  tiering::RocksDbStoreOptions options;
  options.dir = dir;
  options.max_bytes = tuning.max_bytes;
  options.io_threads = tier.io_threads;
  options.memory_budget_bytes = TierMemoryBudget(config_.options().engine.maxmemory);
  options.compression = tuning.compression;
  options.write_budget_bytes_per_second = tuning.write_budget_bytes_per_second;
  Result<std::unique_ptr<tiering::RocksDbStore>> opened = tiering::RocksDbStore::Open(options, &notices);
  if (!opened) return opened.error();
  store_ = std::move(*opened);
  return Status::Ok();
}

tiering::StoreTuning Server::TierTuning() const {
  const tiering::TierOptions& tier = config_.options().tier;
  return {.max_bytes = tier.max_bytes,
          .write_budget_bytes_per_second = tier.write_budget_bytes_per_second,
          .compression = tier.compression ? tiering::Compression::kSnappy : tiering::Compression::kNone};
}

Status Server::OpenListeners() {
  std::vector<std::string> notices;
  const Status opened = listeners_->Open(config_.options().net, notices);
  for (const std::string& notice : notices) log_.Log(LogLevel::kWarning, notice);
  return opened;
}

// Each client is a descriptor: raises the limit as far as the system lets it, and lowers maxclients where it does not.
void Server::RaiseFileLimit() {
  const uint64_t clients = config_.options().engine.maxclients;
  const uint64_t wanted = clients + kOtherDescriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  rlimit raised{wanted, std::max<rlim_t>(limit.rlim_max, wanted)};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  raised = {limit.rlim_max, limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &raised);
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  const uint64_t possible = limit.rlim_cur > kOtherDescriptors ? limit.rlim_cur - kOtherDescriptors : 1;
  const std::string text = std::to_string(possible);
  static_cast<void>(config_.Set({{"maxclients", text}}).ok());
  log_.Log(LogLevel::kWarning, "The limit of open files (ulimit -n) is " + std::to_string(limit.rlim_cur) +
                                   ", too low for maxclients " + std::to_string(clients) + ": maxclients is now " +
                                   text + ". Raise the limit to at least " + std::to_string(wanted) + ".");
}

void Server::WritePidFile() {
  const std::string& path = config_.options().server.pidfile;
  if (path.empty()) return;
  std::ofstream file(path);
  file << getpid() << "\n";
  if (!file.flush()) log_.Log(LogLevel::kWarning, "Cannot write the pid file " + path);
}

void Server::ApplyOptions() {
  const Options& options = config_.options();
  keyspace_.options() = options.keyspace;
  limit_.set_max_bytes(options.engine.maxmemory);
}

void Server::WatchConfiguration() {
  ApplyOptions();
  config_.OnAnyChange([this] { ApplyOptions(); });
  config_.OnChange({"loglevel"}, [this] {
    log_.set_level(config_.options().server.log.level);
    return Status::Ok();
  });
  config_.OnChange({"maxclients"}, [this] {
    RaiseFileLimit();
    return Status::Ok();
  });
  config_.OnChange({"appendonly"},
                   [this] { return persistence_->SetAppendOnly(config_.options().persistence.append_only); });
  config_.OnChange({"dir"}, [this] { return persistence_->AcceptDirectory(); });
  config_.OnChange({"aof-disable-auto-gc"}, [this] {
    persistence_->OnHistoryChoice();
    return Status::Ok();
  });
  config_.OnChange({"tier-max-size", "tier-write-budget", "tier-compression"}, [this] {
    store_->Tune(TierTuning());
    return Status::Ok();
  });
  const auto reopen = [this](std::string_view problem) {
    std::vector<std::string> notices;
    const Status reopened = listeners_->ReopenTcp(config_.options().net, notices);
    for (const std::string& notice : notices) log_.Log(LogLevel::kWarning, notice);
    return reopened.ok() ? reopened : Status::IoError(std::string(problem));
  };
  config_.OnChange({"port"}, [reopen] { return reopen("Unable to listen on this port. Check server logs."); });
  config_.OnChange({"bind"}, [reopen] { return reopen("Failed to bind to specified addresses."); });
  config_.OnChange({"maxmemory"}, [this] {
    const uint64_t limit = config_.options().engine.maxmemory;
    if (limit != 0 && limit < account_.used()) {
      log_.Log(LogLevel::kWarning,
               "WARNING: the new maxmemory value set via CONFIG SET (" + std::to_string(limit) +
                   ") is smaller than the current memory usage (" + std::to_string(account_.used()) +
                   "). Values will be moved to the flash tier, keys evicted, or writes refused, depending on the tier "
                   "and on maxmemory-policy.");
    }
    return Status::Ok();
  });
}

Status Server::Start() {
  RaiseFileLimit();
  if (config_.ValueOf("disable-thp") == "yes") prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
  TIDEMARK_RETURN_IF_ERROR(CheckCheckpoint());
  const Status tier = OpenTier();
  if (!tier.ok()) return tier;
  const Options& options = config_.options();
  engine_ = std::make_unique<engine::Engine>(engine::EngineParts{loop_, clock_, keyspace_, *store_, limit_,
                                                                 options.engine, options.tier, config_, *this, log_});
  latency_ = std::make_unique<LatencyService>(*engine_);
  replay_ = std::make_unique<engine::Replay>(*engine_, [this] { return MakeRoom(); });
  for (const auto& [name, new_name] : options.renamed_commands) {
    TIDEMARK_RETURN_IF_ERROR(engine_->RenameCommand(name, new_name));
  }
  persistence_ = std::make_unique<persistence::Persistence>(persistence::PersistenceParts{
      keyspace_, *store_, clock_, account_, options.persistence, *this, *this, *this, *this, log_});
  listeners_ = std::make_unique<net::Listeners>(
      loop_, [this](net::AcceptedSocket socket) { engine_->Accept(std::move(socket)); });
  WatchConfiguration();
  const Status listening = OpenListeners();
  if (!listening.ok()) return listening;
  WritePidFile();
  log_.Log(LogLevel::kNotice, "Server initialized");
  if (limit_.limited()) {
    log_.Log(LogLevel::kNotice, "maxmemory is " + FormatMemory(limit_.max_bytes()) + ", maxmemory-policy " +
                                    config_.ValueOf("maxmemory-policy"));
  }
  account_.Sample();
  account_.SetStartup();
  TIDEMARK_RETURN_IF_ERROR(LoadDataset());
  if (!options.net.unix_socket.empty()) {
    log_.Log(LogLevel::kNotice, "The server is now ready to accept connections at " + options.net.unix_socket);
  }
  log_.Log(LogLevel::kNotice, "Ready to accept connections tcp");
  return Status::Ok();
}

Status Server::LoadDataset() {
  engine_->set_loading(true);
  const Status loaded = persistence_->LoadAtStart();
  engine_->set_loading(false);
  LogReplayErrors();
  if (loaded.ok() || stop_requested_) return Status::Ok();
  log_.Log(LogLevel::kWarning, loaded.message());
  return Status(loaded.code(), "Fatal error loading the DB, check server logs. Exiting.");
}

void Server::LogReplayErrors() {
  if (replay_->failed() == 0) return;
  log_.Log(LogLevel::kWarning, std::to_string(replay_->failed()) +
                                   " commands of the append-only file have answered an error when they were run again. "
                                   "The first: " +
                                   replay_->first_error());
}

Status Server::OnLoadProgress() {
  // DEBUG RELOAD is a command like others: clients wait for its end.
  if (engine_->loading()) engine_->RunTurn(0);
  if (stop_signal_ != 0) AnswerStopSignal();
  return stop_requested_ ? Status::Unavailable("the server has been told to stop") : Status::Ok();
}

Status Server::MakeRoom() {
  const uint64_t spill_mark = limit_.Mark(config_.options().tier.spill_watermark_percent);
  if (!limit_.limited() || limit_.used() <= spill_mark) return Status::Ok();
  engine_->TurnPager(0);
  while (engine_->ShouldWaitForMemory() && !stop_requested_) {
    engine_->TurnPager(1);
    if (Clock::MonotonicUs() < next_load_turn_us_) continue;
    next_load_turn_us_ = Clock::MonotonicUs() + kLoadTurnUs;
    TIDEMARK_RETURN_IF_ERROR(OnLoadProgress());
  }
  return Status::Ok();
}

void Server::AnswerStopSignal() {
  const int signal_number = std::exchange(stop_signal_, 0);
  const ShutdownPolicy& policy =
      signal_number == SIGINT ? config_.options().server.on_sigint : config_.options().server.on_sigterm;
  log_.Log(LogLevel::kWarning, signal_number == SIGINT ? "Received SIGINT scheduling shutdown..."
                                                       : "Received SIGTERM scheduling shutdown...");
  const Status stopped =
      Shutdown({.no_save = policy.no_save, .save = policy.save, .now = policy.now, .force = policy.force});
  if (stopped.ok()) return;
  log_.Log(LogLevel::kWarning, "Errors trying to shut down the server. Check the logs for more information.");
}

void Server::Run() {
  while (!stop_requested_) {
    engine_->RunTurn();
    persistence_->Cron();
    UpdateWriteRefusal();
    if (stop_signal_ != 0) AnswerStopSignal();
  }
  engine_->CloseAll();
  listeners_->Close();
  if (!config_.options().server.pidfile.empty()) unlink(config_.options().server.pidfile.c_str());
  log_.Log(LogLevel::kWarning, "Tidemark is now ready to exit, bye bye...");
}

Status Server::Shutdown(const commands::ShutdownRequest& request) {
  if (request.abort) return Status::InvalidArgument("ERR No shutdown in progress.");
  log_.Log(LogLevel::kWarning, "User requested shutdown...");
  // Half a data set is not to replace a whole one.
  if (!engine_->loading()) {
    const Status saved = persistence_->SaveAtEnd(request);
    if (!saved.ok()) return Status(saved.code(), "ERR Errors trying to SHUTDOWN. Check logs.");
  }
  stop_requested_ = true;
  return Status::Ok();
}

void Server::UpdateWriteRefusal() {
  const Status append = persistence_->AppendStatus();
  if (!append.ok()) [[unlikely]] {
    write_refusal_ = "MISCONF Errors writing to the AOF file: " + append.message();
  } else if (persistence_->SnapshotsFail()) [[unlikely]] {
    write_refusal_ = commands::errors::kSnapshotsFail;
  } else {
    write_refusal_.clear();
  }
  engine_->set_may_refuse_writes(!write_refusal_.empty());
}

bool Server::DebugAllowed(const commands::ClientState& client) const {
  switch (config_.options().engine.debug_command) {
    case engine::DebugAccess::kYes:
      return true;
    case engine::DebugAccess::kLocal:
      return client.loopback || client.unix_socket;
    case engine::DebugAccess::kNo:
      break;
  }
  return false;
}

void Server::ResetStats() {
  engine_->ResetStats();
  persistence_->ResetStats();
  const uint64_t dirty = keyspace_.stats().dirty;
  keyspace_.stats() = {};
  keyspace_.stats().dirty = dirty;
  keyspace_.lazy_free().ResetFreedObjects();
  account_.ResetPeak();
}

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
  info.server.lru_clock = static_cast<uint32_t>(clock_.unix_seconds()) & keyspace::AccessClock::kMask;
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
