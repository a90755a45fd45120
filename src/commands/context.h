// What a command function is given: its arguments, the reply to write, the data and the services. Everything it names
// is in RAM by the time it runs. Views do not outlive the run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/client_state.h"
#include "commands/effects.h"
#include "commands/services.h"
#include "keyspace/keyspace.h"
#include "protocol/reply_writer.h"

namespace tidemark::commands {

struct CommandSpec;

// What a command that finds nothing to answer asks for: the client waits until one of its keys changes, then the
// command runs again from the start, with `woken_key` set. The engine keeps the first deadline and the place in the
// queue.
struct BlockRequest {
  std::vector<size_t> keys;                 // indexes of the keys in args
  values::Type type = values::Type::kList;  // a key wakes the client when it holds a value of this type,
  bool wake_when_gone = false;              // or when it stops to (XREADGROUP)
  int64_t deadline_ms = 0;                  // Unix time; 0: no end
  int64_t look_again_ms = 0;                // Unix time at which to run again though no key has changed; 0: never
  enum class Null : uint8_t { kArray, kBulk } null = Null::kArray;  // the reply at the deadline
  // Arguments that mean something else the second time: index and text (XREAD's `$`).
  std::vector<std::pair<size_t, std::string>> rewritten;
};

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
  TransactionControl& transactions;
  Effects& effects;
  // Hash of the command's first key, when has_first_key_hash.
  uint64_t first_key_hash = 0;
  size_t first_key_index = 0;  // 0: not known
  // Where blocking commands put what they ask for; null where a client must not wait (inside EXEC).
  std::optional<BlockRequest>* block = nullptr;
  // The command has waited, and this argument names the key that woke it: it looks at no other.
  std::optional<size_t> woken_key = {};

  keyspace::Database& db() const { return keyspace.database(client.database); }
  // The argument as a key.
  keyspace::HashedKey Key(size_t index) const {
    if (index == first_key_index && index != 0) return {args[index], first_key_hash};
    return keyspace.Hash(args[index]);
  }
  // Whether a blocking command is to look at the key in this argument.
  bool Considers(size_t key_index) const { return !woken_key || *woken_key == key_index; }
  // The end of a blocking command that found nothing: waits, or answers null at once where it must not wait.
  void Block(BlockRequest request) const;
  const values::EncodingLimits& limits() const { return keyspace.options().encoding_limits; }
  int64_t now_ms() const { return keyspace.clock().unix_ms(); }
  // What has an expiry before this has expired; a deadline that is not after it is past. While a log of changes is
  // replayed this is the beginning of time.
  int64_t expiry_now_ms() const { return keyspace.context().expiry_now_ms(); }
  // Counts changes to the data set, as INFO's rdb_changes_since_last_save shows them.
  void MarkDirty(uint64_t changes = 1) const { keyspace.stats().dirty += changes; }
};

using CommandFunction = void (*)(Context&);

}  // namespace tidemark::commands
