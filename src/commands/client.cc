// CLIENT: what a connection asks about itself and about the others. CLIENT KILL has a file of its own.
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/client_attributes.h"
#include "commands/client_line.h"
#include "commands/client_types.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/help.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

// "on" or "off". Empty after having written the error reply.
std::optional<bool> SwitchArgument(Context& ctx, size_t index) {
  if (IsWord(ctx.args[index], "on")) return true;
  if (IsWord(ctx.args[index], "off")) return false;
  ctx.reply.Error(errors::kSyntax);
  return std::nullopt;
}

void AppendLine(std::string& text, const ClientView& view, int64_t now_ms) {
  text += DescribeClient(view, now_ms);
  text += '\n';
}

const ClientView* FindClient(const std::vector<ClientView>& clients, uint64_t id) {
  const auto at = std::ranges::lower_bound(clients, id, {}, [](const ClientView& view) { return view.state->id; });
  return at != clients.end() && at->state->id == id ? &*at : nullptr;
}

void ListOfType(Context& ctx, std::optional<ClientType> type) {
  std::string text;
  for (const ClientView& view : ctx.clients.Clients()) {
    if (!type || TypeOf(*view.state) == *type) AppendLine(text, view, ctx.now_ms());
  }
  ctx.reply.Verbatim("txt", text);
}

void ListOfIds(Context& ctx, std::span<const std::string_view> ids) {
  const std::vector<ClientView> clients = ctx.clients.Clients();
  std::string text;
  for (const std::string_view argument : ids) {
    const std::optional<int64_t> id = ParseInt64(argument);
    if (!id) return ctx.reply.Error(errors::kBadClientId);
    const ClientView* view = *id < 0 ? nullptr : FindClient(clients, static_cast<uint64_t>(*id));
    if (view != nullptr) AppendLine(text, *view, ctx.now_ms());
  }
  ctx.reply.Verbatim("txt", text);
}

}  // namespace

void ClientGetNameCommand(Context& ctx) {
  if (ctx.client.name.empty()) return ctx.reply.Null();
  ctx.reply.Bulk(ctx.client.name);
}

// There is no tracking, so nothing is redirected.
void ClientGetRedirCommand(Context& ctx) {
  ctx.reply.Integer(-1);
}

void ClientIdCommand(Context& ctx) {
  ctx.reply.Integer(static_cast<int64_t>(ctx.client.id));
}

void ClientInfoCommand(Context& ctx) {
  const std::vector<ClientView> clients = ctx.clients.Clients();
  std::string text;
  if (const ClientView* view = FindClient(clients, ctx.client.id)) AppendLine(text, *view, ctx.now_ms());
  ctx.reply.Verbatim("txt", text);
}

void ClientListCommand(Context& ctx) {
  if (ctx.args.size() == 2) return ListOfType(ctx, std::nullopt);
  if (ctx.args.size() == 4 && IsWord(ctx.args[2], "type")) {
    const std::optional<ClientType> type = ClientTypeArgument(ctx, ctx.args[3]);
    if (type) ListOfType(ctx, type);
    return;
  }
  if (ctx.args.size() > 3 && IsWord(ctx.args[2], "id")) return ListOfIds(ctx, ctx.args.subspan(3));
  ctx.reply.Error(errors::kSyntax);
}

void ClientNoEvictCommand(Context& ctx) {
  const std::optional<bool> on = SwitchArgument(ctx, 2);
  if (!on) return;
  ctx.client.no_evict = *on;
  ctx.reply.Ok();
}

void ClientNoTouchCommand(Context& ctx) {
  const std::optional<bool> on = SwitchArgument(ctx, 2);
  if (!on) return;
  ctx.client.no_touch = *on;
  ctx.reply.Ok();
}

void ClientPauseCommand(Context& ctx) {
  if (ctx.args.size() > 4) return ReplySubcommandSyntaxError(ctx);
  PauseScope scope = PauseScope::kAll;
  if (ctx.args.size() == 4) {
    if (IsWord(ctx.args[3], "write")) {
      scope = PauseScope::kWrites;
    } else if (!IsWord(ctx.args[3], "all")) {
      return ctx.reply.Error(errors::kPauseMode);
    }
  }
  const std::optional<int64_t> timeout_ms = ParseInt64(ctx.args[2]);
  if (!timeout_ms) return ctx.reply.Error(errors::kTimeoutNotInteger);
  if (*timeout_ms < 0) return ctx.reply.Error(errors::kTimeoutNegative);
  if (*timeout_ms > std::numeric_limits<int64_t>::max() - ctx.now_ms()) {
    return ctx.reply.Error(errors::kTimeoutOutOfRange);
  }
  ctx.clients.Pause(ctx.now_ms() + *timeout_ms, scope);
  ctx.reply.Ok();
}

// OFF and SKIP are not answered themselves.
void ClientReplyCommand(Context& ctx) {
  if (IsWord(ctx.args[2], "on")) {
    ctx.client.reply_mode = ReplyMode::kOn;
    ctx.reply.set_muted(false);
    ctx.reply.Ok();
  } else if (IsWord(ctx.args[2], "off")) {
    ctx.client.reply_mode = ReplyMode::kOff;
  } else if (IsWord(ctx.args[2], "skip")) {
    if (ctx.client.reply_mode != ReplyMode::kOff) ctx.client.reply_mode = ReplyMode::kSkipNext;
  } else {
    ctx.reply.Error(errors::kSyntax);
  }
}

void ClientSetInfoCommand(Context& ctx) {
  const std::string_view attribute = ctx.args[2];
  std::string* field = IsWord(attribute, "lib-name")  ? &ctx.client.lib_name
                       : IsWord(attribute, "lib-ver") ? &ctx.client.lib_version
                                                      : nullptr;
  const std::string quoted(Quotable(attribute));
  if (field == nullptr) return ctx.reply.Error("ERR Unrecognized option '" + quoted + "'");
  if (!IsAttributeText(ctx.args[3])) {
    return ctx.reply.Error("ERR " + quoted + " cannot contain spaces, newlines or special characters.");
  }
  *field = ctx.args[3];
  ctx.reply.Ok();
}

void ClientSetNameCommand(Context& ctx) {
  if (SetClientName(ctx, ctx.args[2])) ctx.reply.Ok();
}

void ClientUnblockCommand(Context& ctx) {
  if (ctx.args.size() > 4) return ReplySubcommandSyntaxError(ctx);
  bool with_error = false;
  if (ctx.args.size() == 4) {
    with_error = IsWord(ctx.args[3], "error");
    if (!with_error && !IsWord(ctx.args[3], "timeout")) return ctx.reply.Error(errors::kUnblockReason);
  }
  const std::optional<int64_t> id = IntegerArgument(ctx, 2);
  if (!id) return;
  ctx.reply.Integer(*id > 0 && ctx.clients.Unblock(static_cast<uint64_t>(*id), with_error) ? 1 : 0);
}

void ClientUnpauseCommand(Context& ctx) {
  ctx.clients.Unpause();
  ctx.reply.Ok();
}

void ClientHelpCommand(Context& ctx) {
  ReplyHelp(ctx, "CLIENT",
            {
                "GETNAME",
                "    Tell the name of this connection.",
                "GETREDIR",
                "    Tell the id of the client that gets this one's invalidation messages.",
                "ID",
                "    Tell the id of this connection.",
                "INFO",
                "    Describe this connection.",
                "KILL <ip:port>",
                "    Close the connection from that address.",
                "KILL <option> <value> [<option> <value> [...]]",
                "    Close every connection that all the options fit:",
                "    * ID <client-id>",
                "    * ADDR (<ip:port>|<unixsocket>:0), its own address",
                "    * LADDR (<ip:port>|<unixsocket>:0), the address it connected to",
                "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
                "    * USER <username>",
                "    * MAXAGE <seconds>, open for at least that long",
                "    * SKIPME (YES|NO), whether to spare this connection (default: yes)",
                "LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)|ID <client-id> [<client-id> ...]]",
                "    Describe every connection, those of a type, or those with the ids.",
                "NO-EVICT (ON|OFF)",
                "    Spare this connection when clients take too much memory, or stop to.",
                "NO-TOUCH (ON|OFF)",
                "    Do not count this connection's commands as accesses to keys, or do so again.",
                "PAUSE <milliseconds> [WRITE|ALL]",
                "    Hold back all commands, or those that write, for some time.",
                "REPLY (ON|OFF|SKIP)",
                "    Send replies to this connection, send none, or leave out the next one.",
                "SETINFO (LIB-NAME <name>|LIB-VER <version>)",
                "    Tell the server which client library this is.",
                "SETNAME <name>",
                "    Name this connection.",
                "UNBLOCK <client-id> [TIMEOUT|ERROR]",
                "    End the wait of a blocked client, as if its time had run out or with an error.",
                "UNPAUSE",
                "    Let the commands go on that PAUSE holds back.",
            });
}

}  // namespace tidemark::commands
