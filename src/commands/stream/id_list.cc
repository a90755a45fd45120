#include "commands/stream/id_list.h"

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/errors.h"
#include "commands/stream/ids.h"
#include "commands/stream/stream_effects.h"
#include "commands/stream/trim_options.h"

namespace tidemark::commands {

using values::Stream;
using values::StreamId;
using values::StreamReferences;

std::optional<IdList> ParseIdList(Context& ctx, size_t first) {
  IdList list;
  size_t at = first;
  if (const std::optional<StreamReferences> references = ParseReferences(ctx.args[at])) {
    list.references = *references;
    ++at;
  }
  if (at + 2 >= ctx.args.size() || !IsWord(ctx.args[at], "ids")) {
    ctx.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  const std::optional<int64_t> count = ParseInt64(ctx.args[at + 1]);
  if (!count || *count <= 0) {
    ctx.reply.Error(errors::kIdCountNotPositive);
    return std::nullopt;
  }
  at += 2;
  const size_t given = ctx.args.size() - at;
  if (static_cast<uint64_t>(*count) != given) {
    ctx.reply.Error(errors::kIdCountMismatch);
    return std::nullopt;
  }
  std::optional<std::vector<StreamId>> ids = StreamIdArguments(ctx, at, ctx.args.size());
  if (!ids) return std::nullopt;
  list.ids = std::move(*ids);
  return list;
}

IdOutcome EntryDeletion::Delete(const StreamId& id) {
  if (references_ == StreamReferences::kAcknowledged && stream_.IsReferenced(id)) return kIdStillReferenced;
  if (stream_.DeleteOne(id)) deleted_.push_back(id);
  if (references_ != StreamReferences::kDelete) return kIdDeleted;
  for (size_t i = 0; i < dropped_.size(); ++i) {
    if (stream_.groups()[i]->Acknowledge(id)) dropped_[i].push_back(id);
  }
  return kIdDeleted;
}

void EntryDeletion::AddEffects(const Context& ctx, std::string_view key) const {
  for (size_t i = 0; i < dropped_.size(); ++i) {
    AddAcknowledgementEffect(ctx, {key, stream_.groups()[i]->name()}, dropped_[i]);
  }
  AddEntryDeletionEffect(ctx, key, deleted_);
}

}  // namespace tidemark::commands
