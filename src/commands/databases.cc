// Commands on whole databases: DBSIZE, FLUSHDB, FLUSHALL, SWAPDB. Main thread.
#include <optional>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"

namespace tidemark::commands {

using keyspace::FreeMode;

namespace {

std::optional<FreeMode> ParseFlushMode(Context& ctx) {
  if (ctx.args.size() == 1) {
    return ctx.keyspace.options().lazyfree_lazy_user_flush ? FreeMode::kLazy : FreeMode::kNow;
  }
  if (ctx.args.size() == 2 && IsWord(ctx.args[1], "sync")) return FreeMode::kNow;
  if (ctx.args.size() == 2 && IsWord(ctx.args[1], "async")) return FreeMode::kLazy;
  ctx.reply.Error(errors::kSyntax);
  return std::nullopt;
}

// A number that need not be one of a database yet.
std::optional<int> ParseIndex(Context& ctx, size_t index, std::string_view error) {
  const std::optional<int64_t> number = ParseInt64(ctx.args[index]);
  if (number && *number == static_cast<int>(*number)) return static_cast<int>(*number);
  ctx.reply.Error(error);
  return std::nullopt;
}

}  // namespace

void DbSizeCommand(Context& ctx) {
  ctx.reply.Integer(static_cast<int64_t>(ctx.db().size()));
}

void FlushDbCommand(Context& ctx) {
  const std::optional<FreeMode> mode = ParseFlushMode(ctx);
  if (!mode) return;
  ctx.MarkDirty(ctx.db().size());
  ctx.db().Flush(*mode);
  // Repeated though there was nothing to delete: elsewhere there may be.
  ctx.effects.Add(ctx.args);
  ctx.reply.Ok();
}

void FlushAllCommand(Context& ctx) {
  const std::optional<FreeMode> mode = ParseFlushMode(ctx);
  if (!mode) return;
  ctx.MarkDirty(ctx.keyspace.total_keys());
  ctx.keyspace.FlushAll(*mode);
  ctx.server.persistence().OnFlushAll();
  // It counts though there was nothing to delete.
  ctx.MarkDirty();
  ctx.reply.Ok();
}

void SwapDbCommand(Context& ctx) {
  const std::optional<int> first = ParseIndex(ctx, 1, errors::kInvalidFirstDb);
  if (!first) return;
  const std::optional<int> second = ParseIndex(ctx, 2, errors::kInvalidSecondDb);
  if (!second) return;
  const int count = ctx.keyspace.database_count();
  if (*first < 0 || *first >= count || *second < 0 || *second >= count) {
    ctx.reply.Error(errors::kDbIndexOutOfRange);
    return;
  }
  ctx.keyspace.SwapDatabases(*first, *second);
  ctx.MarkDirty();
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
