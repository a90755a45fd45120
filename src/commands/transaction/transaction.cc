// MULTI EXEC DISCARD WATCH UNWATCH. The engine queues what comes between MULTI and EXEC and runs it; main thread.
#include "commands/errors.h"
#include "commands/transaction/handlers.h"

namespace tidemark::commands {

void MultiCommand(Context& ctx) {
  if (ctx.transactions.IsOpen(ctx.client.id)) return ctx.reply.Error(errors::kNestedMulti);
  ctx.transactions.Open(ctx.client.id);
  ctx.reply.Ok();
}

void ExecCommand(Context& ctx) {
  if (!ctx.transactions.IsOpen(ctx.client.id)) return ctx.reply.Error(errors::kExecWithoutMulti);
  ctx.transactions.Run(ctx.client.id);
}

void DiscardCommand(Context& ctx) {
  if (!ctx.transactions.IsOpen(ctx.client.id)) return ctx.reply.Error(errors::kDiscardWithoutMulti);
  ctx.transactions.Discard(ctx.client.id);
  ctx.reply.Ok();
}

void WatchCommand(Context& ctx) {
  if (ctx.transactions.IsOpen(ctx.client.id)) return ctx.reply.Error(errors::kWatchInMulti);
  for (const std::string_view key : ctx.args.subspan(1)) {
    ctx.transactions.Watch(ctx.client.id, ctx.client.database, key);
  }
  ctx.reply.Ok();
}

void UnwatchCommand(Context& ctx) {
  ctx.transactions.Unwatch(ctx.client.id);
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
