// SAVE, BGSAVE, LASTSAVE.
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/words.h"

namespace tidemark::commands {

void SaveCommand(Context& ctx) {
  const Status saved = ctx.server.persistence().Save();
  if (!saved.ok()) return ctx.reply.Error(saved.message());
  ctx.reply.Ok();
}

void BgSaveCommand(Context& ctx) {
  if (ctx.args.size() > 2 || (ctx.args.size() == 2 && !IsWord(ctx.args[1], "schedule"))) {
    return ctx.reply.Error(errors::kSyntax);
  }
  // A transaction is to be in the snapshot as a whole.
  const bool in_exec = ctx.block == nullptr;
  const Result<BackgroundSave> begun =
      ctx.server.persistence().SaveInBackground(in_exec ? SaveWhen::kLater : SaveWhen::kNow);
  if (!begun) return ctx.reply.Error(begun.error().message());
  ctx.reply.Simple(*begun == BackgroundSave::kStarted ? "Background saving started" : "Background saving scheduled");
}

void LastSaveCommand(Context& ctx) {
  ctx.reply.Integer(ctx.server.persistence().last_save_unix_seconds());
}

}  // namespace tidemark::commands
