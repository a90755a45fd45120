// TIER: looking at the flash tier, and moving single values by hand.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/numbers.h"
#include "commands/handlers.h"
#include "commands/help.h"

namespace tidemark::commands {

void TierHelpCommand(Context& ctx) {
  ReplyHelp(
      ctx, "TIER",
      {"CHECKPOINT", "    Start to write a base of the append-only file that names the values on flash.", "COMPACT",
       "    Start to give the space of dead records on flash back to the file system.", "LOAD <key> [<key> ...]",
       "    Bring values from flash back to RAM; the number of keys that have theirs there.", "SPILL <key> [<key> ...]",
       "    Start to move values to flash; the number of keys whose values are going there or are there.", "STATS",
       "    The figures of the tier, as in INFO tiering.", "WHERE <key>",
       "    missing, resident (in RAM), clean (in RAM, with a copy on flash), spilling (being written to flash),",
       "    cold (on flash) or fetching (on flash, being read)."});
}

void TierCheckpointCommand(Context& ctx) {
  const bool in_exec = ctx.block == nullptr;
  const Result<BackgroundSave> begun =
      ctx.server.persistence().CheckpointInBackground(in_exec ? SaveWhen::kLater : SaveWhen::kNowOrLater);
  if (!begun) return ctx.reply.Error(begun.error().message());
  ctx.reply.Simple(*begun == BackgroundSave::kStarted ? "Checkpoint started" : "Checkpoint scheduled");
}

void TierStatsCommand(Context& ctx) {
  const auto stats = ctx.tier.Stats();
  ctx.reply.Map(stats.size());
  for (const auto& [name, value] : stats) {
    ctx.reply.Bulk(name);
    if (const std::optional<int64_t> number = ParseInt64(value)) {
      ctx.reply.Integer(*number);
    } else {
      ctx.reply.Bulk(value);
    }
  }
}

void TierWhereCommand(Context& ctx) {
  ctx.reply.Bulk(ctx.tier.Where(ctx.client.database, ctx.args[2]));
}

void TierSpillCommand(Context& ctx) {
  const auto keys = ctx.args.subspan(2);
  ctx.reply.Integer(
      std::ranges::count_if(keys, [&](std::string_view key) { return ctx.tier.Spill(ctx.client.database, key); }));
}

void TierLoadCommand(Context& ctx) {
  int64_t loaded = 0;
  for (const std::string_view key : ctx.args.subspan(2)) {
    if (!ctx.db().Find(ctx.keyspace.Hash(key))) continue;
    const Status done = ctx.tier.Load(ctx.client.database, key);
    if (!done.ok()) return ctx.reply.Error("ERR " + done.message());
    ++loaded;
  }
  ctx.reply.Integer(loaded);
}

void TierCompactCommand(Context& ctx) {
  ctx.tier.Compact();
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
