// CONFIG: reading and changing the configuration of the running server.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/help.h"

namespace tidemark::commands {

void ConfigHelpCommand(Context& ctx) {
  ReplyHelp(ctx, "CONFIG",
            {"GET <pattern> [<pattern> ...]", "    The directives whose names match a pattern, and their values.",
             "SET <directive> <value> [<directive> <value> ...]", "    Change directives, all of them or none.",
             "RESETSTAT", "    Set the counters that INFO shows to zero.", "REWRITE",
             "    Write the configuration in force to the configuration file."});
}

void ConfigGetCommand(Context& ctx) {
  const std::vector<std::string_view> patterns(ctx.args.begin() + 2, ctx.args.end());
  const auto found = ctx.config.Get(patterns);
  ctx.reply.Map(found.size());
  for (const auto& [name, value] : found) {
    ctx.reply.Bulk(name);
    ctx.reply.Bulk(value);
  }
}

void ConfigSetCommand(Context& ctx) {
  if (ctx.args.size() % 2 != 0) return ctx.reply.Error(errors::kSyntax);
  std::vector<std::pair<std::string_view, std::string_view>> pairs;
  for (size_t i = 2; i < ctx.args.size(); i += 2) pairs.emplace_back(ctx.args[i], ctx.args[i + 1]);
  const Status done = ctx.config.SetFor(ctx.client, pairs);
  if (!done.ok()) return ctx.reply.Error(done.message());
  ctx.reply.Ok();
}

void ConfigResetStatCommand(Context& ctx) {
  ctx.server.ResetStats();
  ctx.reply.Ok();
}

void ConfigRewriteCommand(Context& ctx) {
  const Status done = ctx.config.Rewrite();
  if (!done.ok()) {
    ctx.server.Log("CONFIG REWRITE failed: " + done.message());
    return ctx.reply.Error(done.message());
  }
  ctx.server.Log("CONFIG REWRITE executed with success.");
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
