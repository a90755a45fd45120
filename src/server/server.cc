#include "server/server.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <utility>

#include "base/random.h"
#include "commands/errors.h"
#include "persistence/checkpoint_start.h"

namespace tidemark::server {
namespace {

// Descriptors that are neither clients nor segments of the tier: listeners, epoll, eventfds, files being written,
// RocksDB.
constexpr uint64_t kOtherDescriptors = 160;
// Of a tier without a limit: what Linux lets a process have (fs.nr_open) unless it is told otherwise.
constexpr uint64_t kPlentyOfDescriptors = uint64_t{1} << 20;

// A segment is a descriptor; those of a tier that is small, or was, may be smaller than they are set.
uint64_t MostSegments(const tiering::TierOptions& tier) {
  constexpr uint64_t kSmallSegments = 256;
  return tier.max_bytes / tier.segment_bytes + kSmallSegments;
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

Status Server::OpenListeners() {
  std::vector<std::string> notices;
  const Status opened = listeners_->Open(config_.options().net, notices);
  for (const std::string& notice : notices) log_.Log(LogLevel::kWarning, notice);
  return opened;
}

// Each client and each segment of the tier is a descriptor: raises the limit as far as the system lets it, and lowers
// maxclients where that is not enough.
void Server::RaiseFileLimit() {
  const tiering::TierOptions& tier = config_.options().tier;
  const uint64_t clients = config_.options().engine.maxclients;
  const bool value_log = tier.enabled && tier.engine == tiering::Engine::kValueLog;
  const uint64_t segments = value_log && tier.max_bytes != 0 ? MostSegments(tier) : 0;
  const uint64_t needed = clients + segments + kOtherDescriptors;
  const uint64_t wanted = value_log && tier.max_bytes == 0 ? std::max(needed, kPlentyOfDescriptors) : needed;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  const rlim_t hard = limit.rlim_max;
  for (const rlim_t files : {rlim_t{wanted}, std::max<rlim_t>(needed, hard), hard}) {
    const rlimit raised{files, std::max(files, hard)};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) break;
  }
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return;
  // A tier that is too large for the limit takes half of it.
  const uint64_t shared = limit.rlim_cur > kOtherDescriptors ? limit.rlim_cur - kOtherDescriptors : 1;
  const uint64_t possible = std::clamp<uint64_t>(shared - std::min(shared, segments), (shared + 1) / 2, shared);
  if (clients == possible) return;  // called for what has just been lowered
  std::string consequence;
  if (clients > possible) {
    const std::string text = std::to_string(possible);
    static_cast<void>(config_.Set({{"maxclients", text}}).ok());
    consequence = "maxclients is now " + text + ". ";
  }
  log_.Log(LogLevel::kWarning,
           "The limit of open files (ulimit -n) is " + std::to_string(limit.rlim_cur) + ", too low for maxclients " +
               std::to_string(clients) +
               (segments == 0 ? "" : " and tier-max-size " + FormatMemory(tier.max_bytes) + " with all its segments") +
               ": " + consequence + "Raise the limit to at least " + std::to_string(needed) + ".");
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
    RaiseFileLimit();
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

}  // namespace tidemark::server
