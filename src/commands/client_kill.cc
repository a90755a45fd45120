// CLIENT KILL: by address, or by filters that all must match.
#include <optional>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/client_attributes.h"
#include "commands/client_types.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

struct KillFilter {
  std::optional<uint64_t> id;
  std::optional<ClientType> type;
  std::optional<std::string_view> address;
  std::optional<std::string_view> local_address;
  std::optional<std::string_view> user;
  std::optional<int64_t> age_seconds_min;
  bool skip_caller = true;

  bool Matches(const ClientState& client, uint64_t caller_id, int64_t now_ms) const {
    if (skip_caller && client.id == caller_id) return false;
    if (id && client.id != *id) return false;
    if (type && *type != TypeOf(client)) return false;
    if (address && client.address != *address) return false;
    if (local_address && client.local_address != *local_address) return false;
    if (user && client.user != *user) return false;
    return !age_seconds_min || (now_ms - client.created_unix_ms) / 1000 >= *age_seconds_min;
  }
};

// A whole number from 1 on. Empty after having written one of the two errors.
std::optional<int64_t> PositiveArgument(Context& ctx, std::string_view text, std::string_view not_integer,
                                        std::string_view not_positive) {
  const std::optional<int64_t> value = ParseInt64(text);
  if (value && *value > 0) return value;
  ctx.reply.Error(value ? not_positive : not_integer);
  return std::nullopt;
}

// One option and its value. False after having written the error reply.
bool ParseOption(Context& ctx, std::string_view option, std::string_view value, KillFilter& filter) {
  if (IsWord(option, "id")) {
    const auto id = PositiveArgument(ctx, value, errors::kClientIdNotPositive, errors::kClientIdNotPositive);
    if (!id) return false;
    filter.id = static_cast<uint64_t>(*id);
  } else if (IsWord(option, "maxage")) {
    filter.age_seconds_min = PositiveArgument(ctx, value, errors::kMaxAgeNotInteger, errors::kMaxAgeNotPositive);
    if (!filter.age_seconds_min) return false;
  } else if (IsWord(option, "type")) {
    filter.type = ClientTypeArgument(ctx, value);
    if (!filter.type) return false;
  } else if (IsWord(option, "addr")) {
    filter.address = value;
  } else if (IsWord(option, "laddr")) {
    filter.local_address = value;
  } else if (IsWord(option, "user")) {
    if (value != kDefaultUser) {
      ctx.reply.Error("ERR No such user '" + std::string(Quotable(value)) + "'");
      return false;
    }
    filter.user = value;
  } else if (IsWord(option, "skipme") && (IsWord(value, "yes") || IsWord(value, "no"))) {
    filter.skip_caller = IsWord(value, "yes");
  } else {
    ctx.reply.Error(errors::kSyntax);
    return false;
  }
  return true;
}

int64_t KillMatching(Context& ctx, const KillFilter& filter) {
  std::vector<uint64_t> victims;
  for (const ClientView& view : ctx.clients.Clients()) {
    if (filter.Matches(*view.state, ctx.client.id, ctx.now_ms())) victims.push_back(view.state->id);
  }
  int64_t killed = 0;
  for (const uint64_t id : victims) killed += ctx.clients.Kill(id, ctx.client.id) ? 1 : 0;
  return killed;
}

}  // namespace

void ClientKillCommand(Context& ctx) {
  KillFilter filter;
  if (ctx.args.size() == 3) {
    filter.address = ctx.args[2];
    filter.skip_caller = false;
    if (KillMatching(ctx, filter) == 0) return ctx.reply.Error(errors::kNoSuchClient);
    return ctx.reply.Ok();
  }
  for (size_t i = 2; i < ctx.args.size(); i += 2) {
    if (i + 1 == ctx.args.size()) return ctx.reply.Error(errors::kSyntax);
    if (!ParseOption(ctx, ctx.args[i], ctx.args[i + 1], filter)) return;
  }
  ctx.reply.Integer(KillMatching(ctx, filter));
}

}  // namespace tidemark::commands
