// OBJECT: what the server knows of a value beside the value. Main thread.
#include <optional>
#include <string>
#include <string_view>

#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/help.h"
#include "keyspace/access_clock.h"

namespace tidemark::commands {

using keyspace::AccessClock;
using keyspace::AccessMode;
using keyspace::Entry;
using keyspace::EntryRef;
using keyspace::Touch;

namespace {

// The entry that the command names; empty after having answered null.
EntryRef FindObject(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(2), Touch::kNo);
  if (!ref) ctx.reply.Null();
  return ref;
}

std::string Setting(const Context& ctx, std::string_view name) {
  const auto found = ctx.config.Get({name});
  return found.empty() ? std::string() : found.front().second;
}

// Whether small integers count as shared. Users of Redis know that they are, unless each value needs an access field of
// its own: under a memory limit with a policy that reads the fields.
bool SharesSmallIntegers(const Context& ctx) {
  const std::string policy = Setting(ctx, "maxmemory-policy");
  const bool reads_access = policy.ends_with("-lru") || policy.ends_with("-lfu");
  return !reads_access || Setting(ctx, "maxmemory") == "0";
}

}  // namespace

void ObjectHelpCommand(Context& ctx) {
  ReplyHelp(ctx, "OBJECT",
            {"ENCODING <key>", "    How the value of <key> is laid out in memory.", "FREQ <key>",
             "    How often <key> was accessed of late, on a logarithmic scale (LFU policies only).", "IDLETIME <key>",
             "    Seconds since <key> was last accessed (not with an LFU policy).", "REFCOUNT <key>",
             "    How many references the value of <key> has."});
}

void ObjectEncodingCommand(Context& ctx) {
  if (const EntryRef ref = FindObject(ctx)) ctx.reply.Bulk(values::EncodingName(ref->encoding()));
}

void ObjectFreqCommand(Context& ctx) {
  const EntryRef ref = FindObject(ctx);
  if (!ref) return;
  const keyspace::AccessOptions& access = ctx.keyspace.options().access;
  if (access.mode != AccessMode::kLfu) {
    ctx.reply.Error(errors::kNotLfu);
    return;
  }
  ctx.reply.Integer(AccessClock::Frequency(access, ref->access(), ctx.keyspace.clock().unix_us()));
}

void ObjectIdleTimeCommand(Context& ctx) {
  const EntryRef ref = FindObject(ctx);
  if (!ref) return;
  if (ctx.keyspace.options().access.mode == AccessMode::kLfu) {
    ctx.reply.Error(errors::kNotLru);
    return;
  }
  ctx.reply.Integer(AccessClock::IdleSeconds(ref->access(), ctx.keyspace.clock().unix_us()));
}

void ObjectRefCountCommand(Context& ctx) {
  constexpr int64_t kSharedCount = 2147483647;
  constexpr int64_t kSharedIntegers = 10000;
  const EntryRef ref = FindObject(ctx);
  if (!ref) return;
  const bool small = ref->is_integer() && ref->integer() >= 0 && ref->integer() < kSharedIntegers;
  ctx.reply.Integer(small && SharesSmallIntegers(ctx) ? kSharedCount : 1);
}

}  // namespace tidemark::commands
