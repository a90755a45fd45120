// A request's way through the gates to its command.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/resolve.h"
#include "commands/stored_value.h"
#include "commands/transaction/handlers.h"
#include "commands/words.h"
#include "engine/engine.h"

namespace tidemark::engine {

using commands::CommandSpec;
using commands::Flag;
using commands::KeyNeed;
using keyspace::Database;
using keyspace::EntryRef;
using tiering::Locator;

namespace {

// What a browser that was tricked into talking to this port would send.
bool LooksLikeHttp(std::string_view name) {
  return commands::Lower(name) == "post" || commands::Lower(name) == "host:";
}

// The first lines of a value: the head of a table or tree, or all of a short listpack.
void PrefetchStart(const void* value) {
  constexpr size_t kLines = 3;
  for (size_t line = 0; line < kLines; ++line) __builtin_prefetch(static_cast<const char*>(value) + line * 64);
}

// Whether a command with this need has to wait until the value has been read.
bool ValueMissing(KeyNeed need, const keyspace::Entry& entry) {
  if (!entry.cold()) return false;
  switch (need) {
    case KeyNeed::kNothing:
    case KeyNeed::kMetadata:
      return false;
    case KeyNeed::kSize:
      return !entry.ContainerSize();
    case KeyNeed::kString:
      // Of another type it is an error, whatever the value.
      return entry.type() == values::Type::kString;
    case KeyNeed::kValue:
    case KeyNeed::kCopy:
      break;
  }
  return true;
}

uint64_t TotalBytes(std::span<const Locator> locators) {
  uint64_t bytes = 0;
  for (const Locator locator : locators) bytes += locator.max_payload_bytes();
  return bytes;
}

// What is not queued but run between MULTI and EXEC.
bool RunsInsideMulti(const CommandSpec& spec) {
  return spec.function == commands::ExecCommand || spec.function == commands::DiscardCommand ||
         spec.function == commands::MultiCommand || spec.function == commands::WatchCommand ||
         spec.function == commands::QuitCommand || spec.function == commands::ResetCommand;
}

}  // namespace

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

void Engine::TranslateNames(protocol::RequestBatch& batch) const {
  for (const protocol::Request& request : batch.requests) {
    std::string_view& name = batch.args[request.first_arg];
    if (const auto it = renames_.find(commands::Lower(name)); it != renames_.end()) name = it->second;
  }
}

void Engine::Prepare(const protocol::RequestBatch& batch, int database) {
  prepared_.resize(batch.requests.size());
  const keyspace::EntryDict& dict = parts_.keyspace.database(database).dict();
  for (size_t i = 0; i < batch.requests.size(); ++i) {
    const protocol::Request& request = batch.requests[i];
    const std::span<const std::string_view> args(&batch.args[request.first_arg], request.arg_count);
    PreparedRequest& prepared = prepared_[i];
    prepared = {};
    prepared.spec = commands::Resolve(args, resolve_error_);
    if (prepared.spec == nullptr || prepared.spec->keys.empty()) continue;
    const int first = prepared.spec->keys[0].first;
    if (first <= 0 || static_cast<size_t>(first) >= args.size()) continue;
    prepared.first_key_index = static_cast<uint32_t>(first);
    prepared.first_key_hash = parts_.keyspace.Hash(args[static_cast<size_t>(first)]).hash;
    dict.PrefetchBucket(prepared.first_key_hash);
  }
  for (size_t i = 0; i < batch.requests.size(); ++i) {
    if (prepared_[i].first_key_index != 0) dict.PrefetchItem(prepared_[i].first_key_hash);
  }
  for (size_t i = 0; i < batch.requests.size(); ++i) {
    if (prepared_[i].first_key_index == 0) continue;
    const keyspace::Entry* const entry = dict.Guess(prepared_[i].first_key_hash);
    if (entry != nullptr && entry->storage() == keyspace::Entry::Storage::kPointer) PrefetchStart(entry->pointer());
  }
}

size_t Engine::RunFresh(Session& session, const protocol::RequestBatch& batch, ParkReason& parked) {
  Prepare(batch, session.state().database);
  return RunBatch(session, batch, 0, parked);
}

size_t Engine::RunParked(Session& session, ParkedBatch& parked, ParkReason& reason) {
  prepared_.swap(parked.prepared);
  const size_t next = RunBatch(session, parked.batch, parked.next, reason);
  prepared_.swap(parked.prepared);
  return next;
}

size_t Engine::RunBatch(Session& session, const protocol::RequestBatch& batch, size_t start, ParkReason& parked) {
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

bool Engine::StoppedByPause(commands::Flags flags) const {
  if (paused_until_ms_ <= parts_.clock.unix_ms()) return false;
  if (flags.Has(Flag::kAdmin) && pause_scope_ != commands::PauseScope::kAll) return false;
  return pause_scope_ == commands::PauseScope::kAll || flags.Has(Flag::kWrite) || flags.Has(Flag::kMayReplicate);
}

std::string_view Engine::RefusalOf(const CommandSpec& spec, commands::Flags flags) const {
  // What was queued before the loading began may be anything.
  if (loading_ && (!flags.Has(Flag::kLoading) || flags.HasAny(Flag::kWrite | Flag::kReadonly))) {
    return commands::errors::kLoading;
  }
  // A client that asks for a sign of health gets this one.
  const bool concerned = flags.Has(Flag::kWrite) || spec.function == commands::PingCommand;
  return may_refuse_writes_ && concerned ? parts_.server.WriteRefusal() : std::string_view();
}

ParkReason Engine::RunOne(Session& session, const protocol::RequestBatch& batch, size_t index) {
  const protocol::Request& request = batch.requests[index];
  const std::span<const std::string_view> args(&batch.args[request.first_arg], request.arg_count);
  const PreparedRequest& prepared = prepared_[index];
  protocol::ReplyWriter& reply = session.reply();
  commands::ClientState& client = session.state();
  PrepareReply(session);

  const auto reject = [&](std::string_view error) {
    if (prepared.spec != nullptr) ++stats_.Of(prepared.spec).stats.rejected;
    if (session.transaction().open) session.transaction().failed = true;
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
  const bool runs_queue = spec.function == commands::ExecCommand && session.transaction().open;
  const commands::Flags flags = runs_queue ? spec.flags | session.transaction().flags : spec.flags;
  const bool queues = session.transaction().open && !RunsInsideMulti(spec);
  if (queues && spec.flags.Has(Flag::kNoMulti)) [[unlikely]]
    return reject(commands::errors::kNotInTransaction);
  if (loading_ || may_refuse_writes_) [[unlikely]] {
    if (const std::string_view refusal = RefusalOf(spec, flags); !refusal.empty()) {
      if (!runs_queue) return reject(refusal);
      EndTransaction(session);
      return reject("EXECABORT Transaction discarded because of: " + std::string(refusal));
    }
  }
  // What a command was let in for has been read by now: it gives that back by running.
  if (flags.Has(Flag::kDenyOom) && !session.TakeAdmission()) {
    switch (memory_gate_.Check(fetched_bytes_)) {
      case MemoryVerdict::kPass:
        break;
      case MemoryVerdict::kDelay:
        if (queues) break;  // EXEC will wait
        ++stats_.delayed_commands;
        return ParkReason::kMemory;
      case MemoryVerdict::kRefuse:
        if (!runs_queue) return reject(commands::errors::kOutOfMemory);
        EndTransaction(session);
        return reject("EXECABORT Transaction discarded because of: " + std::string(commands::errors::kOutOfMemory));
    }
  }
  if (paused_until_ms_ != 0 && StoppedByPause(flags)) [[unlikely]]
    return ParkReason::kPause;
  if (queues) return Enqueue(session, args, spec);
  block_request_.reset();
  const ExecuteOptions options{.block = &block_request_, .woken_key = {}};
  const size_t cold =
      runs_queue ? parts_.keyspace.total_cold() : parts_.keyspace.database(client.database).cold_count();
  if (cold == 0) [[likely]] {
    Execute(session, args, prepared, options);
  } else {
    if (FetchCold(session, batch, index)) {
      session.set_admitted(flags.Has(Flag::kDenyOom) && !session.awaited().empty());
      return ParkReason::kFetch;
    }
    std::vector<Transient> transients;
    const uint64_t installs_before = pager_.installs();
    const uint64_t hits_before = parts_.keyspace.stats().hits;
    // `needed_` has the keys of this request still.
    if (session.fetched().empty() || InstallFetched(session, needed_, transients)) {
      Execute(session, args, prepared, options);
      CountColdHits(hits_before, installs_before);
    } else {
      if (runs_queue) EndTransaction(session);
      if (client.reply_mode == commands::ReplyMode::kSkipNext) client.reply_mode = commands::ReplyMode::kOn;
    }
    parts_.keyspace.context().lent.Clear();
    // What TIER LOAD brought back is there to stay.
    if (spec.function != commands::TierLoadCommand) SettleTransients(transients);
  }
  if (block_request_) [[unlikely]] {
    blocked_.Add(session.id(), client.database, args, std::move(*block_request_));
    UpdateChangeListener();
    return ParkReason::kBlocked;
  }
  if (blocked_.has_ready()) [[unlikely]]
    ServeReadyKeys();
  return ParkReason::kNone;
}

void Engine::CollectNeededOf(const CommandSpec& spec, std::span<const std::string_view> args, int database,
                             std::vector<NeededKey>& out) {
  keys_.clear();
  commands::CollectKeys(spec, args, keys_);
  for (const commands::KeyArgument& key : keys_) {
    if (key.need >= KeyNeed::kSize) out.push_back({database, parts_.keyspace.Hash(args[key.index]), key.need});
  }
}

void Engine::AddColdKeys(Session& session, const protocol::RequestBatch& batch, size_t index,
                         std::vector<Locator>& reads, std::vector<uint64_t>* awaited) {
  const PreparedRequest& prepared = prepared_[index];
  if (prepared.spec == nullptr) return;
  const protocol::Request& request = batch.requests[index];
  const std::span<const std::string_view> args(&batch.args[request.first_arg], request.arg_count);
  needed_.clear();
  CollectNeeded(session, args, prepared, needed_);
  for (const NeededKey& needed : needed_) {
    const EntryRef ref = parts_.keyspace.database(needed.database).Find(needed.key);
    if (!ref || !ValueMissing(needed.need, *ref)) continue;
    const auto [fetched, added] = session.fetched().try_emplace(ref->locator());
    if (fetched->second != nullptr) continue;
    if (added) reads.push_back(Locator(ref->locator()));
    if (awaited != nullptr) awaited->push_back(ref->locator());
  }
}

void Engine::Uncharge(Session& session, uint64_t bytes) {
  bytes = std::min(bytes, session.fetched_bytes());
  session.fetched_bytes() -= bytes;
  fetched_bytes_ -= bytes;
}

void Engine::GiveUpFetched(Session& session) {
  Uncharge(session, session.fetched_bytes());
  session.fetched().clear();
}

void Engine::QueueFetch(Session& session, uint64_t bytes) {
  GiveUpFetched(session);
  session.awaited().clear();
  // Who had his turn keeps his place.
  fetch_queue_.insert(fetch_turn_ == session.id() ? fetch_queue_.begin() : fetch_queue_.end(), {session.id(), bytes});
}

uint64_t Engine::MaxFetchBytes() const {
  constexpr uint64_t kLeast = 1 << 20;
  constexpr uint64_t kMost = 64 << 20;
  return parts_.limit.limited() ? std::clamp(parts_.limit.max_bytes() / 16, kLeast, kMost) : kMost;
}

bool Engine::FetchCold(Session& session, const protocol::RequestBatch& batch, size_t index) {
  std::vector<Locator>& reads = reads_;
  reads.clear();
  std::vector<uint64_t>& awaited = session.awaited();
  awaited.clear();
  AddColdKeys(session, batch, index, reads, &awaited);
  if (awaited.empty()) return false;
  session.set_waiting_key_hash(prepared_[index].first_key_hash);
  if (reads.empty()) return true;
  if (session.fetched().size() > reads.size()) {
    // What earlier rounds fetched for the commands that have run is not kept, or a long batch would hold all it read.
    uint64_t dropped = 0;
    std::erase_if(session.fetched(), [&](const auto& fetched) {
      if (fetched.second == nullptr) return false;
      dropped += Locator(fetched.first).max_payload_bytes();
      return true;
    });
    Uncharge(session, dropped);
    awaited.clear();
    AddColdKeys(session, batch, index, reads, &awaited);
  }
  uint64_t bytes = TotalBytes(reads);
  const bool has_turn = fetch_queue_.empty() || fetch_turn_ == session.id();
  if (!has_turn || !MayFetch(bytes)) [[unlikely]] {
    // What is on its way for others costs nothing more.
    bytes = 0;
    for (const Locator locator : reads) bytes += pager_.Fetching(locator.raw()) ? 0 : locator.max_payload_bytes();
    if (bytes != 0 && (!has_turn || !MayFetch(bytes))) {
      QueueFetch(session, bytes);
      return true;
    }
  }
  // The commands behind this one will want theirs too: one round of reads for all, as far as the buffers allow. Half of
  // that is left to those who need theirs now.
  const uint64_t held = bytes + std::max(fetched_bytes_, pager_.fetch_bytes_in_flight());
  const uint64_t most = fetch_queue_.empty() ? MaxFetchBytes() / 2 : 0;
  const uint64_t allowed = held < most ? std::min(kLookAheadBytes, most - held) : 0;
  uint64_t ahead_bytes = 0;
  for (size_t i = index + 1; i < batch.requests.size() && ahead_bytes < allowed; ++i) {
    const size_t before = reads.size();
    AddColdKeys(session, batch, i, reads, nullptr);
    const uint64_t more = TotalBytes(std::span(reads).subspan(before));
    if (ahead_bytes + more > allowed) {
      for (const Locator locator : std::span(reads).subspan(before)) session.fetched().erase(locator.raw());
      reads.resize(before);
      break;
    }
    ahead_bytes += more;
  }
  fetched_bytes_ += bytes + ahead_bytes;
  session.fetched_bytes() += bytes + ahead_bytes;
  ++stats_.fetch_parks;
  pager_.Fetch(reads, session.id());
  return true;
}

void Engine::OnFetched(uint64_t waiter, uint64_t requested, uint64_t locator,
                       const std::shared_ptr<const tiering::FetchedValue>& value) {
  Session* session = FindSession(waiter);
  if (session == nullptr) return;
  const auto place = session->fetched().find(requested);
  if (place == session->fetched().end()) return;  // of a batch that is over
  if (locator == requested) {
    place->second = value;
  } else {
    session->fetched().erase(place);
    session->fetched()[locator] = value;
  }
  // The command in front goes on as soon as it has all it needs; what those behind it want is still under way.
  if (std::erase(session->awaited(), requested) > 0 && session->awaited().empty()) ready_.push_back(waiter);
}

bool Engine::InstallFetched(Session& session, std::span<const NeededKey> needed, std::vector<Transient>& transients) {
  for (const NeededKey& key : needed) {
    Database& database = parts_.keyspace.database(key.database);
    EntryRef ref = database.Find(key.key);
    if (!ref || !ValueMissing(key.need, *ref)) continue;
    const uint64_t locator = ref->locator();
    const auto it = session.fetched().find(locator);
    TIDEMARK_CHECK(it != session.fetched().end() && it->second != nullptr);
    if (key.need == KeyNeed::kString && !pager_.StaysInRam(*ref)) {
      const Result<std::string_view> bytes = pager_.Lend(*it->second);
      if (!bytes) {
        ReplyUnreadable(session, key.key.bytes, bytes.error());
        return false;
      }
      parts_.keyspace.context().lent.Lend(locator, *bytes);
      continue;
    }
    const auto stay = key.need == KeyNeed::kCopy ? tiering::Pager::Stay::kNo : tiering::Pager::Stay::kIfWorthIt;
    const Result<tiering::Pager::Installed> installed = pager_.Install(database, ref, *it->second, stay);
    if (!installed) {
      ReplyUnreadable(session, key.key.bytes, installed.error());
      return false;
    }
    if (*installed == tiering::Pager::Installed::kTransient) {
      transients.push_back({key.database, std::string(key.key.bytes), locator});
    }
  }
  return true;
}

void Engine::ReplyUnreadable(Session& session, std::string_view key, const Status& error) {
  const std::string text = commands::UnreadableValue(key, error).message();
  tier_monitor_.NoteUnreadable("T" + text.substr(1), parts_.clock.mono_us());
  session.reply().Error("ERR " + text);
}

bool Engine::LoadNow(Session& session, const CommandSpec& spec, std::span<const std::string_view> args) {
  Database& database = parts_.keyspace.database(session.state().database);
  if (database.cold_count() == 0) return true;
  std::vector<NeededKey> needed;
  CollectNeededOf(spec, args, database.index(), needed);
  for (const NeededKey& key : needed) {
    const EntryRef ref = database.Find(key.key);
    if (!ref || !ValueMissing(key.need, *ref)) continue;
    // The transaction has it already.
    if (key.need == KeyNeed::kString && database.IsLent(*ref)) continue;
    if (const Status status = Load(database.index(), key.key.bytes); !status.ok()) {
      ReplyUnreadable(session, key.key.bytes, status);
      return false;
    }
  }
  return true;
}

void Engine::CountColdHits(uint64_t hits_before, uint64_t installs_before) {
  const uint64_t hits = parts_.keyspace.stats().hits;
  // CONFIG RESETSTAT is a command too.
  if (hits > hits_before) stats_.cold_hits += std::min(hits - hits_before, pager_.installs() - installs_before);
}

void Engine::SettleTransients(const std::vector<Transient>& transients) {
  for (const Transient& transient : transients) {
    pager_.Settle(parts_.keyspace.database(transient.database), parts_.keyspace.Hash(transient.key), transient.locator);
  }
}

void Engine::Execute(Session& session, std::span<const std::string_view> args, const PreparedRequest& prepared,
                     const ExecuteOptions& options) {
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
                            *this,
                            propagation_,
                            prepared.first_key_hash,
                            prepared.first_key_index,
                            options.block,
                            options.woken_key};
  propagation_.Begin(client.database);
  prepared.spec->function(context);
  propagation_.End(args);
  const uint64_t nanoseconds = cycles_.Nanoseconds(CycleClock::Now() - start);
  CommandRecord& record = stats_.Of(prepared.spec);
  // A command that has waited was counted when it began to.
  if (!options.woken_key) ++record.stats.calls;
  record.nanoseconds += nanoseconds;
  if (parts_.options.latency_tracking) record.latency.Add(nanoseconds);
  if (latency_.enabled()) [[unlikely]] {
    const bool fast = prepared.spec->flags.Has(Flag::kFast);
    latency_.Note(fast ? LatencyEvent::kFastCommand : LatencyEvent::kCommand, static_cast<int64_t>(nanoseconds / 1000),
                  parts_.clock.unix_seconds());
  }
  if (session.reply().error_count() != errors_before) ++record.stats.failed;
  ++stats_.commands_processed;
  ++client.commands;
  // The reply that is to be skipped is yet to come where the client waits.
  const bool waits = options.block != nullptr && options.block->has_value();
  const bool skipped = mode_before == commands::ReplyMode::kSkipNext && !waits;
  if (skipped && client.reply_mode == commands::ReplyMode::kSkipNext) client.reply_mode = commands::ReplyMode::kOn;
}

}  // namespace tidemark::engine
