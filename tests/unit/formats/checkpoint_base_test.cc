// Goal: the base file of a checkpoint brings back what the entries of cold keys know and what the tier needs; who has
// no tier refuses it; damage is an error.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "formats/checkpoint_head.h"
#include "formats/crc64.h"
#include "formats/rdb_opcodes.h"
#include "formats/rdb_reader.h"
#include "formats/rdb_writer.h"
#include "formats/value_codec.h"
#include "support/byte_streams.h"

namespace tidemark::formats {
namespace {

using values::Encoding;
using values::Type;
using namespace std::string_literals;

const std::string kDescription = "\x01\x00\xff binary \r\n"s + std::string(300, 'd');
constexpr HashSeed kSeed{0x0123456789abcdef, 0xfedcba9876543210};

class WithoutTier : public RdbHandler {
 public:
  Status OnAux(std::string_view, std::string_view) override { return Status::Ok(); }
  Status OnDatabase(uint64_t) override { return Status::Ok(); }
  Status OnFunction(std::string_view) override { return Status::Ok(); }
  Status OnKey(const RdbKey& key) override {
    hot.emplace(key.name);
    return Status::Ok();
  }
  void OnSkipped(const std::string&) override {}
  std::set<std::string> hot;
};

class WithTier : public WithoutTier {
 public:
  Status OnColdKey(const RdbColdKey& key) override {
    cold[std::string(key.name)] = {key.attributes, key.value};
    return Status::Ok();
  }
  std::map<std::string, std::pair<RdbAttributes, ColdValue>> cold;
};

const std::map<std::string, ColdValue> kCold{
    {"text", {.locator = 1, .encoding = Encoding::kRaw}},
    {"list", {.locator = UINT64_MAX, .type = Type::kList, .encoding = Encoding::kQuicklist, .size = 0}},
    {"zset", {.locator = 0x0102030405060708, .type = Type::kZSet, .encoding = Encoding::kSkiplist, .size = 254}},
    {"hash", {.locator = 9, .type = Type::kHash, .encoding = Encoding::kListpackEx, .renamed = true}},
    {"stream", {.locator = 10, .type = Type::kStream, .encoding = Encoding::kStream, .renamed = true}},
};

std::string BaseFile() {
  StringSink sink;
  RdbWriter writer(sink, {});
  writer.Begin();
  writer.AddAux("redis-bits", "64");
  AddCheckpointHead({kDescription, kSeed}, writer);
  writer.SelectDatabase(0, kCold.size() + 1, 1);
  EXPECT_TRUE(
      writer
          .AddKey("hot", {},
                  [](std::string& out) -> Result<uint8_t> { return EncodeText("value", StringForm::kRaw, out); })
          .ok());
  for (const auto& [name, value] : kCold) {
    EXPECT_TRUE(writer.AddColdKey(name, {.expiry_ms = 1'700'000'000'000, .idle_seconds = 5}, value).ok());
  }
  EXPECT_TRUE(writer.End().ok());
  return sink.text;
}

Status Load(std::string_view file, RdbHandler& into, size_t piece = SIZE_MAX) {
  StringSource source(file, piece);
  return RdbReader(source, into, {}).Run();
}

TEST(CheckpointBase, ComesBack) {
  const std::string file = BaseFile();
  for (const size_t piece : {size_t{1}, size_t{7}, SIZE_MAX}) {
    WithTier read;
    const Status loaded = Load(file, read, piece);
    ASSERT_TRUE(loaded.ok()) << loaded.message();
    EXPECT_EQ(read.hot.size(), 1u);
    ASSERT_EQ(read.cold.size(), kCold.size());
    for (const auto& [name, value] : kCold) {
      SCOPED_TRACE(name);
      const auto& [attributes, back] = read.cold.at(name);
      EXPECT_EQ(attributes.expiry_ms, 1'700'000'000'000);
      EXPECT_EQ(attributes.idle_seconds, 5u);
      EXPECT_EQ(back.locator, value.locator);
      EXPECT_EQ(back.type, value.type);
      EXPECT_EQ(back.encoding, value.encoding);
      EXPECT_EQ(back.size, value.size);
      EXPECT_EQ(back.renamed, value.renamed);
    }
  }
}

TEST(CheckpointBase, HasTheBytesOfItsFormat) {
  StringSink sink;
  RdbWriter writer(sink, {.checksum = false});
  writer.Begin();
  AddCheckpointHead({"tier", kSeed}, writer);
  ASSERT_TRUE(writer.AddColdKey("key", {}, kCold.at("zset")).ok());
  ASSERT_TRUE(writer.End().ok());
  EXPECT_EQ(
      sink.text,
      "REDIS0010\xfa\x0dtidemark-tier\x04tier\xfa\x12tidemark-hash-seed\x20"
      "0123456789abcdeffedcba9876543210\xc8\x03key\x08\x07\x06\x05\x04\x03\x02\x01\x03\x07\xfe\xff\x00\x00\x00\x00"
      "\x00\x00\x00\x00"s);
}

TEST(CheckpointBase, ReadsWhatEarlierVersionsWrote) {
  std::string body;
  EncodeColdValue(kCold.at("zset"), body);
  body[8] = static_cast<char>(body[8] | 0x10);
  const Result<ColdValue> value = DecodeColdValue(body);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->type, Type::kZSet);
  EXPECT_FALSE(value->renamed);
  body[8] = static_cast<char>(body[8] | 0x40);
  EXPECT_FALSE(DecodeColdValue(body));
}

TEST(CheckpointBase, AColdKeyTakesLittle) {
  for (const std::string& key : {"k"s, std::string(70, 'k'), std::string(70000, 'k')}) {
    StringSink sink;
    RdbWriter writer(sink, {.strings = StringForm::kRaw});
    ASSERT_TRUE(writer.AddColdKey(key, {.expiry_ms = INT64_MAX, .idle_seconds = UINT64_MAX}, kCold.at("list")).ok());
    ASSERT_TRUE(writer.End().ok());
    EXPECT_LE(sink.text.size() - key.size() - 9, 40u);
  }
}

TEST(CheckpointBase, IsRefusedWithoutTheTier) {
  WithoutTier read;
  const Status refused = Load(BaseFile(), read);
  EXPECT_EQ(refused.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(refused.message().find("checkpoint"), std::string::npos);
  EXPECT_NE(refused.message().find("'hash'"), std::string::npos) << refused.message();
}

TEST(CheckpointBase, ItsHeadIsReadAlone) {
  const std::string file = BaseFile();
  // No more than the head is there.
  const std::string_view head_of_file = std::string_view(file).substr(0, file.find("\xfe\x00\xfb"s) + 5);
  for (const std::string_view text : {std::string_view(file), head_of_file}) {
    StringSource source(text, 5);
    const auto head = ReadCheckpointHead(source);
    ASSERT_TRUE(head.has_value()) << head.error().message();
    ASSERT_TRUE(head->has_value());
    EXPECT_EQ((*head)->tier, kDescription);
    EXPECT_EQ((*head)->hash_seed.k0, kSeed.k0);
    EXPECT_EQ((*head)->hash_seed.k1, kSeed.k1);
  }
}

TEST(CheckpointBase, OtherFilesHaveNoHead) {
  StringSink sink;
  RdbWriter writer(sink, {});
  writer.Begin();
  writer.AddAux("redis-bits", "64");
  ASSERT_TRUE(writer.End().ok());
  for (const std::string& text : {sink.text, ""s, "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n"s, "REDIS"s}) {
    StringSource source(text);
    const auto head = ReadCheckpointHead(source);
    ASSERT_TRUE(head.has_value()) << head.error().message();
    EXPECT_FALSE(head->has_value());
  }
}

TEST(CheckpointBase, ADamagedHeadIsAnError) {
  const auto read = [](const std::map<std::string, std::string>& fields) {
    StringSink sink;
    RdbWriter writer(sink, {});
    writer.Begin();
    for (const auto& [name, value] : fields) writer.AddAux(name, value);
    EXPECT_TRUE(writer.End().ok());
    StringSource source(sink.text);
    return ReadCheckpointHead(source).has_value();
  };
  const std::string tier(kTierAux);
  const std::string seed(kHashSeedAux);
  const std::string good(32, 'a');
  EXPECT_TRUE(read({{tier, "x"}, {seed, good}}));
  EXPECT_FALSE(read({{tier, "x"}}));
  EXPECT_FALSE(read({{seed, good}}));
  for (const std::string& bad : {""s, std::string(31, 'a'), std::string(33, 'a'), "g" + std::string(31, 'a'),
                                 "-" + std::string(31, 'a'), std::string(16, 'a') + " " + std::string(15, 'a')}) {
    EXPECT_FALSE(read({{tier, "x"}, {seed, bad}})) << bad;
  }
  const std::string file = BaseFile();
  for (size_t bytes = 10; bytes < file.find("hot"); ++bytes) {
    StringSource source(std::string_view(file).substr(0, bytes));
    EXPECT_FALSE(ReadCheckpointHead(source).has_value() && bytes < file.find('\xfe')) << "cut to " << bytes;
  }
}

// With a checksum that fits, so that the reader sees it.
TEST(CheckpointBase, DamageIsAnErrorOrAnotherValue) {
  const std::string file = BaseFile();
  for (size_t i = 9; i + 9 < file.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = file.substr(0, file.size() - 8);
      flipped[i] ^= static_cast<char>(1 << bit);
      WithTier unsealed;
      EXPECT_FALSE(Load(flipped + file.substr(file.size() - 8), unsealed).ok()) << "byte " << i;
      EncodeLittle64(Crc64(flipped), flipped);
      WithTier read;
      static_cast<void>(Load(flipped, read).ok());
      for (const auto& [name, cold] : read.cold) EXPECT_NE(cold.second.locator, 0u);
      StringSource source(flipped);
      static_cast<void>(ReadCheckpointHead(source).has_value());
    }
  }
}

TEST(ColdValue, WhatCannotBeIsRefused) {
  std::string good;
  EncodeColdValue(kCold.at("hash"), good);
  ASSERT_TRUE(DecodeColdValue(good).has_value());
  const auto with = [&](size_t at, int byte) {
    std::string changed = good;
    changed[at] = static_cast<char>(byte);
    return DecodeColdValue(changed).has_value();
  };
  for (const int type : {6, 15, 0x44, 0x84}) EXPECT_FALSE(with(8, type)) << type;
  EXPECT_FALSE(with(8, static_cast<int>(Type::kList))) << "no list is a listpackex";
  for (const int encoding : {0, 1, 2, 4, 5, 7, 8, 10, 255}) EXPECT_FALSE(with(9, encoding)) << encoding;
  EXPECT_TRUE(with(9, static_cast<int>(Encoding::kHashtable)));
  EXPECT_FALSE(DecodeColdValue(std::string(8, '\0') + good.substr(8)).has_value()) << "no locator";
  EXPECT_FALSE(DecodeColdValue(good + "x").has_value());
  EXPECT_FALSE(DecodeColdValue(good.substr(1)).has_value());
  EXPECT_FALSE(DecodeColdValue("").has_value());
}

}  // namespace
}  // namespace tidemark::formats
