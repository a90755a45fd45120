// A server in miniature for tests of command functions: fakes of the services and a harness that runs command lines
// against a real keyspace.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/glob.h"
#include "base/memory.h"
#include "commands/command_spec.h"
#include "commands/context.h"
#include "commands/latency_control.h"
#include "commands/resolve.h"
#include "commands/services.h"
#include "keyspace/keyspace.h"
#include "protocol/output_buffer.h"
#include "protocol/reply_writer.h"

namespace tidemark::commands::fakes {

class FakeClients : public ClientDirectory {
 public:
  std::vector<ClientView> Clients() const override {
    std::vector<ClientView> views;
    for (const ClientState* state : states) {
      ClientView view;
      view.state = state;
      views.push_back(view);
    }
    return views;
  }
  bool Kill(uint64_t id, uint64_t) override {
    killed.push_back(id);
    return std::erase_if(states, [&](const ClientState* state) { return state->id == id; }) > 0;
  }
  void Pause(int64_t until_unix_ms, PauseScope scope) override {
    paused_until_ms = until_unix_ms;
    pause_scope = scope;
  }
  void Unpause() override { paused_until_ms = 0; }
  bool Unblock(uint64_t id, bool with_error) override {
    unblocked.emplace_back(id, with_error);
    return std::ranges::find(blocked, id) != blocked.end();
  }

  std::vector<const ClientState*> states;  // in order of their ids
  std::vector<uint64_t> blocked;
  std::vector<uint64_t> killed;
  std::vector<std::pair<uint64_t, bool>> unblocked;
  int64_t paused_until_ms = 0;
  PauseScope pause_scope = PauseScope::kAll;
};

class FakeConfig : public Configuration {
 public:
  std::vector<std::pair<std::string, std::string>> Get(const std::vector<std::string_view>& patterns) const override {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& directive : values) {
      if (std::ranges::any_of(patterns,
                              [&](auto pattern) { return GlobMatch(pattern, directive.first, CaseRule::kIgnore); })) {
        found.push_back(directive);
      }
    }
    return found;
  }
  Status Set(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) override {
    if (!set_status.ok()) return set_status;
    for (const auto& [name, value] : pairs) values[std::string(name)] = value;
    return Status::Ok();
  }
  Status Rewrite() override { return rewrite_status; }

  std::map<std::string, std::string> values;
  Status set_status;
  Status rewrite_status;
};

class FakeLatency : public LatencyControl {
 public:
  std::vector<LatencySample> History(std::string_view event) const override {
    const auto it = samples.find(std::string(event));
    return it == samples.end() ? std::vector<LatencySample>() : it->second;
  }
  std::vector<LatencySeries> Latest() const override {
    std::vector<LatencySeries> latest;
    for (const auto& [event, all] : samples) latest.push_back({event, all.back(), all.back().milliseconds});
    return latest;
  }
  bool Reset(std::string_view event) override { return samples.erase(std::string(event)) > 0; }
  std::vector<CommandLatency> Histograms(const std::vector<std::string>& names) const override {
    asked = names;
    return histograms;
  }
  std::string Doctor() const override { return "well"; }
  std::string Graph(std::string_view event) const override { return History(event).empty() ? "" : "graph"; }

  std::map<std::string, std::vector<LatencySample>> samples;
  std::vector<CommandLatency> histograms;
  mutable std::vector<std::string> asked;
};

class FakePersistence : public PersistenceControl {
 public:
  Status Save() override {
    ++saves;
    return save_status;
  }
  Result<BackgroundSave> SaveInBackground(SaveWhen when) override {
    if (!save_status.ok()) return save_status;
    return when == SaveWhen::kLater ? BackgroundSave::kScheduled : BackgroundSave::kStarted;
  }
  Result<BackgroundSave> RewriteInBackground(SaveWhen when) override { return SaveInBackground(when); }
  Result<BackgroundSave> CheckpointInBackground(SaveWhen when) override { return SaveInBackground(when); }
  Status ReloadAppendOnly() override { return save_status; }
  int64_t last_save_unix_seconds() const override { return 1234; }
  Status Reload(const ReloadRequest& request) override {
    reloads.push_back(request);
    return save_status;
  }
  void OnFlushAll() override { ++flushes; }

  Status save_status;
  int saves = 0;
  int flushes = 0;
  std::vector<ReloadRequest> reloads;
};

class FakeServer : public ServerControl {
 public:
  std::string Info(const std::vector<std::string>& sections) const override {
    std::string text;
    for (const std::string& section : sections) text += "# " + section + "\r\n";
    return text;
  }
  void ResetStats() override { ++stats_resets; }
  Status Shutdown(const ShutdownRequest& request) override {
    shutdowns.push_back(request);
    return shutdown_status;
  }
  // One for the process: an account takes an arena of the allocator for good.
  MemoryAccount& memory() override {
    static MemoryAccount account;
    return account;
  }
  uint64_t ClientMemoryBytes() const override { return client_memory_bytes; }
  const std::string& password() const override { return required_password; }
  void SetActiveExpire(bool on) override { active_expire = on; }
  void Log(std::string_view text) override { log.emplace_back(text); }
  bool DebugAllowed(const ClientState&) const override { return debug_allowed; }
  uint64_t proto_max_bulk_bytes() const override { return bulk_bytes_max; }
  LatencyControl& latency() override { return fake_latency; }
  PersistenceControl& persistence() override { return snapshots; }
  std::string_view WriteRefusal() const override { return write_refusal; }

  std::string write_refusal;
  FakePersistence snapshots;

  std::string required_password;
  Status shutdown_status;
  std::vector<ShutdownRequest> shutdowns;
  std::vector<std::string> log;
  FakeLatency fake_latency;
  uint64_t client_memory_bytes = 0;
  uint64_t bulk_bytes_max = 512ull * 1024 * 1024;
  int stats_resets = 0;
  bool active_expire = true;
  bool debug_allowed = true;
};

class FakeTier : public TierControl {
 public:
  bool enabled() const override { return tier_enabled; }
  std::vector<std::pair<std::string, std::string>> Stats() const override { return stats; }
  std::string_view Where(int, std::string_view key) const override {
    const auto at = where.find(std::string(key));
    return at == where.end() ? "missing" : std::string_view(at->second);
  }
  bool Spill(int, std::string_view key) override {
    spilled.emplace_back(key);
    return Where(0, key) != "missing";
  }
  Result<formats::DecodedValue> ReadCold(int, std::string_view key) override {
    const auto at = cold_values.find(std::string(key));
    if (at == cold_values.end()) return Status::NotFound("not on flash");
    formats::DecodedValue value;
    value.text = at->second;
    return value;
  }
  Status Load(int, std::string_view key) override {
    loaded.emplace_back(key);
    return load_status;
  }
  void Compact() override { ++compactions; }

  bool tier_enabled = true;
  std::vector<std::pair<std::string, std::string>> stats;
  std::map<std::string, std::string> where;  // by key, whatever the database
  std::map<std::string, std::string> cold_values;
  std::vector<std::string> spilled;
  std::vector<std::string> loaded;
  Status load_status;
  int compactions = 0;
};

// What a command asks to have repeated in its place.
class FakeEffects : public Effects {
 public:
  bool wanted() const override { return true; }
  using Effects::Add;
  void Add(std::span<const std::string_view> words) override { added.emplace_back(words.begin(), words.end()); }
  void AddNothing() override { nothing = true; }

  std::vector<std::vector<std::string>> added;
  bool nothing = false;
};

class FakeTransactions : public TransactionControl {
 public:
  bool IsOpen(uint64_t) const override { return open; }
  void Open(uint64_t) override { open = true; }
  void Run(uint64_t) override { open = false; }
  void Discard(uint64_t) override { open = false; }
  void Watch(uint64_t, int, std::string_view key) override { watched.emplace_back(key); }
  void Unwatch(uint64_t) override { watched.clear(); }

  bool open = false;
  std::vector<std::string> watched;
};

class Harness {
 public:
  static constexpr int64_t kStartUnixMs = 1'700'000'000'000;
  static constexpr uint64_t kSeed = 42;

  explicit Harness(keyspace::KeyspaceOptions options = {}) : keyspace(options, StartClock(), kSeed) {
    client.id = 7;
    client.fd = 9;
    client.address = "127.0.0.1:50000";
    client.local_address = "127.0.0.1:6379";
    client.authenticated = true;
    client.created_unix_ms = client.last_active_unix_ms = kStartUnixMs;
    clients.states.push_back(&client);
  }

  // Runs one command as a session would, without its gates; answers the bytes of the reply. An argument may be put in
  // double quotes.
  std::string Run(std::string_view line) { return RunArgs(Split(line)); }

  std::string RunArgs(const std::vector<std::string>& words) {
    const std::vector<std::string_view> args(words.begin(), words.end());
    protocol::OutputBuffer out;
    protocol::ReplyWriter reply(out, client.resp);
    reply.set_muted(client.reply_mode != ReplyMode::kOn);
    std::string error;
    const CommandSpec* spec = Resolve(args, error);
    if (spec == nullptr) {
      reply.Error(error);
    } else {
      client.last_command = spec->name;
      Context context{.args = args,
                      .spec = spec,
                      .reply = reply,
                      .client = client,
                      .keyspace = keyspace,
                      .clients = clients,
                      .config = config,
                      .server = server,
                      .tier = tier,
                      .transactions = transactions,
                      .effects = effects};
      spec->function(context);
    }
    return TakeBytes(out);
  }

  // Splits at spaces, but for those inside double quotes.
  static std::vector<std::string> Split(std::string_view line) {
    std::vector<std::string> words;
    bool in_word = false;
    bool in_quotes = false;
    for (const char c : line) {
      if (c == ' ' && !in_quotes) {
        in_word = false;
        continue;
      }
      if (!in_word) words.emplace_back();
      in_word = true;
      if (c == '"') {
        in_quotes = !in_quotes;
      } else {
        words.back() += c;
      }
    }
    return words;
  }

  Clock clock;
  keyspace::Keyspace keyspace;
  FakeClients clients;
  FakeConfig config;
  FakeServer server;
  FakeTier tier;
  FakeTransactions transactions;
  FakeEffects effects;
  ClientState client;

 private:
  const Clock& StartClock() {
    clock.Set(kStartUnixMs * 1000, 1'000'000);
    return clock;
  }

  static std::string TakeBytes(protocol::OutputBuffer& out) {
    std::string bytes;
    while (!out.empty()) {
      iovec vectors[16];
      const int count = out.Gather(vectors);
      size_t taken = 0;
      for (int i = 0; i < count; ++i) {
        bytes.append(static_cast<const char*>(vectors[i].iov_base), vectors[i].iov_len);
        taken += vectors[i].iov_len;
      }
      out.Consume(taken);
    }
    return bytes;
  }
};

}  // namespace tidemark::commands::fakes
