#include "engine/engine.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/resolve.h"
#include "commands/words.h"
#include "formats/rdb_string.h"

namespace tidemark::engine {

using commands::CommandSpec;
using commands::Flag;
using commands::KeyNeed;
using keyspace::Database;
using keyspace::EntryRef;
using tiering::Locator;

Engine::Engine(const EngineParts& parts)
    : parts_(parts),
      pager_(parts.keyspace, parts.store, parts.limit, parts.tier_options, *this),
      memory_gate_(parts.limit, parts.keyspace, pager_, parts.options, parts.tier_options),
      active_expiry_(parts.keyspace),
      store_events_(*this),
      read_buffer_(kReadBytes) {
  if (parts_.store.completion_fd() >= 0) parts_.loop.Add(parts_.store.completion_fd(), EPOLLIN, &store_events_);
}

Engine::~Engine() {
  // Closing takes a session out of the map.
  while (!sessions_.empty()) sessions_.begin()->second->Close();
  graveyard_.clear();
  if (parts_.store.completion_fd() >= 0) parts_.loop.Remove(parts_.store.completion_fd(), &store_events_);
}

namespace {

// What a browser that was tricked into talking to this port would send.
bool LooksLikeHttp(std::string_view name) {
  return commands::Lower(name) == "post" || commands::Lower(name) == "host:";
}

}  // namespace

// ---- connections

void Engine::Accept(net::AcceptedSocket socket) {
  const auto refuse = [&](std::string_view text) {
    // The socket's buffer is empty, so this is sent whole or not at all.
    static_cast<void>(!send(socket.fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
    close(socket.fd);
    ++stats_.connections_rejected;
  };
  ++stats_.connections_received;
  if (sessions_.size() >= parts_.options.maxclients) {
    refuse("-ERR max number of clients reached\r\n");
    return;
  }
  const EngineOptions& options = parts_.options;
  if (options.protected_mode && options.requirepass.empty() && !socket.loopback && !socket.unix_socket) {
    refuse(
        "-DENIED Tidemark is running in protected mode because protected mode is enabled and no password is set for "
        "the "
        "default user. In this mode connections are only accepted from the loopback interface. To connect from other "
        "hosts, set a password with 'requirepass', or, where every host that can reach this port is trusted, disable "
        "protected mode with 'CONFIG SET protected-mode no' from a local client or 'protected-mode no' in the "
        "configuration file.\r\n");
    return;
  }
  const uint64_t id = next_client_id_++;
  sessions_.emplace(id, std::make_unique<Session>(*this, id, std::move(socket)));
}

Session* Engine::FindSession(uint64_t id) const {
  const auto it = sessions_.find(id);
  return it == sessions_.end() ? nullptr : it->second.get();
}

void Engine::Bury(Session& session) {
  auto node = sessions_.extract(session.id());
  if (!node.empty()) graveyard_.push_back(std::move(node.mapped()));
}

Status Engine::RenameCommand(const std::string& name, const std::string& new_name) {
  const std::string old_lower = commands::Lower(name);
  if (commands::FindCommand(old_lower) == nullptr) return Status::InvalidArgument("No such command in rename-command");
  // No command has a zero byte in its name, and error texts quote a name only up to one.
  renames_[old_lower] = old_lower + '\0';
  if (new_name.empty()) return Status::Ok();
  const std::string new_lower = commands::Lower(new_name);
  if (commands::FindCommand(new_lower) != nullptr || !renames_.emplace(new_lower, old_lower).second) {
    return Status::InvalidArgument("Target command name already exists");
  }
  return Status::Ok();
}

void Engine::CloseAll() {
  std::vector<Session*> all;
  for (const auto& [id, session] : sessions_) all.push_back(session.get());
  for (Session* session : all) {
    session->Flush();
    session->Close();
  }
}

std::vector<commands::ClientView> Engine::Clients() const {
  std::vector<commands::ClientView> views;
  views.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) {
    if (session->last_spec() != nullptr) session->state().last_command = session->last_spec()->name;
    views.push_back(session->View());
  }
  std::sort(views.begin(), views.end(), [](const auto& a, const auto& b) { return a.state->id < b.state->id; });
  return views;
}

bool Engine::Kill(uint64_t id, uint64_t caller_id) {
  Session* session = FindSession(id);
  if (session == nullptr) return false;
  if (id == caller_id) {
    session->CloseAfterReply();
  } else {
    session->Close();
  }
  return true;
}

void Engine::Pause(int64_t until_unix_ms, commands::PauseScope scope) {
  // A pause under way is made longer and stricter, never shorter or milder.
  if (paused_until_ms_ > parts_.clock.unix_ms()) {
    until_unix_ms = std::max(until_unix_ms, paused_until_ms_);
    if (pause_scope_ == commands::PauseScope::kAll) scope = commands::PauseScope::kAll;
  }
  paused_until_ms_ = until_unix_ms;
  pause_scope_ = scope;
}

void Engine::Unpause() {
  paused_until_ms_ = 0;
  for (const uint64_t id : std::exchange(paused_, {})) ready_.push_back(id);
}

bool Engine::Unblock(uint64_t id, bool) {
  // No command of the present families blocks; clients parked for flash, memory or a pause cannot be unblocked.
  static_cast<void>(id);
  return false;
}

size_t Engine::parked_count() const {
  return static_cast<size_t>(std::count_if(sessions_.begin(), sessions_.end(), [](const auto& entry) {
    const ParkReason reason = entry.second->park_reason();
    return reason == ParkReason::kPause || reason == ParkReason::kMemory;
  }));
}

uint64_t Engine::client_memory_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [id, session] : sessions_) bytes += session->memory_bytes();
  return bytes;
}

uint64_t Engine::max_input_buffer() const {
  uint64_t most = 0;
  for (const auto& [id, session] : sessions_) most = std::max(most, session->View().query_buffer_bytes);
  return most;
}

uint64_t Engine::max_output_buffer() const {
  uint64_t most = 0;
  for (const auto& [id, session] : sessions_) most = std::max(most, session->View().output_memory_bytes);
  return most;
}

// ---- requests

void Engine::Prepare(protocol::RequestBatch& batch, size_t start, int database) {
  prepared_.resize(batch.requests.size());
  const keyspace::EntryDict& dict = parts_.keyspace.database(database).dict();
  for (size_t i = start; i < batch.requests.size(); ++i) {
    const protocol::Request& request = batch.requests[i];
    if (!renames_.empty()) [[unlikely]] {
      std::string_view& name = batch.args[request.first_arg];
      if (const auto it = renames_.find(commands::Lower(name)); it != renames_.end()) name = it->second;
    }
    const std::span<const std::string_view> args(&batch.args[request.first_arg], request.arg_count);
    Prepared& prepared = prepared_[i];
    prepared = {};
    prepared.spec = commands::Resolve(args, resolve_error_);
    if (prepared.spec == nullptr || prepared.spec->keys.empty()) continue;
    const int first = prepared.spec->keys[0].first;
    if (first <= 0 || static_cast<size_t>(first) >= args.size()) continue;
    prepared.first_key_index = static_cast<uint32_t>(first);
    prepared.first_key_hash = parts_.keyspace.Hash(args[static_cast<size_t>(first)]).hash;
    dict.PrefetchBucket(prepared.first_key_hash);
  }
  for (size_t i = start; i < batch.requests.size(); ++i) {
    if (prepared_[i].first_key_index != 0) dict.PrefetchItem(prepared_[i].first_key_hash);
  }
}

size_t Engine::RunBatch(Session& session, protocol::RequestBatch& batch, size_t start, ParkReason& parked) {
  Prepare(batch, start, session.state().database);
  const uint64_t started = CycleClock::Now();
  for (size_t i = start; i < batch.requests.size(); ++i) {
    parked = RunOne(session, batch, i);
    if (parked != ParkReason::kNone) return i;
    if (session.closed() || session.state().close_after_reply) return i + 1;
    const size_t done = i + 1 - start;
    if (done % kRequestsPerTimeCheck == 0 && i + 1 < batch.requests.size() && sessions_.size() > 1 &&
        cycles_.Microseconds(CycleClock::Now() - started) > kBatchSliceUs) {
      parked = ParkReason::kTurn;
      return i + 1;
    }
  }
  return batch.requests.size();
}

bool Engine::StoppedByPause(const CommandSpec& spec) const {
  if (paused_until_ms_ <= parts_.clock.unix_ms()) return false;
  if (spec.flags.Has(Flag::kAdmin) && pause_scope_ != commands::PauseScope::kAll) return false;
  return pause_scope_ == commands::PauseScope::kAll || spec.flags.Has(Flag::kWrite) ||
         spec.flags.Has(Flag::kMayReplicate);
}

ParkReason Engine::RunOne(Session& session, const protocol::RequestBatch& batch, size_t index) {
  const protocol::Request& request = batch.requests[index];
  const std::span<const std::string_view> args(&batch.args[request.first_arg], request.arg_count);
  const Prepared& prepared = prepared_[index];
  protocol::ReplyWriter& reply = session.reply();
  commands::ClientState& client = session.state();
  reply.set_version(client.resp);
  reply.set_muted(client.reply_mode == commands::ReplyMode::kOff ||
                  client.reply_mode == commands::ReplyMode::kSkipNext);

  const auto reject = [&](std::string_view error) {
    if (prepared.spec != nullptr) ++stats_.Of(prepared.spec).stats.rejected;
    reply.Error(error);
    if (client.reply_mode == commands::ReplyMode::kSkipNext) client.reply_mode = commands::ReplyMode::kOn;
    return ParkReason::kNone;
  };
  if (prepared.spec == nullptr) [[unlikely]] {
    if (LooksLikeHttp(args[0])) {
      parts_.log.Log(LogLevel::kWarning,
                     "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to "
                     "Tidemark. This is likely due to an attacker attempting to use Cross Protocol Scripting to "
                     "compromise your instance. Connection from " +
                         client.address + " aborted.");
      session.Close();
      return ParkReason::kNone;
    }
    commands::Resolve(args, resolve_error_);
    return reject(resolve_error_);
  }
  const CommandSpec& spec = *prepared.spec;
  if (!client.authenticated && !parts_.options.requirepass.empty() && !spec.flags.Has(Flag::kNoAuth)) [[unlikely]] {
    ++stats_.auth_denied;
    return reject(commands::errors::kNoAuth);
  }
  if (spec.flags.Has(Flag::kDenyOom)) {
    switch (memory_gate_.Check()) {
      case MemoryVerdict::kPass:
        break;
      case MemoryVerdict::kDelay:
        ++stats_.delayed_commands;
        return ParkReason::kMemory;
      case MemoryVerdict::kRefuse:
        return reject(commands::errors::kOutOfMemory);
    }
  }
  if (paused_until_ms_ != 0 && StoppedByPause(spec)) [[unlikely]]
    return ParkReason::kPause;
  if (parts_.keyspace.database(client.database).cold_count() == 0) [[likely]] {
    Execute(session, args, prepared);
    return ParkReason::kNone;
  }
  if (FetchCold(session, batch, index)) return ParkReason::kFetch;
  std::vector<Transient> transients;
  const int database = client.database;
  if (session.fetched().empty() || InstallFetched(session, args, prepared, transients)) {
    Execute(session, args, prepared);
  } else if (client.reply_mode == commands::ReplyMode::kSkipNext) {
    client.reply_mode = commands::ReplyMode::kOn;
  }
  // What TIER LOAD brought back is there to stay.
  if (prepared.spec->function != commands::TierLoadCommand) SettleTransients(session, database, args, transients);
  return ParkReason::kNone;
}

bool Engine::AddColdKeys(Session& session, const protocol::RequestBatch& batch, size_t index,
                         std::vector<Locator>& reads) {
  const Prepared& prepared = prepared_[index];
  if (prepared.spec == nullptr || prepared.spec->keys.empty()) return false;
  const protocol::Request& request = batch.requests[index];
  const std::span<const std::string_view> args(&batch.args[request.first_arg], request.arg_count);
  keys_.clear();
  commands::CollectKeys(*prepared.spec, args, keys_);
  const Database& database = parts_.keyspace.database(session.state().database);
  bool any = false;
  for (const commands::KeyArgument& key : keys_) {
    if (key.need != KeyNeed::kValue) continue;
    const keyspace::HashedKey hashed = key.index == prepared.first_key_index
                                           ? keyspace::HashedKey{args[key.index], prepared.first_key_hash}
                                           : parts_.keyspace.Hash(args[key.index]);
    const EntryRef ref = database.Find(hashed);
    if (!ref || !ref->cold() || session.fetched().contains(ref->locator())) continue;
    any = true;
    const Locator locator(ref->locator());
    if (std::find(reads.begin(), reads.end(), locator) == reads.end()) reads.push_back(locator);
  }
  return any;
}

bool Engine::FetchCold(Session& session, const protocol::RequestBatch& batch, size_t index) {
  std::vector<Locator> reads;
  if (!AddColdKeys(session, batch, index, reads)) return false;
  // What earlier rounds fetched for the commands that have run is not kept, or a long batch would hold all it read.
  session.fetched().clear();
  reads.clear();
  AddColdKeys(session, batch, index, reads);
  // The commands behind this one will want theirs too: one round of reads for all.
  size_t ahead_bytes = 0;
  size_t counted = reads.size();
  for (size_t i = index + 1; i < batch.requests.size() && ahead_bytes < kLookAheadBytes; ++i) {
    AddColdKeys(session, batch, i, reads);
    for (; counted < reads.size(); ++counted) ahead_bytes += reads[counted].max_payload_bytes();
  }
  session.fetches_outstanding() = reads.size();
  ++stats_.fetch_parks;
  pager_.Fetch(reads, session.id());
  return true;
}

void Engine::OnFetched(uint64_t waiter, uint64_t locator, const std::shared_ptr<const tiering::FetchedValue>& value) {
  Session* session = FindSession(waiter);
  if (session == nullptr) return;
  session->fetched()[locator] = value;
  if (--session->fetches_outstanding() == 0) ready_.push_back(waiter);
}

bool Engine::InstallFetched(Session& session, std::span<const std::string_view> args, const Prepared& prepared,
                            std::vector<Transient>& transients) {
  keys_.clear();
  commands::CollectKeys(*prepared.spec, args, keys_);
  Database& database = parts_.keyspace.database(session.state().database);
  for (const commands::KeyArgument& key : keys_) {
    if (key.need != KeyNeed::kValue) continue;
    EntryRef ref = database.Find(parts_.keyspace.Hash(args[key.index]));
    if (!ref || !ref->cold()) continue;
    const uint64_t locator = ref->locator();
    const auto it = session.fetched().find(locator);
    TIDEMARK_CHECK(it != session.fetched().end());
    const Result<tiering::Pager::Installed> installed = pager_.Install(database, ref, *it->second);
    if (!installed) {
      const std::string name(args[key.index].substr(0, 128));
      parts_.log.Log(LogLevel::kWarning, "The value of key '" + name +
                                             "' cannot be read from the flash tier: " + installed.error().message());
      session.reply().Error("ERR the value of key '" + name +
                            "' cannot be read from the flash tier: " + installed.error().message());
      return false;
    }
    if (*installed == tiering::Pager::Installed::kTransient) transients.push_back({key.index, locator});
  }
  return true;
}

void Engine::SettleTransients(Session&, int database, std::span<const std::string_view> args,
                              const std::vector<Transient>& transients) {
  for (const Transient& transient : transients) {
    pager_.Settle(parts_.keyspace.database(database), parts_.keyspace.Hash(args[transient.key_index]),
                  transient.locator);
  }
}

void Engine::Execute(Session& session, std::span<const std::string_view> args, const Prepared& prepared) {
  commands::ClientState& client = session.state();
  const uint64_t errors_before = session.reply().error_count();
  const uint64_t start = CycleClock::Now();
  session.set_last_spec(prepared.spec);
  // TOUCH is the one command that is there to touch.
  parts_.keyspace.context().no_touch = client.no_touch && prepared.spec->function != commands::TouchCommand;
  const commands::ReplyMode mode_before = client.reply_mode;
  commands::Context context{args,
                            prepared.spec,
                            session.reply(),
                            client,
                            parts_.keyspace,
                            *this,
                            parts_.config,
                            parts_.server,
                            *this,
                            prepared.first_key_hash,
                            prepared.first_key_index};
  prepared.spec->function(context);
  const uint64_t nanoseconds = cycles_.Nanoseconds(CycleClock::Now() - start);
  CommandRecord& record = stats_.Of(prepared.spec);
  ++record.stats.calls;
  record.nanoseconds += nanoseconds;
  record.latency.Add(nanoseconds);
  if (session.reply().error_count() != errors_before) ++record.stats.failed;
  ++stats_.commands_processed;
  ++client.commands;
  const bool skipped = mode_before == commands::ReplyMode::kSkipNext;
  if (skipped && client.reply_mode == commands::ReplyMode::kSkipNext) client.reply_mode = commands::ReplyMode::kOn;
}

// ---- the turn

void Engine::NoteParked(Session& session, ParkReason reason) {
  switch (reason) {
    case ParkReason::kMemory:
      delayed_.push_back(session.id());
      break;
    case ParkReason::kPause:
      paused_.push_back(session.id());
      break;
    case ParkReason::kTurn:
      ready_.push_back(session.id());
      break;
    case ParkReason::kFetch:
    case ParkReason::kNone:
      break;
  }
}

void Engine::FlushReplies() {
  for (size_t i = 0; i < to_flush_.size(); ++i) {
    if (!to_flush_[i]->closed()) to_flush_[i]->Flush();
  }
  to_flush_.clear();
}

void Engine::ResumeReady() {
  const int64_t deadline_us = Clock::MonotonicUs() + kResumeSliceUs;
  while (!ready_.empty()) {
    const uint64_t id = ready_.front();
    ready_.pop_front();
    if (Session* session = FindSession(id)) session->Resume();
    if (Clock::MonotonicUs() >= deadline_us) return;
  }
}

void Engine::ResumeDelayed() {
  // Each that goes on may use up what was free: the gate is asked again for the next.
  for (size_t left = delayed_.size(); left > 0; --left) {
    if (memory_gate_.Check() == MemoryVerdict::kDelay) return;
    const uint64_t id = delayed_.front();
    delayed_.pop_front();
    if (Session* session = FindSession(id)) session->Resume();
  }
}

void Engine::EndPauseIfDue() {
  if (paused_until_ms_ != 0 && paused_until_ms_ <= parts_.clock.unix_ms()) Unpause();
}

int Engine::NextTimeoutMs() const {
  if (more_completions_ || more_spilling_ || more_expiry_ || !ready_.empty()) return 0;
  if (!delayed_.empty()) return 1;
  int64_t until_us = next_cron_us_ - Clock::MonotonicUs();
  if (paused_until_ms_ != 0) {
    // In milliseconds first: a client may ask for a pause without end.
    const int64_t until_ms = paused_until_ms_ - Clock::UnixUs() / 1000;
    if (until_ms <= until_us / 1000) until_us = until_ms * 1000;
  }
  return static_cast<int>(std::max<int64_t>(0, (until_us + 999) / 1000));
}

void Engine::RunTurn() {
  parts_.loop.RunOnce(NextTimeoutMs());
  const int64_t woke_us = parts_.clock.mono_us();
  FlushReplies();
  parts_.clock.Refresh();
  ++stats_.loop_cycles;
  stats_.loop_us += static_cast<uint64_t>(parts_.clock.mono_us() - woke_us);
  if (more_completions_) more_completions_ = pager_.Reap(kReapPerTurn);
  if (!ready_.empty()) ResumeReady();
  more_spilling_ = pager_.Tick();
  if (!delayed_.empty()) ResumeDelayed();
  FlushReplies();
  EndPauseIfDue();
  if (parts_.clock.mono_us() >= next_cron_us_) Cron();
  if (more_expiry_) more_expiry_ = active_expiry_.Run(kExpirySliceUs);
  graveyard_.clear();
}

void Engine::Cron() {
  const int64_t period_us = 1'000'000 / std::clamp(parts_.options.hz, 1, 500);
  const int64_t now_us = parts_.clock.mono_us();
  next_cron_us_ = now_us + period_us;
  parts_.limit.account().set_excluded_bytes(parts_.store.Stats().memory_bytes);
  parts_.limit.Refresh(now_us);
  parts_.keyspace.CollectReleasedLocators();
  // Where the limit was lowered, or the tier can help no more, keys are evicted though nobody writes.
  static_cast<void>(memory_gate_.Check());
  active_expiry_.Grant(period_us);
  more_expiry_ = true;
  const int64_t now_ms = parts_.clock.mono_ms();
  stats_.commands_rate.Sample(stats_.commands_processed, now_ms);
  stats_.input_rate.Sample(stats_.net_input_bytes, now_ms);
  stats_.output_rate.Sample(stats_.net_output_bytes, now_ms);
  stats_.loop_rate.Sample(stats_.loop_cycles, now_ms);
  if (now_us >= next_session_check_us_) {
    next_session_check_us_ = now_us + 1'000'000;
    CheckSessions();
  }
}

void Engine::CheckSessions() {
  const int64_t idle_ms = int64_t{parts_.options.idle_timeout_seconds} * 1000;
  const int64_t now_ms = parts_.clock.unix_ms();
  std::vector<Session*> idle;
  std::vector<Session*> check;
  for (const auto& [id, session] : sessions_) {
    const bool parked = session->park_reason() != ParkReason::kNone;
    if (idle_ms > 0 && !parked && now_ms - session->state().last_active_unix_ms > idle_ms) {
      idle.push_back(session.get());
    } else if (parts_.options.output_limit_normal.soft_bytes != 0) {
      check.push_back(session.get());
    }
  }
  for (Session* session : idle) {
    parts_.log.Log(LogLevel::kVerbose, "Closing idle client id=" + std::to_string(session->id()));
    session->Close();
  }
  for (Session* session : check) session->EnforceOutputLimit();
}

// ---- TIER

std::vector<std::pair<std::string, std::string>> Engine::Stats() const {
  const tiering::PagerStats& pager = pager_.stats();
  const tiering::FlashStats store = parts_.store.Stats();
  const size_t total = parts_.keyspace.total_keys();
  const size_t cold = parts_.keyspace.total_cold();
  size_t clean = 0;
  for (int i = 0; i < parts_.keyspace.database_count(); ++i) clean += parts_.keyspace.database(i).clean_count();
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::string name, uint64_t value) { out.emplace_back(std::move(name), std::to_string(value)); };
  add("tier_enabled", enabled() ? 1 : 0);
  out.emplace_back("tier_engine", parts_.store.name());
  add("tier_cold_keys", cold);
  add("tier_clean_keys", clean);
  add("tier_resident_keys", total - cold - clean);
  add("tier_spills", pager.spills);
  add("tier_spilled_bytes", pager.spilled_bytes);
  add("tier_demotions", pager.demotions);
  add("tier_reads", pager.reads);
  add("tier_read_bytes", pager.read_bytes);
  add("tier_promotions", pager.promotions);
  add("tier_shared_reads", pager.shared_flights);
  add("tier_sync_reads", pager.sync_reads);
  add("tier_stale_writes", pager.stale_writes);
  add("tier_read_errors", pager.read_errors);
  add("tier_write_errors", pager.write_errors);
  add("tier_corruptions", pager.corruptions);
  add("tier_reads_in_flight", store.reads_in_flight);
  add("tier_writes_in_flight", store.writes_in_flight);
  add("tier_write_bytes_in_flight", store.write_bytes_in_flight);
  add("tier_delayed_commands", stats_.delayed_commands);
  add("tier_delayed_clients", delayed_.size());
  add("tier_parked_reads", stats_.fetch_parks);
  add("tier_live_records", store.records);
  add("tier_live_bytes", store.live_payload_bytes);
  add("tier_disk_bytes", store.disk_bytes);
  add("tier_max_bytes", store.max_bytes);
  add("tier_full", enabled() && parts_.store.full() ? 1 : 0);
  add("tier_host_bytes_written", store.host_bytes_written);
  char amplification[32];
  std::snprintf(amplification, sizeof(amplification), "%.2f",
                store.payload_bytes_written == 0
                    ? 0.0
                    : static_cast<double>(store.host_bytes_written) / static_cast<double>(store.payload_bytes_written));
  out.emplace_back("tier_write_amplification", amplification);
  add("tier_compressed_records", store.compressed_records);
  add("tier_memory_bytes", store.memory_bytes);
  return out;
}

std::string_view Engine::Where(int database, std::string_view key) const {
  const EntryRef ref = parts_.keyspace.database(database).Find(parts_.keyspace.Hash(key));
  return keyspace::ResidencyName(pager_.ResidencyOf(ref));
}

bool Engine::Spill(int database, std::string_view key) {
  Database& db = parts_.keyspace.database(database);
  const EntryRef ref = db.Find(parts_.keyspace.Hash(key));
  return ref && pager_.SpillKey(db, ref);
}

Status Engine::Load(int database, std::string_view key) {
  Database& db = parts_.keyspace.database(database);
  EntryRef ref = db.Find(parts_.keyspace.Hash(key));
  if (!ref) return Status::NotFound("no such key");
  if (!ref->cold()) return Status::Ok();
  const Result<tiering::Pager::Installed> installed = pager_.Install(db, ref, pager_.ReadNow(ref->locator()));
  return installed ? Status::Ok() : installed.error();
}

Status Engine::ReadCold(int database, std::string_view key, std::string& value) {
  const EntryRef ref = parts_.keyspace.database(database).Find(parts_.keyspace.Hash(key));
  if (!ref || !ref->cold()) return Status::NotFound("the value is not on flash");
  const tiering::FetchedValue fetched = pager_.ReadNow(ref->locator());
  if (!fetched.status.ok()) return fetched.status;
  std::string_view body = fetched.payload;
  const Result<std::string_view> text = formats::DecodeRawString(body);
  if (!text) return text.error();
  value.assign(*text);
  return Status::Ok();
}

void Engine::Compact() {
  parts_.store.Compact();
}

}  // namespace tidemark::engine
