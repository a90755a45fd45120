// The commands by which a client sets up its connection: PING ECHO HELLO AUTH SELECT QUIT RESET.
#include <optional>
#include <string>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/client_attributes.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/identity.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

void SpeakProtocol(Context& ctx, protocol::RespVersion version) {
  ctx.client.resp = version;
  ctx.reply.set_version(version);
}

// The protocol version that HELLO asks for. Empty after having written the error reply.
std::optional<protocol::RespVersion> RequestedProtocol(Context& ctx) {
  if (ctx.args.size() < 2) return ctx.client.resp;
  const std::optional<int64_t> version = ParseInt64(ctx.args[1]);
  if (!version) {
    ctx.reply.Error(errors::kProtocolNotInteger);
  } else if (*version == 2) {
    return protocol::RespVersion::kResp2;
  } else if (*version == 3) {
    return protocol::RespVersion::kResp3;
  } else {
    ctx.reply.Error(errors::kNoProto);
  }
  return std::nullopt;
}

// AUTH and SETNAME after the version, each carried out where it stands. False after having written the error reply.
bool ApplyHelloOptions(Context& ctx) {
  for (size_t i = 2; i < ctx.args.size(); ++i) {
    const size_t more = ctx.args.size() - 1 - i;
    if (IsWord(ctx.args[i], "auth") && more >= 2) {
      if (!Authenticate(ctx, ctx.args[i + 1], ctx.args[i + 2])) return false;
      i += 2;
    } else if (IsWord(ctx.args[i], "setname") && more >= 1) {
      if (!SetClientName(ctx, ctx.args[i + 1])) return false;
      i += 1;
    } else {
      ctx.reply.Error("ERR Syntax error in HELLO option '" + std::string(Quotable(ctx.args[i])) + "'");
      return false;
    }
  }
  return true;
}

}  // namespace

void AuthCommand(Context& ctx) {
  if (ctx.args.size() > 3) return ctx.reply.Error(errors::kSyntax);
  const bool password_alone = ctx.args.size() == 2;
  if (password_alone && PasswordIsOff(ctx)) return ctx.reply.Error(errors::kNoPassword);
  if (Authenticate(ctx, password_alone ? kDefaultUser : ctx.args[1], ctx.args.back())) ctx.reply.Ok();
}

void EchoCommand(Context& ctx) {
  ctx.reply.Bulk(ctx.args[1]);
}

void HelloCommand(Context& ctx) {
  const std::optional<protocol::RespVersion> version = RequestedProtocol(ctx);
  if (!version || !ApplyHelloOptions(ctx)) return;
  if (!ctx.client.authenticated) return ctx.reply.Error(errors::kHelloNoAuth);
  SpeakProtocol(ctx, *version);

  ctx.reply.Map(7);
  ctx.reply.Bulk("server");
  ctx.reply.Bulk(kServerName);
  ctx.reply.Bulk("version");
  ctx.reply.Bulk(kRedisVersion);
  ctx.reply.Bulk("proto");
  ctx.reply.Integer(static_cast<int64_t>(*version));
  ctx.reply.Bulk("id");
  ctx.reply.Integer(static_cast<int64_t>(ctx.client.id));
  ctx.reply.Bulk("mode");
  ctx.reply.Bulk(kServerMode);
  ctx.reply.Bulk("role");
  ctx.reply.Bulk(kServerRole);
  ctx.reply.Bulk("modules");
  ctx.reply.Array(0);
}

void PingCommand(Context& ctx) {
  if (ctx.args.size() > 2) return ReplyWrongArity(ctx);
  if (ctx.args.size() == 2) return ctx.reply.Bulk(ctx.args[1]);
  ctx.reply.Simple("PONG");
}

void QuitCommand(Context& ctx) {
  ctx.reply.Ok();
  ctx.client.close_after_reply = true;
}

// What says which library is connected stays: the library has not changed.
void ResetCommand(Context& ctx) {
  ctx.transactions.Discard(ctx.client.id);
  ctx.client.name.clear();
  ctx.client.user = kDefaultUser;
  ctx.client.authenticated = PasswordIsOff(ctx);
  ctx.client.database = 0;
  ctx.client.reply_mode = ReplyMode::kOn;
  ctx.client.no_evict = false;
  ctx.client.no_touch = false;
  ctx.client.fieldsets.DiscardAll();
  SpeakProtocol(ctx, protocol::RespVersion::kResp2);
  ctx.reply.set_muted(false);
  ctx.reply.Simple("RESET");
}

void SelectCommand(Context& ctx) {
  const std::optional<int> index = DatabaseArgument(ctx, 1);
  if (!index) return;
  ctx.client.database = *index;
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
