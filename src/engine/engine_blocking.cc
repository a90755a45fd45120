// Clients that wait for keys: how they are woken, time out, are unblocked, and who hears of changes.
#include "commands/errors.h"
#include "commands/resolve.h"
#include "engine/engine.h"

namespace tidemark::engine {

using keyspace::EntryRef;

void Engine::PrepareReply(Session& session) {
  const commands::ClientState& client = session.state();
  session.reply().set_version(client.resp);
  session.reply().set_muted(client.reply_mode == commands::ReplyMode::kOff ||
                            client.reply_mode == commands::ReplyMode::kSkipNext);
}

void Engine::UpdateChangeListener() {
  parts_.keyspace.context().change_listener = blocked_.empty() && watched_.empty() ? nullptr : this;
}

void Engine::Forget(uint64_t client) {
  blocked_.Remove(client);
  watched_.Unwatch(client);
  UpdateChangeListener();
}

void Engine::OnChanged(int database, const keyspace::HashedKey& key) {
  blocked_.MarkReady({database, key.bytes});
  watched_.OnChanged(database, key.bytes);
}

void Engine::OnConcernsWaiters(int database, const keyspace::HashedKey& key) {
  blocked_.MarkReady({database, key.bytes});
}

void Engine::OnFlush(int database) {
  blocked_.MarkAllReady(database);
  watched_.OnFlush(database);
}

void Engine::OnSwapped(int first, int second) {
  blocked_.MarkAllReady(first);
  blocked_.MarkAllReady(second);
  watched_.OnSwapped(first, second);
}

bool Engine::WantsWaking(const Waiter& waiter, const KeyName& key) const {
  const EntryRef ref = parts_.keyspace.database(key.database).Find(parts_.keyspace.Hash(key.key));
  const bool there = ref && ref->type() == waiter.request.type;
  return there || waiter.request.wake_when_gone;
}

void Engine::ServeReadyKeys() {
  // Serving may make further keys ready (BLMOVE).
  while (blocked_.has_ready()) {
    const KeyName key = blocked_.TakeReady();
    uint64_t order = 0;
    while (const Waiter* waiter = blocked_.NextWaiter(key, order)) {
      order = waiter->order;
      Session* session = FindSession(waiter->client);
      if (session == nullptr || session->park_reason() != ParkReason::kBlocked) continue;
      if (WantsWaking(*waiter, key)) RunWoken(*session, *waiter, key);
    }
  }
}

void Engine::RunWoken(Session& session, const Waiter& waiter, const KeyName& key) {
  const std::span<const std::string_view> parked = session.ParkedArgs();
  std::vector<std::string_view> args(parked.begin(), parked.end());
  for (const auto& [index, text] : waiter.request.rewritten) args[index] = text;
  ExecuteOptions options;
  for (size_t i = 0; i < waiter.key_names.size() && !options.woken_key; ++i) {
    if (waiter.key_names[i] == key.key) options.woken_key = waiter.request.keys[i];
  }
  std::optional<commands::BlockRequest> again;
  options.block = &again;
  PrepareReply(session);
  PreparedRequest prepared;
  std::string error;
  prepared.spec = commands::Resolve(args, error);
  if (LoadNow(session, *prepared.spec, args)) Execute(session, args, prepared, options);
  // Nothing for this client: it keeps its place and its deadline.
  if (!again) return EndWait(session);
  blocked_.LookAgainAt(session.id(), again->look_again_ms);
}

void Engine::EndWait(Session& session) {
  if (session.state().reply_mode == commands::ReplyMode::kSkipNext) {
    session.state().reply_mode = commands::ReplyMode::kOn;
  }
  blocked_.Remove(session.id());
  UpdateChangeListener();
  session.EndWait();
}

void Engine::EndOverdueWaits() {
  while (const std::optional<uint64_t> client = blocked_.FindOverdue(parts_.clock.unix_ms())) {
    if (!Unblock(*client, false)) blocked_.Remove(*client);
  }
}

bool Engine::Unblock(uint64_t id, bool with_error) {
  const Waiter* waiter = blocked_.Find(id);
  Session* session = FindSession(id);
  // Clients that are parked for flash, memory or a pause cannot be unblocked.
  if (waiter == nullptr || session == nullptr || session->park_reason() != ParkReason::kBlocked) return false;
  PrepareReply(*session);
  if (with_error) {
    session->reply().Error(commands::errors::kUnblocked);
  } else if (waiter->request.null == commands::BlockRequest::Null::kArray) {
    session->reply().NullArray();
  } else {
    session->reply().Null();
  }
  EndWait(*session);
  return true;
}

}  // namespace tidemark::engine
