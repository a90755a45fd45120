// The engine's clients: taking them in, letting them go, and what CLIENT asks of all of them.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "commands/command_spec.h"
#include "engine/engine.h"

namespace tidemark::engine {

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
  Forget(session.id());
  // What it holds stays until it is deleted: a command that runs may be looking at it.
  Uncharge(session, session.fetched_bytes());
  auto node = sessions_.extract(session.id());
  if (!node.empty()) graveyard_.push_back(std::move(node.mapped()));
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

size_t Engine::parked_count() const {
  return parked_count(ParkReason::kPause) + parked_count(ParkReason::kMemory) + blocked_.size();
}

size_t Engine::parked_count(ParkReason reason) const {
  return static_cast<size_t>(std::count_if(sessions_.begin(), sessions_.end(), [reason](const auto& entry) {
    return entry.second->park_reason() == reason;
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

}  // namespace tidemark::engine
