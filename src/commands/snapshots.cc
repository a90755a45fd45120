// SAVE, BGSAVE, LASTSAVE, BGREWRITEAOF.
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

// A transaction is to be in the snapshot as a whole.
bool InExec(const Context& ctx) {
  return ctx.block == nullptr;
}

}  // namespace

void SaveCommand(Context& ctx) {
  const Status saved = ctx.server.persistence().Save();
  if (!saved.ok()) return ctx.reply.Error(saved.message());
  ctx.reply.Ok();
}

void BgSaveCommand(Context& ctx) {
  if (ctx.args.size() > 2 || (ctx.args.size() == 2 && !IsWord(ctx.args[1], "schedule"))) {
    return ctx.reply.Error(errors::kSyntax);
  }
  const SaveWhen when = ctx.args.size() == 2 ? SaveWhen::kNowOrLater : SaveWhen::kNow;
  const Result<BackgroundSave> begun = ctx.server.persistence().SaveInBackground(InExec(ctx) ? SaveWhen::kLater : when);
  if (!begun) return ctx.reply.Error(begun.error().message());
  ctx.reply.Simple(*begun == BackgroundSave::kStarted ? "Background saving started" : "Background saving scheduled");
}

void BgRewriteAofCommand(Context& ctx) {
  const Result<BackgroundSave> begun =
      ctx.server.persistence().RewriteInBackground(InExec(ctx) ? SaveWhen::kLater : SaveWhen::kNowOrLater);
  if (!begun) return ctx.reply.Error(begun.error().message());
  ctx.reply.Simple(*begun == BackgroundSave::kStarted ? "Background append only file rewriting started"
                                                      : "Background append only file rewriting scheduled");
}

void LastSaveCommand(Context& ctx) {
  ctx.reply.Integer(ctx.server.persistence().last_save_unix_seconds());
}

}  // namespace tidemark::commands
