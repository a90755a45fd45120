// Goal: the commands of a base file make the value again that they were made of, have the form that Redis writes, and
// none of them has more items than Redis puts in one.
#include "formats/value_commands.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "contents.h"
#include "formats/command_reader.h"
#include "formats/dump_payload.h"
#include "golden_payloads.h"
#include "support/byte_streams.h"

namespace tidemark::formats {
namespace {

using values::EncodingLimits;
using values::Object;
using values::OwnedObject;
using values::Stream;
using values::StreamId;
using values::Type;
using Words = std::vector<std::string>;
using Commands = std::vector<Words>;

const EncodingLimits kLimits;

Commands Split(std::string_view log) {
  StringSource source(log);
  CommandReader reader(source, {});
  Commands commands;
  while (reader.Next() == CommandReader::Item::kCommand) {
    commands.emplace_back(reader.words().begin(), reader.words().end());
  }
  EXPECT_EQ(reader.Next(), CommandReader::Item::kEnd) << reader.error();
  return commands;
}

Commands CommandsOf(const Object& object) {
  std::string log;
  AppendObjectCommands(log, "key", object);
  return Split(log);
}

StreamId IdOf(const std::string& text) {
  const size_t dash = text.find('-');
  return {*ParseUint64(text.substr(0, dash)), *ParseUint64(text.substr(dash + 1))};
}

// Does what the commands of a base file do, one key long.
class Replay {
 public:
  DecodedValue value;

  void Run(const Words& words) {
    EXPECT_EQ(words[words[0] == "XGROUP" ? 2 : 1], "key");
    const auto handler = Handlers().find(words[0] == "XGROUP" ? words[0] + " " + words[1] : words[0]);
    ASSERT_TRUE(handler != Handlers().end()) << words[0];
    (this->*handler->second)(words);
  }

 private:
  using Handler = void (Replay::*)(const Words&);
  static const std::map<std::string, Handler>& Handlers() {
    static const std::map<std::string, Handler> handlers = {{"SET", &Replay::Set},
                                                            {"RPUSH", &Replay::Push},
                                                            {"SADD", &Replay::AddMembers},
                                                            {"ZADD", &Replay::AddScored},
                                                            {"HMSET", &Replay::SetFields},
                                                            {"HPEXPIREAT", &Replay::ExpireField},
                                                            {"XADD", &Replay::AddEntry},
                                                            {"XSETID", &Replay::SetIds},
                                                            {"XGROUP CREATE", &Replay::AddGroup},
                                                            {"XGROUP CREATECONSUMER", &Replay::AddConsumer},
                                                            {"XCLAIM", &Replay::Claim},
                                                            {"XNACK", &Replay::Release},
                                                            {"XCFGSET", &Replay::Configure},
                                                            {"XIDMPRECORD", &Replay::Record}};
    return handlers;
  }

  Object& Make(Type type, Object (*make)()) {
    if (!value.object.has_value()) value.object = OwnedObject(make());
    value.type = type;
    EXPECT_EQ(value.object->type, type);
    return *value.object;
  }
  static void CheckPieces(const Words& words, size_t words_per_item) {
    EXPECT_LE(words.size(), 2 + kItemsPerCommand * words_per_item);
    EXPECT_EQ((words.size() - 2) % words_per_item, 0u);
  }

  void Set(const Words& words) { value.text = words[2]; }
  void Push(const Words& words) {
    CheckPieces(words, 1);
    Object& object = Make(Type::kList, [] { return values::NewList(); });
    for (size_t i = 2; i < words.size(); ++i) values::List(object, kLimits).Push(values::ListEnd::kTail, words[i]);
  }
  void AddMembers(const Words& words) {
    CheckPieces(words, 1);
    Object& object = Make(Type::kSet, [] { return values::NewTableSet(); });
    for (size_t i = 2; i < words.size(); ++i) EXPECT_TRUE(values::Set(object, kLimits).Add(words[i]));
  }
  void AddScored(const Words& words) {
    CheckPieces(words, 2);
    for (size_t i = 2; i < words.size(); i += 2) {
      scored.push_back(words[i + 1] + " " + FormatDouble(*ParseDouble(words[i])));
    }
    value.type = Type::kZSet;
  }
  void SetFields(const Words& words) {
    CheckPieces(words, 2);
    Object& object = Make(Type::kHash, [] { return values::NewHash(); });
    values::Hash hash(object, kLimits, values::HashView::kNoTime);
    for (size_t i = 2; i < words.size(); i += 2) hash.Set(words[i], words[i + 1]);
  }
  void ExpireField(const Words& words) {
    EXPECT_EQ((Words{words[3], words[4]}), (Words{"FIELDS", "1"}));
    values::Hash hash(*value.object, kLimits, values::HashView::kNoTime);
    hash.SetExpiry(hash.Find(words[5]), *ParseInt64(words[2]));
  }
  void AddEntry(const Words& words) {
    Stream& stream = Stream::Of(Make(Type::kStream, values::NewStream));
    const bool empty = words[2] == "MAXLEN";
    const size_t id = empty ? 4 : 2;
    const std::vector<std::string_view> pairs(words.begin() + static_cast<ptrdiff_t>(id) + 1, words.end());
    stream.Append(IdOf(words[id]), pairs, kLimits);
    if (empty) stream.Trim({.by = values::StreamTrim::By::kLength, .length_max = 0, .min_id = {}});
  }
  void SetIds(const Words& words) {
    Stream& stream = Stream::Of(*value.object);
    stream.set_last_id(IdOf(words[2]));
    stream.set_entries_added(*ParseUint64(words[4]));
    stream.set_max_deleted_id(IdOf(words[6]));
  }
  void AddGroup(const Words& words) {
    ASSERT_NE(Stream::Of(*value.object).AddGroup(words[3], IdOf(words[4]), *ParseInt64(words[6])), nullptr);
  }
  void AddConsumer(const Words& words) { Stream::Of(*value.object).FindGroup(words[3])->AddConsumer(words[4]); }
  void Claim(const Words& words) {
    values::ConsumerGroup& group = *Stream::Of(*value.object).FindGroup(words[2]);
    if (!Stream::Of(*value.object).Contains(IdOf(words[5]))) return;
    values::PendingEntry& entry = group.AddPending(
        {.id = IdOf(words[5]), .delivered_ms = *ParseInt64(words[7]), .delivery_count = *ParseUint64(words[9])});
    group.Assign(entry, *group.FindConsumer(words[3]));
    EXPECT_EQ((Words{words[10], words[11]}), (Words{"JUSTID", "FORCE"}));
  }
  void Release(const Words& words) {
    values::ConsumerGroup& group = *Stream::Of(*value.object).FindGroup(words[2]);
    values::PendingEntry& entry = group.AddPending({.id = IdOf(words[6]), .delivery_count = *ParseUint64(words[8])});
    group.Release(entry);
  }
  void Configure(const Words& words) {
    const values::IdempotencyLimits limits{*ParseInt64(words[3]), *ParseInt64(words[5])};
    Stream::Of(*value.object).GetProducers(limits);
  }
  void Record(const Words& words) {
    ASSERT_TRUE(Stream::Of(*value.object).producers()->Restore(words[2], words[3], IdOf(words[4])));
  }

 public:
  Contents scored;
};

// What comes back, for a value whose consumers have never been seen.
Contents Replayed(const DecodedValue& value) {
  std::string log;
  AppendValueCommands(log, "key", value);
  Replay replay;
  for (const Words& words : Split(log)) replay.Run(words);
  EXPECT_EQ(replay.value.type, value.type);
  return value.type == Type::kZSet ? replay.scored : ContentsOf(replay.value);
}

void ForgetWhenSeen(const Stream& stream) {
  for (const auto& group : stream.groups()) {
    for (const auto& consumer : group->consumers()) consumer->seen_ms = 0;
  }
}

TEST(ValueCommands, EveryGoldenValueComesBack) {
  for (const Golden& golden : ReadGolden()) {
    SCOPED_TRACE(golden.name);
    const Result<DumpPayload> opened = OpenDump(golden.payload);
    std::string_view body = opened->body;
    const Result<DecodedValue> value = DecodeValue(opened->type_tag, body, {.limits = kLimits});
    ASSERT_TRUE(value.has_value());
    if (value->type == Type::kStream) ForgetWhenSeen(Stream::Of(*value->object));
    EXPECT_EQ(Replayed(*value), ContentsOf(*value));
  }
}

TEST(ValueCommands, AreThoseOfRedis) {
  std::string log;
  AppendTextCommands(log, "key", "v");
  AppendExpiryCommand(log, "key", 99999999999999);
  EXPECT_EQ(log,
            "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1\r\nv\r\n"
            "*3\r\n$9\r\nPEXPIREAT\r\n$3\r\nkey\r\n$14\r\n99999999999999\r\n");
  OwnedObject list(values::NewList());
  for (int i = 0; i < 130; ++i) values::List(*list, kLimits).Push(values::ListEnd::kTail, std::to_string(i));
  const Commands pushes = CommandsOf(*list);
  ASSERT_EQ(pushes.size(), 3u);
  EXPECT_EQ(pushes[0].size(), 66u);
  EXPECT_EQ(pushes[1].size(), 66u);
  EXPECT_EQ(pushes[2], (Words{"RPUSH", "key", "128", "129"}));
  OwnedObject empty(values::NewStream());
  EXPECT_EQ(CommandsOf(*empty), (Commands{{"XADD", "key", "MAXLEN", "0", "0-1", "x", "y"},
                                          {"XSETID", "key", "0-0", "ENTRIESADDED", "0", "MAXDELETEDID", "0-0"}}));
  OwnedObject filled(values::NewStream());
  Stream& stream = Stream::Of(*filled);
  const std::string_view pairs[] = {"a", "b"};
  stream.Append({1, 1}, pairs, kLimits);
  stream.Append({2, 1}, pairs, kLimits);
  stream.DeleteOne({1, 1});
  stream.set_max_deleted_id({1, 1});
  values::ConsumerGroup& group = *stream.AddGroup("g", {2, 1}, 2);
  group.Assign(group.AddPending({.id = {2, 1}, .delivered_ms = 1795286426269, .delivery_count = 1}),
               group.AddConsumer("c"));
  EXPECT_EQ(CommandsOf(*filled), (Commands{{"XADD", "key", "2-1", "a", "b"},
                                           {"XSETID", "key", "2-1", "ENTRIESADDED", "2", "MAXDELETEDID", "1-1"},
                                           {"XGROUP", "CREATE", "key", "g", "2-1", "ENTRIESREAD", "2"},
                                           {"XGROUP", "CREATECONSUMER", "key", "g", "c"},
                                           {"XCLAIM", "key", "g", "c", "0", "2-1", "TIME", "1795286426269",
                                            "RETRYCOUNT", "1", "JUSTID", "FORCE"}}));
}

TEST(ValueCommands, ScoresComeBack) {
  using Limits = std::numeric_limits<double>;
  for (const double score : {0.1, -1.1, 1e300, 3.0, -0.0, 1e17, 123456789012345680.0, Limits::max(), Limits::min(),
                             Limits::denorm_min(), Limits::infinity(), -Limits::infinity(), 1.0 / 3}) {
    OwnedObject set(values::NewSortedSet());
    values::SortedSet(*set, kLimits).Set("m", score);
    const Commands commands = CommandsOf(*set);
    ASSERT_EQ(commands.size(), 1u);
    const std::optional<double> back = ParseDouble(commands[0][2]);
    ASSERT_TRUE(back.has_value()) << commands[0][2];
    EXPECT_EQ(*back, score) << commands[0][2];
    // The packed form knows no negative zero.
    EXPECT_EQ(std::signbit(*back), std::signbit(*values::SortedSetView(*set).Score("m")));
  }
}

TEST(ValueCommands, FieldsThatExpireComeBack) {
  DecodedValue value{.type = Type::kHash, .text = {}, .object = OwnedObject(values::NewHash())};
  values::Hash hash(*value.object, kLimits, values::HashView::kNoTime);
  for (int i = 0; i < 1000; ++i) {
    hash.Set("f" + std::to_string(i), "v");
    if (i % 3 == 0) hash.SetExpiry(hash.Find("f" + std::to_string(i)), 1000 + i);
    if (i != 20 && i != 999) continue;
    EXPECT_EQ(Replayed(value), ContentsOf(value)) << "packed, then a table";
  }
}

TEST(ValueCommands, WhatOnlyNewStreamsHaveComesBack) {
  DecodedValue value{.type = Type::kStream, .text = {}, .object = OwnedObject(values::NewStream())};
  Stream& stream = Stream::Of(*value.object);
  const std::string_view pairs[] = {"a", "1", "b", "2"};
  for (uint64_t i = 1; i < 5; ++i) stream.Append({i, 0}, pairs, kLimits);
  values::ConsumerGroup& group = *stream.AddGroup("g", {4, 0}, values::ConsumerGroup::kUnknownEntriesRead);
  group.Release(group.AddPending({.id = {3, 0}, .delivery_count = 7}));
  group.Release(group.AddPending({.id = {2, 0}, .delivery_count = values::PendingEntry::kDeliveriesMax}));
  values::IdempotentProducers& producers = stream.GetProducers({50, 20});
  ASSERT_TRUE(producers.Restore("p", "1", {1, 0}));
  ASSERT_TRUE(producers.Restore("p", "2", {2, 0}));
  ASSERT_TRUE(producers.Restore("q", "1", {1, 0}));
  EXPECT_EQ(Replayed(value), ContentsOf(value));
}

TEST(ValueCommands, PendingEntriesThatAreGoneAreForgottenAsByRedis) {
  DecodedValue value{.type = Type::kStream, .text = {}, .object = OwnedObject(values::NewStream())};
  Stream& stream = Stream::Of(*value.object);
  values::ConsumerGroup& group = *stream.AddGroup("g", {4, 0}, 0);
  group.Assign(group.AddPending({.id = {3, 0}}), group.AddConsumer("c"));
  const Contents back = Replayed(value);
  EXPECT_EQ(back.back(), "consumer c 0") << "the consumer stays";
}

}  // namespace
}  // namespace tidemark::formats
