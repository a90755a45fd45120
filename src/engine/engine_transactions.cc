// MULTI, EXEC and WATCH: the queue between them, and its run without a pause.
#include <utility>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/transaction/handlers.h"
#include "engine/engine.h"

namespace tidemark::engine {

ParkReason Engine::Enqueue(Session& session, std::span<const std::string_view> args,
                           const commands::CommandSpec& spec) {
  Transaction& transaction = session.transaction();
  // A queue that has failed already is not going to run.
  if (!transaction.failed) transaction.Add(spec, args);
  session.reply().Simple("QUEUED");
  if (transaction.queue_bytes > parts_.options.query_buffer_limit_bytes) {
    ++stats_.query_buffer_limit_disconnections;
    parts_.log.Log(LogLevel::kWarning,
                   "Closing client whose transaction is larger than client-query-buffer-limit: id=" +
                       std::to_string(session.id()) + " addr=" + session.state().address);
    session.Close();
  }
  return ParkReason::kNone;
}

void Engine::CollectNeeded(const Session& session, std::span<const std::string_view> args,
                           const PreparedRequest& prepared, std::vector<NeededKey>& out) {
  int database = session.state().database;
  if (!session.transaction().open || prepared.spec->function != commands::ExecCommand) [[likely]] {
    if (!prepared.spec->keys.empty()) CollectNeededOf(*prepared.spec, args, database, out);
    return;
  }
  for (const QueuedCommand& command : session.transaction().queue) {
    const std::vector<std::string_view> words = command.Args();
    if (command.spec().function == commands::SelectCommand) {
      const std::optional<int64_t> index = ParseInt64(words[1]);
      if (index && *index >= 0 && *index < parts_.keyspace.database_count()) database = static_cast<int>(*index);
    }
    if (!command.spec().keys.empty()) CollectNeededOf(command.spec(), words, database, out);
  }
}

bool Engine::IsOpen(uint64_t client) const {
  const Session* session = FindSession(client);
  return session != nullptr && session->transaction().open;
}

void Engine::Open(uint64_t client) {
  if (Session* session = FindSession(client)) session->transaction().open = true;
}

void Engine::EndTransaction(Session& session) {
  session.transaction() = {};
  Unwatch(session.id());
}

void Engine::Discard(uint64_t client) {
  if (Session* session = FindSession(client)) EndTransaction(*session);
}

void Engine::Watch(uint64_t client, int database, std::string_view key) {
  // A transaction that cannot run any more need not know of further changes.
  if (watched_.IsBroken(client)) return;
  watched_.Watch(client, database, key);
  UpdateChangeListener();
}

void Engine::Unwatch(uint64_t client) {
  watched_.Unwatch(client);
  UpdateChangeListener();
}

void Engine::Run(uint64_t client) {
  Session& session = *FindSession(client);
  protocol::ReplyWriter& reply = session.reply();
  const Transaction transaction = std::exchange(session.transaction(), {});
  const bool broken = watched_.IsBroken(client);
  Unwatch(client);
  if (transaction.failed) return reply.Error(commands::errors::kExecAbort);
  if (broken) return reply.NullArray();
  reply.Array(transaction.queue.size());
  for (const QueuedCommand& command : transaction.queue) {
    const std::vector<std::string_view> args = command.Args();
    PreparedRequest prepared;
    prepared.spec = &command.spec();
    if (LoadNow(session, command.spec(), args)) Execute(session, args, prepared, {});
  }
}

}  // namespace tidemark::engine
