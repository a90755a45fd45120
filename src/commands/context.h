// What a command function is given: its arguments, the reply to write, the data and the services. Everything it names
// is in RAM by the time it runs. Views do not outlive the run.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "commands/client_state.h"
#include "commands/services.h"
#include "keyspace/keyspace.h"
#include "protocol/reply_writer.h"

namespace tidemark::commands {

struct CommandSpec;

struct Context {
  std::span<const std::string_view> args;  // args[0] is the command's name as sent
  const CommandSpec* spec = nullptr;       // of the subcommand, where there is one
  protocol::ReplyWriter& reply;
  ClientState& client;
  keyspace::Keyspace& keyspace;
  ClientDirectory& clients;
  Configuration& config;
  ServerControl& server;
  TierControl& tier;
  // Hash of the command's first key, when has_first_key_hash.
  uint64_t first_key_hash = 0;
  size_t first_key_index = 0;  // 0: not known

  keyspace::Database& db() const { return keyspace.database(client.database); }
  // The argument as a key.
  keyspace::HashedKey Key(size_t index) const {
    if (index == first_key_index && index != 0) return {args[index], first_key_hash};
    return keyspace.Hash(args[index]);
  }
  int64_t now_ms() const { return keyspace.clock().unix_ms(); }
  // Counts changes to the data set, as INFO's rdb_changes_since_last_save shows them.
  void MarkDirty(uint64_t changes = 1) const { keyspace.stats().dirty += changes; }
};

using CommandFunction = void (*)(Context&);

}  // namespace tidemark::commands
