// DUMP and RESTORE: values as bytes that any server of the family reads.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "formats/dump_payload.h"
#include "formats/value_codec.h"
#include "keyspace/access_clock.h"

namespace tidemark::commands {

using keyspace::AccessClock;
using keyspace::AccessMode;
using keyspace::Database;
using keyspace::DeleteCause;
using keyspace::EntryRef;
using keyspace::HashedKey;

namespace {

struct RestoreOptions {
  bool replace = false;
  bool absolute_ttl = false;
  std::optional<int64_t> idle_seconds;
  std::optional<int64_t> frequency;
};

// Empty after having written an error reply.
std::optional<RestoreOptions> ParseRestoreOptions(Context& ctx) {
  RestoreOptions options;
  for (size_t i = 4; i < ctx.args.size(); ++i) {
    const bool has_value = i + 1 < ctx.args.size();
    if (IsWord(ctx.args[i], "replace")) {
      options.replace = true;
    } else if (IsWord(ctx.args[i], "absttl")) {
      options.absolute_ttl = true;
    } else if (IsWord(ctx.args[i], "idletime") && has_value && !options.frequency) {
      options.idle_seconds = IntegerArgument(ctx, ++i);
      if (!options.idle_seconds) return std::nullopt;
      if (*options.idle_seconds < 0) {
        ctx.reply.Error(errors::kInvalidIdleTime);
        return std::nullopt;
      }
    } else if (IsWord(ctx.args[i], "freq") && has_value && !options.idle_seconds) {
      options.frequency = IntegerArgument(ctx, ++i);
      if (!options.frequency) return std::nullopt;
      if (*options.frequency < 0 || *options.frequency > UINT8_MAX) {
        ctx.reply.Error(errors::kInvalidFrequency);
        return std::nullopt;
      }
    } else {
      ctx.reply.Error(errors::kSyntax);
      return std::nullopt;
    }
  }
  return options;
}

// Unix time in milliseconds, 0 for none; empty after having written an error reply.
std::optional<int64_t> ParseExpiry(Context& ctx, bool absolute) {
  const std::optional<int64_t> ttl_ms = IntegerArgument(ctx, 2);
  if (!ttl_ms) return std::nullopt;
  if (*ttl_ms < 0) {
    ctx.reply.Error(errors::kInvalidTtl);
    return std::nullopt;
  }
  if (*ttl_ms == 0 || absolute) return *ttl_ms;
  return *ttl_ms > INT64_MAX - ctx.now_ms() ? INT64_MAX : *ttl_ms + ctx.now_ms();
}

Result<formats::DecodedValue> DecodePayload(Context& ctx, const formats::DumpPayload& payload) {
  std::string_view body = payload.body;
  return formats::DecodeValue(payload.type_tag, body, {.limits = ctx.limits(), .dialect = payload.dialect});
}

EntryRef Install(Database& db, const HashedKey& key, formats::DecodedValue& value) {
  if (value.type == values::Type::kString) return db.SetString({}, key, value.text);
  return db.SetObject({}, key, value.object.Release());
}

void SetAccess(Context& ctx, EntryRef& ref, const RestoreOptions& options) {
  const int64_t now = ctx.keyspace.clock().unix_us();
  const bool lfu = ctx.keyspace.options().access.mode == AccessMode::kLfu;
  if (lfu && options.frequency) {
    ctx.db().SetAccess(ref, AccessClock::FromFrequency(static_cast<uint8_t>(*options.frequency), now));
  } else if (!lfu && options.idle_seconds) {
    ctx.db().SetAccess(ref, AccessClock::FromIdleSeconds(static_cast<uint64_t>(*options.idle_seconds), now));
  }
}

// The same with the time at which the key expires.
void AddAbsoluteEffect(const Context& ctx, int64_t expiry_ms) {
  if (!ctx.effects.wanted()) return;
  ComposedEffect({"RESTORE", ctx.args[1]}).Number(expiry_ms).Words(ctx.args.subspan(3)).Word("ABSTTL").AddTo(ctx);
}

}  // namespace

void DumpCommand(Context& ctx) {
  const EntryRef ref = ctx.db().LookupRead(ctx.Key(1));
  if (!ref) return ctx.reply.Null();
  std::string payload(1, '\0');
  uint8_t type_tag;
  if (ref->type() == values::Type::kString) {
    char scratch[kInt64Chars];
    type_tag = formats::EncodeText(ref->StringView(scratch), formats::StringForm::kCompressed, payload);
  } else {
    type_tag = formats::EncodeObject(
        ref->object(), {.strings = formats::StringForm::kCompressed, .audience = formats::Audience::kRedis7}, payload);
  }
  payload[0] = static_cast<char>(type_tag);
  formats::SealDump(formats::RdbVersionOf(type_tag), payload);
  ctx.reply.Bulk(payload);
}

void RestoreCommand(Context& ctx) {
  const std::optional<RestoreOptions> options = ParseRestoreOptions(ctx);
  if (!options) return;
  Database& db = ctx.db();
  const HashedKey key = ctx.Key(1);
  const EntryRef existing = db.LookupWrite(key);
  if (existing && !options->replace) return ctx.reply.Error(errors::kBusyKey);
  const std::optional<int64_t> expiry_ms = ParseExpiry(ctx, options->absolute_ttl);
  if (!expiry_ms) return;
  const Result<formats::DumpPayload> payload = formats::OpenDump(ctx.args[3]);
  if (!payload) return ctx.reply.Error(errors::kBadDumpPayload);
  Result<formats::DecodedValue> value = DecodePayload(ctx, *payload);
  if (!value) return ctx.reply.Error(errors::kBadDataFormat);

  if (existing) db.Delete(existing, DeleteCause::kServer);
  if (*expiry_ms != 0 && *expiry_ms <= ctx.expiry_now_ms()) {
    if (existing) {
      ctx.MarkDirty();
      AddDeletionEffect(ctx, ctx.args[1], DeleteCause::kServer);
    }
    return ctx.reply.Ok();
  }
  EntryRef ref = Install(db, key, *value);
  if (*expiry_ms != 0) db.SetExpiry(ref, *expiry_ms);
  SetAccess(ctx, ref, *options);
  ctx.MarkDirty();
  if (*expiry_ms != 0 && !options->absolute_ttl) AddAbsoluteEffect(ctx, *expiry_ms);
  ctx.reply.Ok();
}

}  // namespace tidemark::commands
