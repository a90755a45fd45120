#include "engine/replay.h"

#include "commands/context.h"
#include "commands/resolve.h"
#include "engine/engine.h"

namespace tidemark::engine {

Replay::Replay(Engine& engine)
    : engine_(engine), parts_(engine.parts()), reply_(output_, protocol::RespVersion::kResp2, this) {
  client_.authenticated = true;
  client_.loopback = true;
  reply_.set_muted(true);
}

void Replay::OnErrorReply(std::string_view text) {
  if (failed_++ == 0) first_error_ = std::string(running_) + ": " + std::string(text);
}

Status Replay::LoadKeys(const commands::CommandSpec& spec, std::span<const std::string_view> words) {
  const keyspace::Database& database = parts_.keyspace.database(client_.database);
  if (database.cold_count() == 0) return Status::Ok();
  keys_.clear();
  commands::CollectKeys(spec, words, keys_);
  for (const commands::KeyArgument& key : keys_) {
    if (key.need < commands::KeyNeed::kSize) continue;
    const Status loaded = engine_.Load(database.index(), words[key.index]);
    if (loaded.ok() || loaded.code() == StatusCode::kNotFound) continue;
    return Status(loaded.code(), "the value of '" + std::string(words[key.index]) + "' on flash: " + loaded.message());
  }
  return Status::Ok();
}

Status Replay::Run(std::span<const std::string_view> words) {
  const commands::CommandSpec* const spec = commands::Resolve(words, resolve_error_);
  if (spec == nullptr || spec->function == nullptr) return Status::InvalidArgument(resolve_error_);
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
  return Status::Ok();
}

}  // namespace tidemark::engine
