#include "commands/hash/access.h"

#include <limits>

namespace tidemark::commands {

using keyspace::EntryRef;
using keyspace::HashedKey;

namespace {

// A command is not to wait for more; the rest is hidden, and goes with the next commands and in the background.
constexpr size_t kExpiredPerCommand = 64;

std::optional<EntryRef> Checked(Context& ctx, const EntryRef& ref, size_t most) {
  if (!CheckType(ctx, ref, values::Type::kHash)) return std::nullopt;
  if (!ref || ref->cold() || ref->encoding() == values::Encoding::kListpack) [[likely]] {
    return ref;
  }
  if (values::HashNextExpiry(ref->object()) >= ctx.expiry_now_ms() || !ctx.keyspace.context().expire_on_access) {
    return ref;
  }
  return ctx.db().EraseExpiredFields(ref, most);
}

}  // namespace

std::optional<EntryRef> LookupHashToRead(Context& ctx, const HashedKey& key) {
  return Checked(ctx, ctx.db().LookupRead(key), kExpiredPerCommand);
}

std::optional<EntryRef> LookupHashToWrite(Context& ctx, const HashedKey& key) {
  // Where the command is repeated no field has expired that nobody has named.
  const size_t most = ctx.effects.wanted() ? std::numeric_limits<size_t>::max() : kExpiredPerCommand;
  return Checked(ctx, ctx.db().LookupWrite(key), most);
}

void ReplyItem(Context& ctx, const std::optional<values::PackedItem>& item) {
  if (!item) {
    ctx.reply.Null();
  } else if (item->is_integer) {
    ctx.reply.BulkInteger(item->integer);
  } else {
    ctx.reply.Bulk(item->text);
  }
}

void HashEdit::Finish() {
  if (finished_) return;
  finished_ = true;
  if (hash_.erased_expired() > 0) {
    edit_.MarkChanged();
    ctx_.keyspace.stats().expired_fields += hash_.erased_expired();
  }
  edit_.Finish();
}

}  // namespace tidemark::commands
