#include "engine/replay.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/quoting.h"
#include "commands/context.h"
#include "commands/errors.h"
#include "commands/resolve.h"
#include "engine/engine.h"

namespace tidemark::engine {

Replay::Replay(Engine& engine, std::function<Status()> make_room)
    : engine_(engine),
      parts_(engine.parts()),
      make_room_(std::move(make_room)),
      reply_(output_, protocol::RespVersion::kResp2, this) {
  client_.authenticated = true;
  client_.loopback = true;
  reply_.set_muted(true);
}

void Replay::OnErrorReply(std::string_view text) {
  if (text == commands::errors::kDbIndexOutOfRange) too_few_databases_ = true;
  if (failed_++ == 0) first_error_ = std::string(running_) + ": " + std::string(text);
}

Status Replay::LoadKeys(const commands::CommandSpec& spec, std::span<const std::string_view> words) {
  const keyspace::Database& database = parts_.keyspace.database(client_.database);
  if (database.cold_count() == 0) return Status::Ok();
  keys_.clear();
  commands::CollectKeys(spec, words, keys_);
  for (const commands::KeyArgument& key : keys_) {
    if (key.need < commands::KeyNeed::kSize) continue;
    const keyspace::EntryRef ref = database.Find(parts_.keyspace.Hash(words[key.index]));
    if (!ref || !ref->cold()) continue;
    loaded_bytes_ += tiering::Locator(ref->locator()).max_payload_bytes();
    const Status loaded = engine_.Load(database.index(), words[key.index]);
    if (loaded.ok()) continue;
    return Status(loaded.code(), "the value of '" + std::string(words[key.index]) + "' on flash: " + loaded.message());
  }
  return Status::Ok();
}

void Replay::CollectWanted(std::span<const std::string_view> words, int database, std::vector<Wanted>& wanted) {
  const commands::CommandSpec* const spec = commands::LookupSpec(words);
  if (spec == nullptr || spec->keys.empty() || !commands::ArityFits(*spec, words.size())) return;
  keys_.clear();
  commands::CollectKeys(*spec, words, keys_);
  for (const commands::KeyArgument& key : keys_) {
    if (key.need < commands::KeyNeed::kSize) continue;
    const keyspace::HashedKey hashed = parts_.keyspace.Hash(words[key.index]);
    const keyspace::EntryRef ref = parts_.keyspace.database(database).Find(hashed);
    if (ref && ref->cold()) wanted.push_back({database, hashed.bytes, hashed.hash, tiering::Locator(ref->locator())});
  }
}

void Replay::Prefetch(const commands::CommandBatch& batch) {
  if (batch.size() < 2 || parts_.keyspace.total_cold() == 0) return;
  std::vector<Wanted> wanted;
  uint64_t bytes = 0;
  size_t counted = 0;
  int database = client_.database;
  batch.VisitWhile([&](std::span<const std::string_view> words) {
    if (SameWord(words[0], "select") && words.size() == 2) {
      database = static_cast<int>(ParseInt64(words[1]).value_or(-1));
      return database >= 0 && database < parts_.keyspace.database_count();
    }
    CollectWanted(words, database, wanted);
    for (; counted < wanted.size(); ++counted) bytes += wanted[counted].locator.max_payload_bytes();
    return bytes < kPrefetchedBytes;
  });
  const auto by_locator = [](const Wanted& a, const Wanted& b) { return a.locator.raw() < b.locator.raw(); };
  const auto same = [](const Wanted& a, const Wanted& b) { return a.locator == b.locator; };
  std::sort(wanted.begin(), wanted.end(), by_locator);
  wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
  if (wanted.size() < 2) return;
  loaded_bytes_ += bytes;
  std::vector<tiering::Locator> locators;
  for (const Wanted& one : wanted) locators.push_back(one.locator);
  const std::vector<tiering::FetchedValue> values = engine_.pager().ReadManyNow(locators);
  for (size_t i = 0; i < wanted.size(); ++i) {
    keyspace::Database& of = parts_.keyspace.database(wanted[i].database);
    keyspace::EntryRef ref = of.Find({wanted[i].key, wanted[i].hash});
    // What cannot be used is left to the command that needs it, which will say so.
    if (ref && ref->cold()) static_cast<void>(engine_.pager().Install(of, ref, values[i]).has_value());
  }
}

Status Replay::Run(const commands::CommandBatch& batch) {
  Prefetch(batch);
  Status done;
  size_t index = 0;
  batch.VisitWhile([&](std::span<const std::string_view> words) {
    done = RunOne(words);
    if (done.ok()) ++index;
    return done.ok();
  });
  if (done.ok()) return done;
  return Status(done.code(), done.message() + " at offset " + std::to_string(batch.origin(index)));
}

Status Replay::RunOne(std::span<const std::string_view> words) {
  if (loaded_bytes_ >= kPrefetchedBytes) {
    loaded_bytes_ = 0;
    TIDEMARK_RETURN_IF_ERROR(make_room_());
  }
  const commands::CommandSpec* const spec = commands::Resolve(words, resolve_error_);
  if (spec == nullptr || spec->function == nullptr) {
    return Status::InvalidArgument("Unknown command '" + std::string(words[0]) + "' (" + resolve_error_ + ")");
  }
  running_ = words[0];
  if (!spec->keys.empty()) TIDEMARK_RETURN_IF_ERROR(LoadKeys(*spec, words));
  commands::Context context{.args = words,
                            .spec = spec,
                            .reply = reply_,
                            .client = client_,
                            .keyspace = parts_.keyspace,
                            .clients = engine_,
                            .config = parts_.config,
                            .server = parts_.server,
                            .tier = engine_,
                            .transactions = engine_,
                            .effects = engine_.propagation()};
  spec->function(context);
  if (too_few_databases_) {
    // What follows would change another database.
    std::string command;
    for (const std::string_view word : words) command.append(command.empty() ? "" : " ").append(word);
    return Status::Corruption("The append-only file has the command " + QuoteWord(command) + ", but there are only " +
                              std::to_string(parts_.keyspace.database_count()) +
                              " databases. Start with `databases` as large as it was when the file was written");
  }
  return Status::Ok();
}

}  // namespace tidemark::engine
