// Fields of a hash by their names: set, read, looked for and deleted. Main thread.
#include <optional>

#include "commands/arguments.h"
#include "commands/hash/access.h"
#include "commands/hash/handlers.h"

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;
using values::HashView;
using values::PackedItem;

namespace {

// Sets the pairs from the third argument on. How many fields are new; empty after having written the error reply.
std::optional<int64_t> SetPairs(Context& ctx) {
  if (ctx.args.size() % 2 == 1) {
    ReplyWrongArity(ctx);
    return std::nullopt;
  }
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return std::nullopt;
  HashEdit edit(ctx, key, *ref);
  int64_t added = 0;
  for (size_t i = 2; i < ctx.args.size(); i += 2) added += edit.hash().Set(ctx.args[i], ctx.args[i + 1]) ? 1 : 0;
  edit.MarkChanged(ctx.args.size() / 2 - 1);
  return added;
}

// Calls answer(std::optional<PackedItem>) for the value of the field in the third argument.
template <typename Answer>
void AnswerField(Context& ctx, Answer&& answer) {
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  if (*ref) {
    answer(ViewHash(ctx, *ref).Get(ctx.args[2]));
  } else {
    answer(std::nullopt);
  }
}

int64_t Length(const std::optional<PackedItem>& item) {
  char scratch[kInt64Chars];
  return item ? static_cast<int64_t>(item->View(scratch).size()) : 0;
}

}  // namespace

void HSetCommand(Context& ctx) {
  if (const std::optional<int64_t> added = SetPairs(ctx)) ctx.reply.Integer(*added);
}

void HMSetCommand(Context& ctx) {
  if (SetPairs(ctx)) ctx.reply.Ok();
}

void HSetNxCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  HashEdit edit(ctx, key, *ref);
  const HashView::Place place = edit.hash().Find(ctx.args[2]);
  if (!place) {
    edit.hash().Insert(place, ctx.args[2], ctx.args[3]);
    edit.MarkChanged();
  }
  ctx.reply.Integer(place ? 0 : 1);
}

void HGetCommand(Context& ctx) {
  AnswerField(ctx, [&](const std::optional<PackedItem>& value) { ReplyItem(ctx, value); });
}

void HExistsCommand(Context& ctx) {
  AnswerField(ctx, [&](const std::optional<PackedItem>& value) { ctx.reply.Integer(value ? 1 : 0); });
}

void HStrlenCommand(Context& ctx) {
  AnswerField(ctx, [&](const std::optional<PackedItem>& value) { ctx.reply.Integer(Length(value)); });
}

void HMGetCommand(Context& ctx) {
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  ctx.reply.Array(ctx.args.size() - 2);
  for (const std::string_view field : ctx.args.subspan(2)) {
    ReplyItem(ctx, *ref ? ViewHash(ctx, *ref).Get(field) : std::nullopt);
  }
}

void HLenCommand(Context& ctx) {
  const std::optional<EntryRef> ref = LookupHashToRead(ctx, ctx.Key(1));
  if (!ref) return;
  ctx.reply.Integer(*ref ? static_cast<int64_t>(*(*ref)->ContainerSize()) : 0);
}

void HDelCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const std::optional<EntryRef> ref = LookupHashToWrite(ctx, key);
  if (!ref) return;
  int64_t erased = 0;
  if (*ref) {
    HashEdit edit(ctx, key, *ref);
    for (const std::string_view field : ctx.args.subspan(2)) erased += edit.hash().Erase(field) ? 1 : 0;
    if (erased > 0) edit.MarkChanged(static_cast<uint64_t>(erased));
  }
  ctx.reply.Integer(erased);
}

}  // namespace tidemark::commands
