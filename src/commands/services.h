// What commands need of the layers above them, as interfaces that those layers implement.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "base/status.h"
#include "commands/client_state.h"
#include "formats/value_codec.h"

namespace tidemark::commands {

class LatencyControl;
struct CommandSpec;

// A connected client as CLIENT LIST shows it.
struct ClientView {
  const ClientState* state = nullptr;
  uint64_t query_buffer_bytes = 0;
  uint64_t query_buffer_free = 0;
  uint64_t args_bytes = 0;
  uint64_t output_bytes = 0;
  uint64_t output_chunks = 0;
  uint64_t output_memory_bytes = 0;
  uint64_t total_memory_bytes = 0;
  bool blocked = false;          // waits for a key, for memory, or for the end of a pause
  int64_t queued_commands = -1;  // of a transaction; -1: none is open
  uint64_t queued_bytes = 0;
  uint64_t watched_keys = 0;
  bool closing = false;  // to be closed after its replies are sent
  bool wants_write = false;
};

enum class PauseScope : uint8_t { kWrites, kAll };

class ClientDirectory {
 public:
  virtual ~ClientDirectory() = default;
  // In order of their ids.
  virtual std::vector<ClientView> Clients() const = 0;
  // Closes the connection; a client that kills itself still gets its reply.
  virtual bool Kill(uint64_t id, uint64_t caller_id) = 0;
  virtual void Pause(int64_t until_unix_ms, PauseScope scope) = 0;
  virtual void Unpause() = 0;
  // False if the client is not blocked in a command that can be unblocked.
  virtual bool Unblock(uint64_t id, bool with_error) = 0;
};

class Configuration {
 public:
  virtual ~Configuration() = default;
  // Name and value of every directive that one of the patterns matches, each once.
  virtual std::vector<std::pair<std::string, std::string>> Get(const std::vector<std::string_view>& patterns) const = 0;
  // All or nothing. The error's message is the whole error reply.
  virtual Status Set(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) = 0;
  // As Set, for this client: it may be allowed to change what is protected (enable-protected-configs).
  virtual Status SetFor(const ClientState& client,
                        const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
    static_cast<void>(client);
    return Set(pairs);
  }
  virtual Status Rewrite() = 0;
};

struct ShutdownRequest {
  bool no_save = false;
  bool save = false;
  bool now = false;
  bool force = false;
  bool abort = false;
};

struct CommandStats {
  uint64_t calls = 0;
  uint64_t microseconds = 0;
  uint64_t rejected = 0;
  uint64_t failed = 0;
};

// kNowOrLater: as soon as no other child is at work.
enum class SaveWhen : uint8_t { kNow, kNowOrLater, kLater };
enum class BackgroundSave : uint8_t { kStarted, kScheduled };

// DEBUG RELOAD.
struct ReloadRequest {
  bool save = true;    // before
  bool flush = true;   // what is there, before loading
  bool merge = false;  // what is loaded replaces keys that are there
};

// Snapshots. The message of an error is the whole error reply.
class PersistenceControl {
 public:
  virtual ~PersistenceControl() = default;
  virtual Status Save() = 0;
  virtual Result<BackgroundSave> SaveInBackground(SaveWhen when) = 0;
  // Has a new base of the append-only file written.
  virtual Result<BackgroundSave> RewriteInBackground(SaveWhen when) = 0;
  // As RewriteInBackground, if that makes a checkpoint; else an error.
  virtual Result<BackgroundSave> CheckpointInBackground(SaveWhen when) = 0;
  // Of the last save that went well; when the server started, if there was none.
  virtual int64_t last_save_unix_seconds() const = 0;
  // Saves the data set and loads it again.
  virtual Status Reload(const ReloadRequest& request) = 0;
  // Loads the append-only file in place of what is there.
  virtual Status ReloadAppendOnly() = 0;
  // Every key of every database has been deleted on purpose.
  virtual void OnFlushAll() = 0;
};

class ServerControl {
 public:
  virtual ~ServerControl() = default;
  // INFO text of the named sections (lower case; "default", "all", "everything" too).
  virtual std::string Info(const std::vector<std::string>& sections) const = 0;
  virtual void ResetStats() = 0;
  // Answers an error, or ends the process soon (then the caller sends no reply).
  virtual Status Shutdown(const ShutdownRequest& request) = 0;
  virtual MemoryAccount& memory() = 0;
  // Bytes of client connections (buffers and bookkeeping), for MEMORY STATS.
  virtual uint64_t ClientMemoryBytes() const = 0;
  // `requirepass` (empty: none).
  virtual const std::string& password() const = 0;
  virtual void SetActiveExpire(bool on) = 0;
  // Writes a line to the server's log.
  virtual void Log(std::string_view text) = 0;
  // True if DEBUG is allowed to this client (enable-debug-command).
  virtual bool DebugAllowed(const ClientState& client) const = 0;
  virtual uint64_t proto_max_bulk_bytes() const = 0;
  virtual LatencyControl& latency() = 0;

  virtual PersistenceControl& persistence() = 0;
  // The error with which commands that write are refused; empty if they are not.
  virtual std::string_view WriteRefusal() const = 0;
};

// Transactions as MULTI and WATCH see them, of the client of that id.
class TransactionControl {
 public:
  virtual ~TransactionControl() = default;
  virtual bool IsOpen(uint64_t client) const = 0;
  virtual void Open(uint64_t client) = 0;
  // Ends the transaction and writes the whole reply of EXEC.
  virtual void Run(uint64_t client) = 0;
  // Ends the transaction, if there is one, and the client's watches.
  virtual void Discard(uint64_t client) = 0;
  virtual void Watch(uint64_t client, int database, std::string_view key) = 0;
  virtual void Unwatch(uint64_t client) = 0;
};

// The flash tier as TIER and MEMORY see it.
class TierControl {
 public:
  virtual ~TierControl() = default;
  virtual bool enabled() const = 0;
  // Name and value pairs, in order.
  virtual std::vector<std::pair<std::string, std::string>> Stats() const = 0;
  // "missing", "resident", "clean", "spilling", "cold" or "fetching".
  virtual std::string_view Where(int database, std::string_view key) const = 0;
  // Starts writing the key's value to flash. True if started or already cold.
  virtual bool Spill(int database, std::string_view key) = 0;
  // Reads the value of a cold key from flash, waiting for it, without promotion. Serves DEBUG DIGEST.
  virtual Result<formats::DecodedValue> ReadCold(int database, std::string_view key) = 0;
  // Brings the key's value back to RAM, waiting for it.
  virtual Status Load(int database, std::string_view key) = 0;
  virtual void Compact() = 0;
};

}  // namespace tidemark::commands
