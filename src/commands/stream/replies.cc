#include "commands/stream/replies.h"

#include <string>

#include "commands/words.h"

namespace tidemark::commands {

using values::PackedItem;
using values::Stream;
using values::StreamId;
using values::StreamIterator;

void ReplyStreamId(Context& ctx, const StreamId& id) {
  char scratch[StreamId::kChars];
  ctx.reply.Bulk(id.Format(scratch));
}

void ReplyStreamEntry(Context& ctx, StreamIterator& entry) {
  ctx.reply.Array(2);
  ReplyStreamEntryParts(ctx, entry);
}

void ReplyStreamEntryParts(Context& ctx, StreamIterator& entry) {
  ReplyStreamId(ctx, entry.id());
  ctx.reply.Array(2 * entry.field_count());
  char scratch[kInt64Chars];
  entry.ForEachField([&](const PackedItem& field, const PackedItem& value) {
    ctx.reply.Bulk(field.View(scratch));
    ctx.reply.Bulk(value.View(scratch));
  });
}

void ReplyStreamRange(Context& ctx, StreamIterator range, uint64_t count_max) {
  if (!range.Next()) {
    ctx.reply.Array(0);
    return;
  }
  uint64_t left = 1 + range.CountAhead(count_max == 0 ? UINT64_MAX : count_max - 1);
  ctx.reply.Array(left);
  do {
    ReplyStreamEntry(ctx, range);
  } while (--left > 0 && range.Next());
}

bool ReplyEntryOf(Context& ctx, const Stream& stream, const StreamId& id) {
  StreamIterator entry = stream.Range(id, id);
  if (!entry.Next()) return false;
  ReplyStreamEntry(ctx, entry);
  return true;
}

void ReplyNoKeyOrGroup(Context& ctx, std::string_view key, std::string_view group, std::string_view tail) {
  std::string text = "NOGROUP No such key '";
  text.append(Quotable(key)).append("' or consumer group '").append(Quotable(group)).append("'").append(tail);
  ctx.reply.Error(text);
}

void ReplyNoGroup(Context& ctx, std::string_view key, std::string_view group) {
  std::string text = "NOGROUP No such consumer group '";
  text.append(Quotable(group)).append("' for key name '").append(Quotable(key)).append("'");
  ctx.reply.Error(text);
}

}  // namespace tidemark::commands
