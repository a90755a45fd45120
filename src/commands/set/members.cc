// Members put in, taken out, asked for: SADD, SREM, SMOVE, SISMEMBER, SMISMEMBER, SCARD, SMEMBERS. Main thread.
#include <cstdint>
#include <string_view>

#include "commands/container.h"
#include "commands/set/handlers.h"
#include "commands/set/replies.h"
#include "values/set.h"

namespace tidemark::commands {

using keyspace::ContainerEdit;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::Touch;
using values::Set;
using values::SetView;
using values::Type;

void SAddCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kSet)) return;
  const auto members = ctx.args.subspan(2);
  ContainerEdit edit(ctx.db(), key, ref,
                     ref ? values::Object() : values::NewSet(members[0], members.size(), ctx.limits()));
  Set set(edit.object(), ctx.limits());
  set.Expect(members.size());
  int64_t added = 0;
  for (const std::string_view member : members) added += set.Add(member) ? 1 : 0;
  if (added > 0) edit.MarkChanged();
  edit.Finish();
  ctx.MarkDirty(static_cast<uint64_t>(added));
  ctx.reply.Integer(added);
}

void SRemCommand(Context& ctx) {
  const HashedKey key = ctx.Key(1);
  const EntryRef ref = ctx.db().LookupWrite(key);
  if (!CheckType(ctx, ref, Type::kSet)) return;
  if (!ref) {
    ctx.reply.Integer(0);
    return;
  }
  ContainerEdit edit(ctx.db(), key, ref);
  Set set(edit.object(), ctx.limits());
  int64_t removed = 0;
  for (const std::string_view member : ctx.args.subspan(2)) removed += set.Remove(member) ? 1 : 0;
  if (removed > 0) edit.MarkChanged();
  edit.Finish();
  ctx.MarkDirty(static_cast<uint64_t>(removed));
  ctx.reply.Integer(removed);
}

namespace {

// False if the source does not have the member.
bool TakeOut(Context& ctx, const HashedKey& key, const EntryRef& ref, std::string_view member) {
  ContainerEdit edit(ctx.db(), key, ref);
  const bool removed = Set(edit.object(), ctx.limits()).Remove(member);
  if (removed) edit.MarkChanged();
  return removed;
}

// False if the destination has the member already.
bool PutIn(Context& ctx, const HashedKey& key, std::string_view member) {
  const EntryRef ref = ctx.db().LookupWrite(key, Touch::kNo);
  ContainerEdit edit(ctx.db(), key, ref, ref ? values::Object() : values::NewSet(member, 1, ctx.limits()));
  const bool added = Set(edit.object(), ctx.limits()).Add(member);
  if (added) edit.MarkChanged();
  return added;
}

}  // namespace

void SMoveCommand(Context& ctx) {
  const HashedKey source_key = ctx.Key(1);
  const HashedKey destination_key = ctx.Key(2);
  const std::string_view member = ctx.args[3];
  // A lookup may delete what has expired, and so move other entries: the one that is needed comes last.
  ctx.db().LookupWrite(destination_key);
  const EntryRef source = ctx.db().LookupWrite(source_key);
  if (!source) {
    ctx.reply.Integer(0);
    return;
  }
  if (!CheckType(ctx, source, Type::kSet)) return;
  if (ctx.args[1] == ctx.args[2]) {
    ctx.reply.Integer(SetView(source->object()).Contains(member) ? 1 : 0);
    return;
  }
  if (!CheckType(ctx, ctx.db().Find(destination_key), Type::kSet)) return;
  if (!TakeOut(ctx, source_key, source, member)) {
    ctx.reply.Integer(0);
    return;
  }
  ctx.MarkDirty(PutIn(ctx, destination_key, member) ? 2 : 1);
  ctx.reply.Integer(1);
}

void SIsMemberCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kSet)) return;
  ctx.reply.Integer(ref && SetView(ref->object()).Contains(ctx.args[2]) ? 1 : 0);
}

void SMIsMemberCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kSet)) return;
  const auto members = ctx.args.subspan(2);
  ctx.reply.Array(members.size());
  for (const std::string_view member : members) {
    ctx.reply.Integer(ref && SetView(ref->object()).Contains(member) ? 1 : 0);
  }
}

void SCardCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kSet)) return;
  ctx.reply.Integer(ref ? static_cast<int64_t>(*ref->ContainerSize()) : 0);
}

void SMembersCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!CheckType(ctx, ref, Type::kSet)) return;
  if (ref) {
    ReplyMembers(ctx, SetView(ref->object()));
  } else {
    ctx.reply.Set(0);
  }
}

}  // namespace tidemark::commands
