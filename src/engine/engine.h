// The life of a request, and everything that happens once a turn of the event loop. The engine owns the sessions and
// runs their requests through a row of gates: name and arity, authentication, pause, memory, residency; then the
// command. Main thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/cycle_clock.h"
#include "base/log.h"
#include "base/memory_limit.h"
#include "commands/command_spec.h"
#include "commands/context.h"
#include "commands/services.h"
#include "engine/blocked_clients.h"
#include "engine/engine_options.h"
#include "engine/engine_stats.h"
#include "engine/latency_monitor.h"
#include "engine/memory_gate.h"
#include "engine/propagation.h"
#include "engine/session.h"
#include "engine/stall_meter.h"
#include "engine/tier_monitor.h"
#include "engine/watched_keys.h"
#include "keyspace/active_expiry.h"
#include "keyspace/change_listener.h"
#include "net/event_loop.h"
#include "net/listener.h"
#include "tiering/pager/pager.h"

namespace tidemark::engine {

// What the engine works with, made by the server and outliving it.
struct EngineParts {
  net::EventLoop& loop;
  Clock& clock;
  keyspace::Keyspace& keyspace;
  tiering::FlashStore& store;
  MemoryLimit& limit;
  const EngineOptions& options;
  const tiering::TierOptions& tier_options;
  commands::Configuration& config;
  commands::ServerControl& server;
  Logger& log;
};

class Engine : public commands::ClientDirectory,
               public commands::TierControl,
               public commands::TransactionControl,
               public tiering::FetchListener,
               public keyspace::ChangeListener {
 public:
  explicit Engine(const EngineParts& parts);
  ~Engine() override;

  // Takes over a connection just accepted.
  void Accept(net::AcceptedSocket socket);
  // One turn: waits for events, at most so long, runs what they bring, spills, expires.
  void RunTurn(int longest_wait_ms = kWaitAsNeeded);
  // The part of a turn that gives RAM back, without any client: for work that goes on for longer than a turn.
  void TurnPager(int longest_wait_ms);
  // RAM is so short that work which needs more had better wait, and waiting helps.
  bool ShouldWaitForMemory() const;
  // While this is set only commands that are flagged so run, and nothing is expired or evicted.
  void set_loading(bool loading) { loading_ = loading; }
  bool loading() const { return loading_; }
  // To be set when ServerControl::WriteRefusal may have something to say.
  void set_may_refuse_writes(bool may) { may_refuse_writes_ = may; }
  // Calls a command by another name only; an empty name takes the command away. Before the first client.
  Status RenameCommand(const std::string& name, const std::string& new_name);
  // Closes every connection, after sending what is buffered where that goes at once.
  void CloseAll();

  EngineStats& stats() { return stats_; }
  const EngineStats& stats() const { return stats_; }
  void ResetStats();
  LatencyMonitor& latency() { return latency_; }
  const LatencyMonitor& latency() const { return latency_; }
  const EngineOptions& options() const { return parts_.options; }
  tiering::Pager& pager() { return pager_; }
  const tiering::Pager& pager() const { return pager_; }
  keyspace::ActiveExpiry& active_expiry() { return active_expiry_; }
  Propagation& propagation() { return propagation_; }
  const EngineParts& parts() const { return parts_; }
  Logger& log() { return parts_.log; }
  net::EventLoop& loop() { return parts_.loop; }
  Clock& clock() { return parts_.clock; }
  size_t client_count() const { return sessions_.size(); }
  // Clients that wait for memory or for the end of a pause.
  size_t parked_count() const;
  size_t parked_count(ParkReason reason) const;
  uint64_t client_memory_bytes() const;
  int64_t paused_until_ms() const { return paused_until_ms_; }
  // Largest buffers seen lately (INFO clients).
  uint64_t max_input_buffer() const;
  uint64_t max_output_buffer() const;

  // For sessions.
  // Gives requests as clients sent them the names that commands have here (rename-command). Once for each batch.
  void ApplyRenames(protocol::RequestBatch& batch) const {
    if (!renames_.empty()) [[unlikely]]
      TranslateNames(batch);
  }
  // Runs requests that have just come in; returns the index of the first that was not run, with the reason in `parked`
  // if it has to wait.
  size_t RunFresh(Session& session, const protocol::RequestBatch& batch, ParkReason& parked);
  // As RunFresh, for those from `parked.next` on.
  size_t RunParked(Session& session, ParkedBatch& parked, ParkReason& reason);
  // What RunFresh has found out about the requests of its batch from `start` on.
  std::span<const PreparedRequest> PreparedFrom(size_t start) const { return std::span(prepared_).subspan(start); }
  void NoteParked(Session& session, ParkReason reason);
  // Drops what has been fetched for a session.
  void GiveUpFetched(Session& session);
  void Bury(Session& session);
  void ScheduleFlush(Session& session) { to_flush_.push_back(&session); }
  protocol::RequestBatch& scratch_batch() { return scratch_batch_; }
  std::vector<char>& read_buffer() { return read_buffer_; }

  // commands::ClientDirectory
  std::vector<commands::ClientView> Clients() const override;
  bool Kill(uint64_t id, uint64_t caller_id) override;
  void Pause(int64_t until_unix_ms, commands::PauseScope scope) override;
  void Unpause() override;
  bool Unblock(uint64_t id, bool with_error) override;

  // commands::TransactionControl
  bool IsOpen(uint64_t client) const override;
  void Open(uint64_t client) override;
  void Run(uint64_t client) override;
  void Discard(uint64_t client) override;
  void Watch(uint64_t client, int database, std::string_view key) override;
  void Unwatch(uint64_t client) override;
  size_t WatchedKeyCount(uint64_t client) const { return watched_.CountOf(client); }
  const WatchedKeys& watched() const { return watched_; }
  const BlockedClients& blocked() const { return blocked_; }

  // keyspace::ChangeListener
  void OnChanged(int database, const keyspace::HashedKey& key) override;
  void OnConcernsWaiters(int database, const keyspace::HashedKey& key) override;
  void OnFlush(int database) override;
  void OnSwapped(int first, int second) override;

  // commands::TierControl
  bool enabled() const override { return pager_.enabled(); }
  std::vector<std::pair<std::string, std::string>> Stats() const override;
  std::string_view Where(int database, std::string_view key) const override;
  bool Spill(int database, std::string_view key) override;
  Status Load(int database, std::string_view key) override;
  Result<formats::DecodedValue> ReadCold(int database, std::string_view key) override;
  void Compact() override;

  // An empty batch, and one that is done with: its memory serves the next.
  std::unique_ptr<ParkedBatch> TakeParkedBatch();
  void GiveParkedBatch(std::unique_ptr<ParkedBatch> batch);

  // tiering::FetchListener
  void OnFetched(uint64_t waiter, uint64_t requested, uint64_t locator,
                 const std::shared_ptr<const tiering::FetchedValue>& value) override;

 private:
  static constexpr int kWaitAsNeeded = std::numeric_limits<int>::max();
  static constexpr size_t kReadBytes = 16 * 1024;
  // Bytes of cold values that a batch may fetch ahead of the command it waits for.
  static constexpr uint64_t kLookAheadBytes = 4 * 1024 * 1024;
  static constexpr size_t kReapPerTurn = 32;
  static constexpr int64_t kResumeSliceUs = 50;
  static constexpr size_t kPrefetchedSessions = 16;
  static constexpr size_t kUsedBatchesKept = 64;
  static constexpr size_t kUsedBatchBytesMax = 16 * 1024;
  // A batch that takes longer lets other clients go first.
  static constexpr double kBatchSliceUs = 40;
  static constexpr size_t kRequestsPerTimeCheck = 8;
  static constexpr int64_t kExpirySliceUs = 500;

  // A key that a request needs more of than its name.
  struct NeededKey {
    int database = 0;
    keyspace::HashedKey key;
    commands::KeyNeed need = commands::KeyNeed::kValue;
  };
  // A value that was brought back for one command.
  struct Transient {
    int database = 0;
    std::string key;
    uint64_t locator = 0;
  };
  struct ExecuteOptions {
    // Where a blocking command says what it waits for; null where it must not wait.
    std::optional<commands::BlockRequest>* block = nullptr;
    std::optional<size_t> woken_key;
  };
  class StoreEvents : public net::EventHandler {
   public:
    explicit StoreEvents(Engine& engine) : engine_(engine) {}
    void OnEvents(uint32_t) override { engine_.more_completions_ = true; }

   private:
    Engine& engine_;
  };

  void TranslateNames(protocol::RequestBatch& batch) const;
  // Resolves names, hashes first keys and brings what they need into the cache, for all requests at once.
  void Prepare(const protocol::RequestBatch& batch, int database);
  size_t RunBatch(Session& session, const protocol::RequestBatch& batch, size_t start, ParkReason& parked);
  ParkReason RunOne(Session& session, const protocol::RequestBatch& batch, size_t index);
  // The gates. True: the request is answered (with an error) or has to wait for `reason`.
  bool StoppedByPause(commands::Flags flags) const;
  // The error with which the state of the server refuses a command; empty if it does not.
  std::string_view RefusalOf(const commands::CommandSpec& spec, commands::Flags flags) const;
  // Bytes that may be on the way from flash or in the hands of all clients together, unless one command needs more: it
  // runs alone.
  uint64_t MaxFetchBytes() const;
  // Whether so much more may be fetched now.
  bool MayFetch(uint64_t bytes) const;
  bool FetchTurnDue() const { return !fetch_queue_.empty() && MayFetch(fetch_queue_.front().bytes); }
  // Takes so much off the session's share; what it was not charged for, as others had asked for it, does not count.
  void Uncharge(Session& session, uint64_t bytes);
  // Has the session wait for its turn to fetch so much, holding nothing meanwhile.
  void QueueFetch(Session& session, uint64_t bytes);
  // The keys of a request whose values or sizes it needs; of EXEC, those of all that is queued.
  void CollectNeeded(const Session& session, std::span<const std::string_view> args, const PreparedRequest& prepared,
                     std::vector<NeededKey>& out);
  void CollectNeededOf(const commands::CommandSpec& spec, std::span<const std::string_view> args, int database,
                       std::vector<NeededKey>& out);
  // Starts the reads of what a command lacks, and of what those behind it will lack, or has the session wait for its
  // turn to do so; false if it lacks nothing: then `needed_` has what it needs.
  bool FetchCold(Session& session, const protocol::RequestBatch& batch, size_t index);
  // Adds to `awaited`, if it is not null, the locators that a command lacks, and to `reads` those of them that nobody
  // has asked for on this session's behalf.
  void AddColdKeys(Session& session, const protocol::RequestBatch& batch, size_t index,
                   std::vector<tiering::Locator>& reads, std::vector<uint64_t>* awaited);
  // Puts fetched values in place, or lends them to the command; false if one could not be read (the reply says which).
  bool InstallFetched(Session& session, std::span<const NeededKey> needed, std::vector<Transient>& transients);
  void ReplyUnreadable(Session& session, std::string_view key, const Status& error);
  // Reads what a command still lacks, waiting for the device; false if it cannot be read (the reply says so). For
  // commands whose keys could not be known in time: those woken, and those of a transaction behind a RENAME.
  bool LoadNow(Session& session, const commands::CommandSpec& spec, std::span<const std::string_view> args);
  void Execute(Session& session, std::span<const std::string_view> args, const PreparedRequest& prepared,
               const ExecuteOptions& options);
  // Counts the look-ups of a command, whose values Install has put in place, that found theirs on flash.
  void CountColdHits(uint64_t hits_before, uint64_t installs_before);
  void SettleTransients(const std::vector<Transient>& transients);

  // Transactions: engine_transactions.cc.
  ParkReason Enqueue(Session& session, std::span<const std::string_view> args, const commands::CommandSpec& spec);
  void EndTransaction(Session& session);

  // Blocked clients: engine_blocking.cc.
  void PrepareReply(Session& session);
  void UpdateChangeListener();
  void Forget(uint64_t client);
  // Runs the commands that wait for keys which have changed, in the order in which they began to wait.
  void ServeReadyKeys();
  bool WantsWaking(const Waiter& waiter, const KeyName& key) const;
  void RunWoken(Session& session, const Waiter& waiter, const KeyName& key);
  void EndOverdueWaits();
  void EndWait(Session& session);

  void Cron();
  void CheckSessions();
  // Sends the replies of this turn. Clients answered together ask again together, and the next turn has more to do at a
  // time, for fewer waits; a reply is late by the rest of one turn at most.
  void FlushReplies();
  void ResumeReady();
  // Brings what the next few of `ready_` will look at back into the CPU's caches.
  void PrefetchReady();
  // Those whose turn to fetch has come.
  void ResumeFetchers();
  void ResumeDelayed();
  void ReapStore();
  void ObserveTier(const tiering::FlashStats& store);
  void EndPauseIfDue();
  int NextTimeoutMs() const;
  Session* FindSession(uint64_t id) const;

  EngineParts parts_;
  CycleClock cycles_;
  EngineStats stats_;
  LatencyMonitor latency_;
  TierMonitor tier_monitor_;
  StallMeter stalls_;
  tiering::Pager pager_;
  Propagation propagation_;
  MemoryGate memory_gate_;
  BlockedClients blocked_;
  WatchedKeys watched_;
  std::optional<commands::BlockRequest> block_request_;
  keyspace::ActiveExpiry active_expiry_;
  StoreEvents store_events_;

  std::unordered_map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> graveyard_;
  uint64_t next_client_id_ = 1;
  std::vector<Session*> to_flush_;  // within a turn; the dead stay in `graveyard_` until it ends
  std::deque<uint64_t> ready_;      // parked sessions whose fetches have all arrived
  std::deque<uint64_t> delayed_;    // parked for memory, oldest first
  struct FetchTurn {
    uint64_t id = 0;
    uint64_t bytes = 0;
  };
  std::deque<FetchTurn> fetch_queue_;  // parked for their turn to fetch, oldest first
  uint64_t fetch_turn_ = 0;            // whose turn it is
  uint64_t fetched_bytes_ = 0;         // on the way to sessions or in their hands, by their locators
  std::vector<uint64_t> paused_;
  int64_t paused_until_ms_ = 0;
  commands::PauseScope pause_scope_ = commands::PauseScope::kAll;

  protocol::RequestBatch scratch_batch_;
  std::vector<char> read_buffer_;
  std::vector<PreparedRequest> prepared_;  // of the batch that runs
  std::vector<commands::KeyArgument> keys_;
  std::vector<NeededKey> needed_;
  std::vector<tiering::Locator> reads_;
  std::vector<std::unique_ptr<ParkedBatch>> used_batches_;
  std::string resolve_error_;
  // What stands for the first word of a request, by that word in lower case; empty where nothing was renamed.
  std::unordered_map<std::string, std::string> renames_;
  bool loading_ = false;
  bool may_refuse_writes_ = false;
  bool more_completions_ = false;
  bool more_spilling_ = false;
  bool more_expiry_ = false;
  int64_t next_cron_us_ = 0;
  int64_t next_session_check_us_ = 0;
};

}  // namespace tidemark::engine
