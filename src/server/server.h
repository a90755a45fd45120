// The process: makes the parts, joins them, runs the event loop until told to stop. Main thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/memory_limit.h"
#include "commands/services.h"
#include "engine/engine.h"
#include "engine/replay.h"
#include "formats/checkpoint_head.h"
#include "keyspace/keyspace.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "observe/info.h"
#include "persistence/persistence.h"
#include "server/config.h"
#include "server/latency_service.h"
#include "tiering/flash_store.h"

namespace tidemark::server {

class Server : public commands::ServerControl,
               private persistence::LoadHost,
               private persistence::CommandRunner,
               private persistence::EffectSource,
               private persistence::LatencySink,
               private engine::EffectSink {
 public:
  // `account` is made first of all in main. Both outlive the server.
  Server(ServerConfig& config, MemoryAccount& account, Logger& log);
  ~Server() override;

  // Opens the tier and the listeners and loads the data set; clients are told so meanwhile. On an error nothing runs.
  Status Start();
  // Serves until a signal or SHUTDOWN.
  void Run();
  // Asks Run to return soon, if the data set can be saved as `shutdown-on-sigterm` or `shutdown-on-sigint` say. Safe in
  // a signal handler.
  void RequestStop(int signal_number) { stop_signal_ = signal_number; }
  // RequestStop was called and has not been answered.
  bool stop_requested() const { return stop_signal_ != 0; }

  // commands::ServerControl
  std::string Info(const std::vector<std::string>& sections) const override;
  void ResetStats() override;
  Status Shutdown(const commands::ShutdownRequest& request) override;
  MemoryAccount& memory() override { return account_; }
  uint64_t ClientMemoryBytes() const override { return engine_->client_memory_bytes(); }
  const std::string& password() const override { return config_.options().engine.requirepass; }
  void SetActiveExpire(bool on) override { engine_->active_expiry().set_enabled(on); }
  void Log(std::string_view text) override { log_.Log(LogLevel::kWarning, "DEBUG LOG: " + std::string(text)); }
  bool DebugAllowed(const commands::ClientState& client) const override;
  commands::LatencyControl& latency() override { return *latency_; }
  uint64_t proto_max_bulk_bytes() const override { return config_.options().engine.proto_max_bulk_bytes; }
  commands::PersistenceControl& persistence() override { return *persistence_; }
  std::string_view WriteRefusal() const override { return write_refusal_; }

 private:
  // Between two looks at the clients while loading waits for memory.
  static constexpr int64_t kLoadTurnUs = 10'000;

  keyspace::KeyspaceOptions KeyspaceOptionsAtStart() const;
  // A checkpoint that is there and could not be loaded must not be lost by what this start does.
  Status CheckCheckpoint() const;
  // Of the append-only file, whether there is one or not.
  std::string ManifestPath() const;
  Status OpenTier();
  Status OpenValueLog(const std::string& dir, std::vector<std::string>& notices);
  Status OpenRocksDb(const std::string& dir, std::vector<std::string>& notices);
  Status OpenListeners();
  Status LoadDataset();
  // persistence::LoadHost
  Status OnLoadProgress() override;
  Status MakeRoom() override;
  // persistence::CommandRunner
  void BeginFile() override { replay_->SelectDatabase(0); }
  Status Run(const commands::CommandBatch& batch) override { return replay_->Run(batch); }
  // persistence::EffectSource
  void WantEffects(bool wanted) override { engine_->propagation().set_sink(wanted ? this : nullptr); }
  void DeliverEffects() override { engine_->propagation().Deliver(); }
  void RestartEffects() override { engine_->propagation().ForgetDatabase(); }
  // persistence::LatencySink
  void NoteLatency(std::string_view event, int64_t took_us) override {
    engine_->latency().Note(event, took_us, clock_.unix_seconds());
  }
  // engine::EffectSink
  void OnEffects(std::string&& stream) override { persistence_->OnEffects(std::move(stream)); }
  // What is wrong with writing, as far as the persistence knows.
  void UpdateWriteRefusal();
  void LogReplayErrors();
  void AnswerStopSignal();
  void RaiseFileLimit();
  void WritePidFile();
  void WatchConfiguration();
  void ApplyOptions();
  tiering::StoreTuning TierTuning() const;
  uint64_t TableBytes() const;
  observe::InfoSources Figures() const;

  ServerConfig& config_;
  MemoryAccount& account_;
  Logger& log_;
  MemoryLimit limit_;
  // Of the append-only file, if its base is one: its values are in the flash tier.
  const Result<std::optional<formats::CheckpointHead>> checkpoint_;
  Clock clock_;
  net::EventLoop loop_;
  keyspace::Keyspace keyspace_;
  std::unique_ptr<tiering::FlashStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<LatencyService> latency_;
  std::unique_ptr<engine::Replay> replay_;
  std::unique_ptr<persistence::Persistence> persistence_;
  std::unique_ptr<net::Listeners> listeners_;
  std::string run_id_;
  std::string replication_id_;
  int64_t started_unix_seconds_ = 0;
  int64_t next_load_turn_us_ = 0;
  std::string write_refusal_;
  bool stop_requested_ = false;
  volatile int stop_signal_ = 0;
};

}  // namespace tidemark::server
