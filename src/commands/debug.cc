// DEBUG: for tests, and for looking into the server. Its subcommands are dispatched here, with their argument counts,
// as the table declares the container alone.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/numbers.h"
#include "commands/arguments.h"
#include "commands/composed_effect.h"
#include "commands/dataset_digest.h"
#include "commands/errors.h"
#include "commands/handlers.h"
#include "commands/help.h"
#include "commands/stored_value.h"
#include "formats/value_codec.h"
#include "keyspace/access_clock.h"
#include "values/list.h"

namespace tidemark::commands {
namespace {

using keyspace::AccessClock;
using keyspace::Database;
using keyspace::Entry;
using keyspace::EntryRef;

constexpr std::string_view kNotAllowed =
    "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a "
    "local "
    "connection, otherwise you need to set this option in the configuration file, and then restart the server.";

void Help(Context& ctx) {
  ReplyHelp(
      ctx, "DEBUG",
      {"DIGEST",
       "    A hex digest of all data: equal for equal data.",
       "DIGEST-VALUE <key> [<key> ...]",
       "    A hex digest of each value; zeros for a missing key.",
       "ERROR <text>",
       "    Answer an error with this text.",
       "HTSTATS <database>",
       "    How full the hash table of a database is.",
       "HTSTATS-KEY <key>",
       "    The same of a value that is a hash table.",
       "LOADAOF",
       "    Delete the data set and load the append-only file again.",
       "LOG <message>",
       "    Write a line to the server's log.",
       "OBJECT <key>",
       "    How <key> and its value are held.",
       "POPULATE <count> [<prefix>] [<size>]",
       "    Create string keys <prefix>:<n> (prefix 'key') with values value:<n>, filled up or cut to <size> bytes.",
       "PROTOCOL <type>",
       "    Answer a sample of a reply type: string, integer, double, bignum, null, array, set, map, attrib,",
       "    push, verbatim, true, false.",
       "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
       "    Save the data set, delete it and load it again; MERGE lets what is loaded replace keys that are there,",
       "    NOFLUSH leaves those, NOSAVE loads the file that is there.",
       "SET-ACTIVE-EXPIRE <0|1>",
       "    Stop or start deleting expired keys that nobody asks for.",
       "SLEEP <seconds>",
       "    Do nothing for so long, fractions allowed, nor anything for other clients."});
}

// As Redis reads this number: what is no number is zero.
void Sleep(Context& ctx) {
  const double seconds = std::strtod(std::string(ctx.args[2]).c_str(), nullptr);
  if (std::isfinite(seconds) && seconds > 0) std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  ctx.reply.Ok();
}

// Bytes of the value in a dump file.
size_t SerializedBytes(const StoredValue& value) {
  constexpr formats::EncodeOptions kAsDumped{.strings = formats::StringForm::kCompressed,
                                             .audience = formats::Audience::kRedis7};
  std::string body;
  if (value.is_string()) {
    formats::EncodeText(value.text(), kAsDumped.strings, body);
  } else {
    formats::EncodeObject(value.object(), kAsDumped, body);
  }
  return body.size();
}

// What is shown of a list of several nodes.
std::string DescribeNodes(const values::Object& object, const values::EncodingLimits& limits) {
  const values::ListView list(object);
  uint64_t bytes = 0;
  list.ForEachNode([&](const values::ListView::Node& node) { bytes += node.bytes.size(); });
  char average[32];
  std::snprintf(average, sizeof(average), "%.2f",
                static_cast<double>(list.size()) / static_cast<double>(list.node_count()));
  return " ql_nodes:" + std::to_string(list.node_count()) + " ql_avg_node:" + average +
         " ql_listpack_max:" + std::to_string(limits.list_max_listpack_size) +
         " ql_compressed:" + (limits.list_compress_depth == 0 ? "0" : "1") +
         " ql_uncompressed_size:" + std::to_string(bytes);
}

void Object(Context& ctx) {
  const EntryRef ref = ctx.db().Find(ctx.Key(2));
  if (!ref) return ctx.reply.Error(errors::kNoSuchKey);
  const Result<StoredValue> value = StoredValue::Read(ctx, ctx.client.database, *ref);
  if (!value) return ctx.reply.Error("ERR " + value.error().message());
  char address[32];
  std::snprintf(address, sizeof(address), "%p", static_cast<const void*>(ref.entry));
  const uint32_t lru = AccessClock::AsInRedis(ctx.keyspace.options().access, ref->access());
  // Of an LFU field it says as little as with Redis.
  const uint32_t idle = static_cast<uint32_t>(ctx.keyspace.clock().unix_seconds()) - lru;
  ctx.reply.Simple(
      "Value at:" + std::string(address) +
      " refcount:1 encoding:" + std::string(values::EncodingName(ref->encoding())) +
      " serializedlength:" + std::to_string(SerializedBytes(*value)) + " lru:" + std::to_string(lru) +
      " lru_seconds_idle:" + std::to_string(idle & AccessClock::kSecondsMask) +
      (ref->encoding() == values::Encoding::kQuicklist ? DescribeNodes(value->object(), ctx.limits()) : ""));
}

std::optional<int64_t> PositiveArgument(Context& ctx, size_t index) {
  const std::optional<int64_t> value = ParseInt64(ctx.args[index]);
  if (value && *value >= 0) return value;
  ctx.reply.Error("ERR value is out of range, must be positive");
  return std::nullopt;
}

void Populate(Context& ctx) {
  const std::optional<int64_t> count = PositiveArgument(ctx, 2);
  if (!count) return;
  const std::string prefix(ctx.args.size() > 3 ? ctx.args[3] : "key");
  int64_t bytes = 0;
  if (ctx.args.size() > 4) {
    const std::optional<int64_t> given = PositiveArgument(ctx, 4);
    if (!given) return;
    bytes = *given;
  }
  if (static_cast<uint64_t>(bytes) > ctx.server.proto_max_bulk_bytes()) {
    return ctx.reply.Error(errors::kStringTooLong);
  }
  Database& db = ctx.db();
  std::string key;
  std::string value;
  for (int64_t i = 0; i < *count; ++i) {
    key = prefix + ":" + std::to_string(i);
    const keyspace::HashedKey hashed = ctx.keyspace.Hash(key);
    if (db.LookupWrite(hashed, keyspace::Touch::kNo)) continue;
    value = "value:" + std::to_string(i);
    if (bytes > 0) value.resize(static_cast<size_t>(bytes), '\0');
    db.SetString({}, hashed, value);
    ctx.MarkDirty();
    // Who repeats it may not be allowed DEBUG.
    AddStringEffect(ctx, key, value);
  }
  ctx.reply.Ok();
}

void Digest(Context& ctx) {
  const Result<Sha1Digest> digest = DigestOfDataSet(ctx);
  if (!digest) return ctx.reply.Error("ERR " + digest.error().message());
  ctx.reply.Simple(ToHex(*digest));
}

void DigestValue(Context& ctx) {
  ctx.reply.Array(ctx.args.size() - 2);
  for (size_t i = 2; i < ctx.args.size(); ++i) {
    const EntryRef ref = ctx.db().Find(ctx.keyspace.Hash(ctx.args[i]));
    if (!ref) {
      ctx.reply.Simple(ToHex({}));
      continue;
    }
    const Result<Sha1Digest> digest = DigestOfValue(ctx, ctx.client.database, *ref);
    if (digest) {
      ctx.reply.Simple(ToHex(*digest));
    } else {
      ctx.reply.Error("ERR " + digest.error().message());
    }
  }
}

// The statistics of one table, with the words that tools look for.
std::string DescribeTable(const keyspace::EntryDict& dict) {
  std::map<size_t, size_t> chains;  // length -> how many
  size_t used = 0;
  size_t longest = 0;
  for (size_t index = 0; index < dict.bucket_count(); ++index) {
    size_t length = 0;
    dict.VisitChain(index, [&](keyspace::EntryDict::Slot) { ++length; });
    ++chains[length];
    used += length > 0 ? 1 : 0;
    longest = std::max(longest, length);
  }
  std::string text = "Hash table 0 stats (main hash table):\n";
  if (dict.size() == 0) return text + "No stats available for empty dictionaries\n";
  char line[96];
  const auto add = [&](const char* format, auto... values) {
    std::snprintf(line, sizeof(line), format, values...);
    text += line;
  };
  const double average = static_cast<double>(dict.size()) / static_cast<double>(used);
  add(" table size: %zu\n", dict.bucket_count());
  add(" number of elements: %zu\n", dict.size());
  add(" different slots: %zu\n", used);
  add(" max chain length: %zu\n", longest);
  add(" avg chain length (counted): %.02f\n", average);
  add(" avg chain length (computed): %.02f\n", average);
  text += " Chain length distribution:\n";
  for (const auto& [length, count] : chains) {
    add("   %zu: %zu (%.02f%%)\n", length, count,
        100.0 * static_cast<double>(count) / static_cast<double>(dict.bucket_count()));
  }
  return text;
}

void TableStats(Context& ctx) {
  const std::optional<int64_t> number = IntegerArgument(ctx, 2);
  if (!number) return;
  if (*number < 0 || *number >= ctx.keyspace.database_count()) return ctx.reply.Error("ERR Out of range database");
  const Database& db = ctx.keyspace.database(static_cast<int>(*number));
  // Expiries are part of the entries: the second table that tools expect is always empty.
  ctx.reply.Verbatim("txt", "[Dictionary HT]\n" + DescribeTable(db.dict()) +
                                "[Expires HT]\nHash table 0 stats (main hash table):\n"
                                "No stats available for empty dictionaries\n");
}

void TableStatsOfKey(Context& ctx) {
  if (!ctx.db().Find(ctx.Key(2))) return ctx.reply.Error(errors::kNoSuchKey);
  ctx.reply.Error("ERR The value stored at the specified key is not represented using an hash table");
}

void LogLine(Context& ctx) {
  ctx.server.Log("DEBUG LOG: " + std::string(ctx.args[2]));
  ctx.reply.Ok();
}

void SetActiveExpire(Context& ctx) {
  ctx.server.SetActiveExpire(std::atoi(std::string(ctx.args[2]).c_str()) != 0);
  ctx.reply.Ok();
}

void Error(Context& ctx) {
  ctx.reply.Error(ctx.args[2]);
}

void Protocol(Context& ctx) {
  const std::string_view type = ctx.args[2];
  protocol::ReplyWriter& reply = ctx.reply;
  const auto numbers = [&] {
    for (int i = 0; i < 3; ++i) reply.Integer(i);
  };
  if (IsWord(type, "string")) return reply.Bulk("Hello World");
  if (IsWord(type, "integer")) return reply.Integer(12345);
  if (IsWord(type, "double")) return reply.resp3() ? reply.Raw(",3.141\r\n") : reply.Bulk("3.141");
  if (IsWord(type, "null")) return reply.Null();
  if (IsWord(type, "array")) {
    reply.Array(3);
    return numbers();
  }
  if (IsWord(type, "set")) {
    reply.Set(3);
    return numbers();
  }
  if (IsWord(type, "map")) {
    reply.Map(3);
    for (int i = 0; i < 3; ++i) {
      reply.Integer(i);
      reply.Bool(i == 1);
    }
    return;
  }
  if (IsWord(type, "attrib")) {
    if (reply.resp3()) {
      reply.Raw("|1\r\n");
      reply.Bulk("key-popularity");
      reply.Array(2);
      reply.Bulk("key:123");
      reply.Integer(90);
    }
    return reply.Bulk("Some real reply following the attribute");
  }
  if (IsWord(type, "push")) {
    if (!reply.resp3()) return reply.Error("ERR RESP2 is not supported by this command");
    reply.Push(2);
    reply.Bulk("server-cpu-usage");
    reply.Integer(42);
    return reply.Bulk("Some real reply following the push reply");
  }
  if (IsWord(type, "true") || IsWord(type, "false")) return reply.Bool(IsWord(type, "true"));
  if (IsWord(type, "verbatim")) return reply.Verbatim("txt", "This is a verbatim\nstring");
  if (IsWord(type, "bignum")) {
    constexpr std::string_view kBig = "1234567999999999999999999999999999999";
    return reply.resp3() ? reply.Raw("(" + std::string(kBig) + "\r\n") : reply.Bulk(kBig);
  }
  reply.Error(
      "ERR Wrong protocol type name. Please use one of the following: "
      "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false");
}

void Reload(Context& ctx) {
  ReloadRequest request;
  for (const std::string_view option : ctx.args.subspan(2)) {
    if (IsWord(option, "merge")) {
      request.merge = true;
    } else if (IsWord(option, "noflush")) {
      request.flush = false;
    } else if (IsWord(option, "nosave")) {
      request.save = false;
    } else {
      return ctx.reply.Error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
    }
  }
  const Status done = ctx.server.persistence().Reload(request);
  if (!done.ok()) return ctx.reply.Error(done.message());
  ctx.reply.Ok();
}

void LoadAof(Context& ctx) {
  // What the transaction has done so far is not in the file.
  if (ctx.block == nullptr) return ctx.reply.Error("ERR DEBUG LOADAOF is not possible within a transaction");
  const Status done = ctx.server.persistence().ReloadAppendOnly();
  if (!done.ok()) return ctx.reply.Error(done.message());
  ctx.reply.Ok();
}

struct Subcommand {
  std::string_view name;  // lower case
  size_t args_min;        // with "DEBUG" and the name
  size_t args_max;
  CommandFunction function;
};

constexpr size_t kAnyNumber = SIZE_MAX;
constexpr Subcommand kSubcommands[] = {
    {"digest", 2, 2, Digest},
    {"digest-value", 2, kAnyNumber, DigestValue},
    {"error", 3, 3, Error},
    {"help", 2, 2, Help},
    {"htstats", 3, 3, TableStats},
    {"htstats-key", 3, 3, TableStatsOfKey},
    {"loadaof", 2, 2, LoadAof},
    {"log", 3, 3, LogLine},
    {"object", 3, 3, Object},
    {"populate", 3, 5, Populate},
    {"protocol", 3, 3, Protocol},
    {"reload", 2, kAnyNumber, Reload},
    {"set-active-expire", 3, 3, SetActiveExpire},
    {"sleep", 3, 3, Sleep},
};

}  // namespace

void DebugCommand(Context& ctx) {
  if (!ctx.server.DebugAllowed(ctx.client)) return ctx.reply.Error(kNotAllowed);
  for (const Subcommand& subcommand : kSubcommands) {
    if (!IsWord(ctx.args[1], subcommand.name)) continue;
    if (ctx.args.size() < subcommand.args_min || ctx.args.size() > subcommand.args_max) break;
    return subcommand.function(ctx);
  }
  ReplySubcommandSyntaxError(ctx);
}

}  // namespace tidemark::commands
