// Commands on keys of any type, none of which needs a value but COPY. Main thread.
#include <cstdint>
#include <optional>

#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/string/values.h"

namespace tidemark::commands {

using keyspace::Database;
using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::FreeMode;
using keyspace::HashedKey;
using keyspace::Touch;

namespace {

// `how` is FreeMode or DeleteCause.
template <typename How>
void DeleteKeys(Context& ctx, How how) {
  Database& db = ctx.db();
  uint64_t deleted = 0;
  ForEachKey(ctx, 1, 1, [&](size_t, const HashedKey& key) {
    if (const EntryRef ref = db.LookupWrite(key, Touch::kNo)) {
      db.Delete(ref, how);
      ++deleted;
    }
    return true;
  });
  if (deleted > 0) ctx.MarkDirty(deleted);
  ctx.reply.Integer(static_cast<int64_t>(deleted));
}

void CountKeys(Context& ctx, Touch touch) {
  Database& db = ctx.db();
  int64_t found = 0;
  ForEachKey(ctx, 1, 1, [&](size_t, const HashedKey& key) {
    if (db.LookupRead(key, touch)) ++found;
    return true;
  });
  ctx.reply.Integer(found);
}

enum class RenameResult : uint8_t { kNoSource, kSameKey, kTargetExists, kRenamed };
enum class OnExisting : uint8_t { kReplace, kRefuse };

RenameResult Rename(Context& ctx, OnExisting on_existing) {
  Database& db = ctx.db();
  const EntryRef source = db.LookupWrite(ctx.Key(1));
  if (!source) return RenameResult::kNoSource;
  if (ctx.args[1] == ctx.args[2]) return RenameResult::kSameKey;
  const HashedKey target = ctx.Key(2);
  if (const EntryRef existing = db.LookupWrite(target)) {
    if (on_existing == OnExisting::kRefuse) return RenameResult::kTargetExists;
    db.Delete(existing, DeleteCause::kServer);
  }
  // The slot may be another one by now; the entry is where it was.
  db.MoveTo(db.RefOf(source.hash, source.entry), db, target);
  ctx.MarkDirty();
  return RenameResult::kRenamed;
}

struct CopyOptions {
  int database = 0;
  bool replace = false;
};

std::optional<CopyOptions> ParseCopyOptions(Context& ctx) {
  CopyOptions options{.database = ctx.client.database};
  for (size_t i = 3; i < ctx.args.size(); ++i) {
    if (IsWord(ctx.args[i], "replace")) {
      options.replace = true;
    } else if (IsWord(ctx.args[i], "db") && i + 1 < ctx.args.size()) {
      const std::optional<int> database = DatabaseArgument(ctx, ++i);
      if (!database) return std::nullopt;
      options.database = *database;
    } else {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

}  // namespace

void DelCommand(Context& ctx) {
  DeleteKeys(ctx, DeleteCause::kUser);
}

void UnlinkCommand(Context& ctx) {
  DeleteKeys(ctx, FreeMode::kLazy);
}

void ExistsCommand(Context& ctx) {
  CountKeys(ctx, Touch::kNo);
}

void TouchCommand(Context& ctx) {
  // What the command is for outweighs CLIENT NO-TOUCH.
  bool& no_touch = ctx.keyspace.context().no_touch;
  const bool before = no_touch;
  no_touch = false;
  CountKeys(ctx, Touch::kYes);
  no_touch = before;
}

void TypeCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1), Touch::kNo);
  ctx.reply.Simple(ref ? values::TypeName(ref->type()) : "none");
}

void RenameCommand(Context& ctx) {
  if (Rename(ctx, OnExisting::kReplace) == RenameResult::kNoSource) {
    ctx.reply.Error(errors::kNoSuchKey);
  } else {
    ctx.reply.Ok();
  }
}

void RenameNxCommand(Context& ctx) {
  switch (Rename(ctx, OnExisting::kRefuse)) {
    case RenameResult::kNoSource:
      ctx.reply.Error(errors::kNoSuchKey);
      break;
    case RenameResult::kRenamed:
      ctx.reply.Integer(1);
      break;
    case RenameResult::kSameKey:
    case RenameResult::kTargetExists:
      ctx.reply.Integer(0);
      break;
  }
}

void CopyCommand(Context& ctx) {
  const std::optional<CopyOptions> options = ParseCopyOptions(ctx);
  if (!options) return;
  if (options->database == ctx.client.database && ctx.args[1] == ctx.args[2]) {
    ctx.reply.Error(errors::kSameObject);
    return;
  }
  Database& db = ctx.db();
  Database& target_db = ctx.keyspace.database(options->database);
  const EntryRef source = db.LookupRead(ctx.Key(1));
  if (!source) {
    ctx.reply.Integer(0);
    return;
  }
  const HashedKey target = ctx.Key(2);
  if (const EntryRef existing = target_db.LookupWrite(target)) {
    if (!options->replace) {
      ctx.reply.Integer(0);
      return;
    }
    target_db.Delete(existing, DeleteCause::kServer);
  }
  db.CopyTo(db.RefOf(source.hash, source.entry), target_db, target);
  ctx.MarkDirty();
  ctx.reply.Integer(1);
}

void MoveCommand(Context& ctx) {
  const std::optional<int> database = DatabaseArgument(ctx, 2);
  if (!database) return;
  if (*database == ctx.client.database) {
    ctx.reply.Error(errors::kSameObject);
    return;
  }
  const HashedKey key = ctx.Key(1);
  Database& target_db = ctx.keyspace.database(*database);
  const EntryRef source = ctx.db().LookupWrite(key);
  if (!source || target_db.LookupWrite(key)) {
    ctx.reply.Integer(0);
    return;
  }
  ctx.db().MoveTo(source, target_db, key);
  ctx.MarkDirty();
  ctx.reply.Integer(1);
}

void RandomKeyCommand(Context& ctx) {
  if (const EntryRef ref = ctx.db().PickRandom()) {
    ctx.reply.Bulk(ref->key());
  } else {
    ctx.reply.Null();
  }
}

}  // namespace tidemark::commands
