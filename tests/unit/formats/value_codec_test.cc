// Goal: values of every type and encoding come back from their bytes as they were; payloads of redis-server are read
// and written byte for byte; what is damaged is refused.
#include "formats/value_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "contents.h"
#include "formats/dump_payload.h"
#include "golden_payloads.h"
#include "packed_of_old.h"

namespace tidemark::formats {
namespace {

using values::Encoding;
using values::EncodingLimits;
using values::OwnedObject;
using namespace std::string_literals;

constexpr EncodeOptions kAsRedis{.strings = StringForm::kCompressed, .audience = Audience::kRedis7};
const EncodingLimits kLimits;

Result<DecodedValue> Decode(uint8_t type_tag, std::string_view body, const EncodingLimits& limits = kLimits,
                            Dialect dialect = Dialect::kRedis) {
  Result<DecodedValue> value = DecodeValue(type_tag, body, {.limits = limits, .dialect = dialect});
  EXPECT_TRUE(!value || body.empty()) << "bytes left over";
  return value;
}

Contents Read(uint8_t type_tag, std::string_view body, Dialect dialect = Dialect::kRedis) {
  const Result<DecodedValue> value = Decode(type_tag, body, kLimits, dialect);
  return value ? ContentsOf(*value) : Contents{"refused: " + value.error().message()};
}

bool Refused(uint8_t type_tag, std::string_view body) {
  return !DecodeValue(type_tag, body, {.limits = kLimits});
}

std::string Strings(const std::vector<std::string>& strings) {
  std::string out;
  for (const std::string& text : strings) EncodeRawString(text, out);
  return out;
}

std::string Packed(const std::string& bytes) {
  return Strings({bytes});
}

std::string Count(uint64_t count) {
  std::string out;
  EncodeLength(count, out);
  return out;
}

std::string PackOf(const std::vector<std::string>& texts) {
  values::Listpack pack = values::Listpack::Create();
  for (const std::string& text : texts) pack.Append(text);
  std::string bytes(pack.view());
  pack.Destroy();
  return bytes;
}

// A packed list with a string where an integer is meant to be: as no server writes, but all read.
std::string PackWithText(const std::vector<std::string>& texts) {
  std::string body;
  for (const std::string& text : texts) {
    body += static_cast<char>(0x80 | text.size()) + text + static_cast<char>(text.size() + 1);
  }
  return LittleEndian(6 + body.size() + 1, 4) + LittleEndian(texts.size(), 2) + body + "\xff";
}

TEST(ValueCodec, ReadsAndWritesWhatRedisDumps) {
  const std::vector<Golden> all = ReadGolden();
  ASSERT_GE(all.size(), 25u);
  for (const Golden& golden : all) {
    SCOPED_TRACE(golden.name);
    const Result<DumpPayload> opened = OpenDump(golden.payload);
    ASSERT_TRUE(opened.has_value());
    const Result<DecodedValue> value = Decode(opened->type_tag, opened->body);
    ASSERT_TRUE(value.has_value()) << value.error().message();
    std::string again(1, '\0');
    const uint8_t type_tag = value->type == values::Type::kString
                                 ? EncodeText(value->text, StringForm::kCompressed, again)
                                 : EncodeObject(*value->object, kAsRedis, again);
    again[0] = static_cast<char>(type_tag);
    SealDump(RdbVersionOf(type_tag), again);
    EXPECT_EQ(again.size(), golden.payload.size());
    EXPECT_TRUE(!golden.exact || again == golden.payload);
    const Result<DecodedValue> twice = Decode(type_tag, OpenDump(again)->body);
    ASSERT_TRUE(twice.has_value());
    EXPECT_EQ(ContentsOf(*twice), ContentsOf(*value));
  }
}

// Whatever the limits say by then.
TEST(ValueCodec, KeepsTheEncodingOfItsOwnRecords) {
  EncodingLimits tight;
  tight.hash_max_listpack_entries = tight.set_max_intset_entries = tight.set_max_listpack_entries = 0;
  tight.zset_max_listpack_entries = 0;
  tight.list_max_listpack_size = 1;
  EncodingLimits wide;
  wide.hash_max_listpack_value = wide.set_max_listpack_value = wide.zset_max_listpack_value = 100'000;
  wide.hash_max_listpack_entries = wide.set_max_listpack_entries = wide.zset_max_listpack_entries = 100'000;
  wide.set_max_intset_entries = 100'000;
  wide.list_max_listpack_size = -5;
  for (const EncodingLimits* before : std::vector<const EncodingLimits*>{&kLimits, &tight, &wide}) {
    for (const Golden& golden : ReadGolden()) {
      const Result<DumpPayload> opened = OpenDump(golden.payload);
      const Result<DecodedValue> value = Decode(opened->type_tag, opened->body, *before);
      ASSERT_TRUE(value.has_value()) << golden.name;
      if (value->type == values::Type::kString) continue;
      std::string record;
      const uint8_t type_tag = EncodeObject(*value->object, {}, record);
      for (const EncodingLimits* after : std::vector<const EncodingLimits*>{&kLimits, &tight, &wide}) {
        SCOPED_TRACE(golden.name);
        std::string_view body = record;
        const Result<DecodedValue> back =
            DecodeValue(type_tag, body, {.limits = *after, .encoding = value->object->encoding});
        ASSERT_TRUE(back.has_value()) << back.error().message();
        EXPECT_TRUE(body.empty());
        EXPECT_EQ(back->object->encoding, value->object->encoding);
        EXPECT_EQ(ContentsOf(*back), ContentsOf(*value));
      }
    }
  }
}

TEST(ValueCodec, ReadsTheFormsOfOldServers) {
  const std::string ziplist = ZiplistWriter().Text("a").Integer(1, 0).Text("b").Text("2.5").Finish();
  EXPECT_EQ(Read(kRdbTypeListZiplist, Packed(ziplist)), (Contents{"a", "1", "b", "2.5"}));
  EXPECT_EQ(Read(kRdbTypeZSetZiplist, Packed(ziplist)), (Contents{"a 1", "b 2.5"}));
  EXPECT_EQ(Read(kRdbTypeHashZiplist, Packed(ziplist)), (Contents{"a=1", "b=2.5"}));
  EXPECT_EQ(Read(kRdbTypeHashZipmap, Packed(Zipmap({{"a", "1"}, {"b", "x"}}, 2))), (Contents{"a=1", "b=x"}));
  EXPECT_EQ(
      Read(kRdbTypeListQuicklist, Count(3) + Packed(ziplist) + Packed(ZiplistWriter().Finish()) + Packed(ziplist)),
      (Contents{"a", "1", "b", "2.5", "a", "1", "b", "2.5"}));
  EXPECT_EQ(Read(kRdbTypeList, Count(2) + Strings({"x", ""})), (Contents{"x", ""}));
  EXPECT_EQ(Read(kRdbTypeZSet,
                 Count(3) + Strings({"x"}) + "\x03" + "1.5" + Strings({"y"}) + "\xfe" + Strings({"z"}) + "\xff"),
            (Contents{"z -inf", "x 1.5", "y inf"}));
}

TEST(ValueCodec, ReadsTheFormsOfNewServers) {
  EXPECT_EQ(Read(kRdbTypeSetListpack, Packed(PackOf({"a", "7"}))), (Contents{"7", "a"}));
  EXPECT_EQ(Read(kRdbTypeHashListpackEx, LittleEndian(500, 8) + Packed(PackOf({"f", "v", "500", "g", "w", "0"}))),
            (Contents{"f=v until 500", "g=w"}));
  EXPECT_EQ(Read(kRdbTypeHashListpackOld, Packed(PackOf({"g", "w", "0", "f", "v", "500"}))),
            (Contents{"f=v until 500", "g=w"}));
  EXPECT_EQ(Read(kRdbTypeHashMetadata, LittleEndian(500, 8) + Count(3) + Count(1) + Strings({"f", "v"}) + Count(0) +
                                           Strings({"g", "w"}) + Count(101) + Strings({"h", "x"})),
            (Contents{"f=v until 500", "g=w", "h=x until 600"}));
  EXPECT_EQ(Read(kRdbTypeHashMetadataOld, Count(2) + Count(700) + Strings({"f", "v"}) + Count(0) + Strings({"g", "w"})),
            (Contents{"f=v until 700", "g=w"}));
  EXPECT_EQ(Read(kRdbTypeValkeyHashExpiry,
                 Count(2) + Strings({"f", "v"}) + LittleEndian(900, 8) + Strings({"g", "w"}) + std::string(8, '\xff'),
                 Dialect::kValkey),
            (Contents{"f=v until 900", "g=w"}));
}

TEST(ValueCodec, FieldsThatExpireKeepTheirExpiries) {
  for (const size_t fields : {3u, 2000u}) {
    OwnedObject object(values::NewHash());
    for (size_t i = 0; i < fields; ++i) {
      const std::string field = "field" + std::to_string(i);
      values::Hash hash(*object, kLimits, values::HashView::kNoTime);
      hash.Insert(hash.Find(field), field, "value", i % 3 == 0 ? 0 : static_cast<int64_t>(1'000'000 - i));
    }
    for (const EncodeOptions& options : {EncodeOptions{}, kAsRedis}) {
      std::string body;
      const uint8_t type_tag = EncodeObject(*object, options, body);
      EXPECT_EQ(type_tag, fields == 3 ? kRdbTypeHashListpackEx : kRdbTypeHashMetadata);
      EXPECT_EQ(RdbVersionOf(type_tag), 12);
      EXPECT_EQ(Read(type_tag, body), ContentsOf(*object));
    }
  }
  // Without any expiry left, servers that know none can read it.
  OwnedObject object(values::NewHash());
  values::Hash hash(*object, kLimits, values::HashView::kNoTime);
  hash.Insert(hash.Find("f"), "f", "v", 1000);
  hash.SetExpiry(hash.Find("f"), 0);
  std::string body;
  EXPECT_EQ(EncodeObject(*object, kAsRedis, body), kRdbTypeHash);
  EXPECT_EQ(Read(kRdbTypeHash, body), Contents{"f=v"});
}

// A stream without entries, of type 21 but for what follows.
std::string StreamBody(const std::string& groups = Count(0)) {
  return Count(0) + Count(0) + Count(9) + Count(0) + Count(0) + Count(0) + Count(0) + Count(0) + Count(0) + groups;
}

OwnedObject StreamWithProducers() {
  OwnedObject object(values::NewStream());
  values::IdempotentProducers& producers = values::Stream::Of(*object).GetProducers({20, 30});
  for (uint64_t i = 1; i < 200; ++i) {
    producers.Record("producer " + std::to_string(i % 9), std::to_string(i * 1'000'000'007), {i, i % 3}, 0);
  }
  producers.iids_duplicates = 5;
  return object;
}

TEST(ValueCodec, StreamsKeepTheirProducers) {
  const OwnedObject object = StreamWithProducers();
  for (const EncodeOptions& options : {EncodeOptions{}, kAsRedis}) {
    std::string body;
    const uint8_t type_tag = EncodeObject(*object, options, body);
    EXPECT_EQ(type_tag, kRdbTypeStream4);
    EXPECT_EQ(RdbVersionOf(type_tag), 13);
    EXPECT_EQ(Read(type_tag, body), ContentsOf(*object));
    EXPECT_EQ(ContentsOf(*object).size(), 2u + 9u + 199u);
  }
  // Of nothing but the usual limits only Tidemark's own records tell.
  OwnedObject usual(values::NewStream());
  values::Stream::Of(*usual).GetProducers({});
  std::string body;
  EXPECT_EQ(EncodeObject(*usual, kAsRedis, body), kRdbTypeStream2);
  body.clear();
  EXPECT_EQ(EncodeObject(*usual, {}, body), kRdbTypeStream4);
  EXPECT_NE(values::Stream::Of(*Decode(kRdbTypeStream4, body)->object).producers(), nullptr);
}

TEST(ValueCodec, StreamsKeepWhatIsReleased) {
  OwnedObject object(values::NewStream());
  values::Stream& stream = values::Stream::Of(*object);
  values::ConsumerGroup& group = *stream.AddGroup("g", {9, 0}, 3);
  values::StreamConsumer& consumer = group.AddConsumer("c");
  for (uint64_t i = 1; i < 10; ++i) group.AddPending({{i, 0}, 1000, i, &consumer});
  for (const uint64_t i : {7, 2, 5}) group.Release(*group.FindPending({i, 0}));
  for (const EncodeOptions& options : {EncodeOptions{}, kAsRedis}) {
    std::string body;
    const uint8_t type_tag = EncodeObject(*object, options, body);
    EXPECT_EQ(type_tag, kRdbTypeStream5);
    EXPECT_EQ(RdbVersionOf(type_tag), 14);
    EXPECT_EQ(Read(type_tag, body), ContentsOf(*object));
  }
}

TEST(ValueCodec, RefusesReleasedEntriesThatCannotBe) {
  const auto id = [](char seq) { return std::string(15, '\0') + seq; };
  const std::string time = LittleEndian(5, 8);
  // Pending: 1 for a consumer, 2 and 3 for nobody.
  const std::string group = Count(1) + Strings({"g"}) + Count(9) + Count(0) + Count(0) + Count(3) + id(1) + time +
                            Count(1) + id(2) + time + Count(1) + id(3) + time + Count(1) + Count(1) + Strings({"c"}) +
                            time + time + Count(1) + id(1);
  const std::string no_producers = Count(100) + Count(100) + Count(0) + Count(0) + Count(0);
  const auto refused = [&](const std::string& released) {
    return Refused(kRdbTypeStream5, StreamBody(group + released) + no_producers);
  };
  EXPECT_FALSE(refused(Count(2) + id(3) + id(2)));
  EXPECT_TRUE(refused(Count(1) + id(3)));
  EXPECT_TRUE(refused(Count(2) + id(3) + id(3)));
  EXPECT_TRUE(refused(Count(2) + id(3) + id(1)));
  EXPECT_TRUE(refused(Count(2) + id(3) + id(4)));
  EXPECT_TRUE(refused(Count(3) + id(3) + id(2) + id(1)));
  EXPECT_TRUE(refused(Count(uint64_t{1} << 60) + id(3) + id(2)));
  EXPECT_TRUE(Refused(kRdbTypeStream4, StreamBody(group) + no_producers));
}

TEST(ValueCodec, RefusesProducersThatCannotBe) {
  const auto refused = [](const std::string& producers) { return Refused(kRdbTypeStream4, StreamBody() + producers); };
  const std::string one = Strings({"p"}) + Count(1) + Strings({"i"}) + Count(9) + Count(0);
  EXPECT_FALSE(refused(Count(100) + Count(100) + Count(1) + one + Count(1) + Count(0)));
  EXPECT_FALSE(refused(Count(0) + Count(0) + Count(0) + Count(0) + Count(0)));
  EXPECT_TRUE(refused(Count(0) + Count(0) + Count(1) + one + Count(1) + Count(0)));
  EXPECT_TRUE(refused(Count(100) + Count(0) + Count(0) + Count(0) + Count(0)));
  EXPECT_TRUE(refused(Count(86'401) + Count(100) + Count(0) + Count(0) + Count(0)));
  EXPECT_TRUE(refused(Count(100) + Count(10'001) + Count(0) + Count(0) + Count(0)));
  EXPECT_TRUE(refused(Count(100) + Count(100) + Count(uint64_t{1} << 60) + one + Count(1) + Count(0)));
  EXPECT_TRUE(refused(Count(100) + Count(100) + Count(2) + one + one + Count(1) + Count(0)));
  EXPECT_TRUE(refused(Count(100) + Count(1) + Count(1) + Strings({"p"}) + Count(2) + Strings({"i"}) + Count(9) +
                      Count(0) + Strings({"j"}) + Count(9) + Count(0) + Count(1) + Count(0)));
  EXPECT_TRUE(refused(Count(100) + Count(100) + Count(1) + one + Count(1)));
}

TEST(ValueCodec, ForeignPackedListsBecomeSearchable) {
  const Result<DecodedValue> set = Decode(kRdbTypeSetListpack, Packed(PackWithText({"12", "abc", "-7"})));
  ASSERT_TRUE(set.has_value());
  EXPECT_TRUE(values::SetView(*set->object).Contains("12"));
  EXPECT_TRUE(Refused(kRdbTypeSetListpack, Packed(PackWithText({"12", "abc", "12"}))));
  const Result<DecodedValue> hash = Decode(kRdbTypeHashListpack, Packed(PackWithText({"12", "1", "abc", "2"})));
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(values::HashView(*hash->object, 0).Get("12").has_value());
  // Out of order: put in order.
  EXPECT_EQ(Read(kRdbTypeZSetListpack, Packed(PackOf({"b", "2", "a", "1"}))), (Contents{"a 1", "b 2"}));
}

TEST(ValueCodec, LimitsDecideTheEncodingOfWhatComesFromOutside) {
  EncodingLimits tight;
  tight.hash_max_listpack_entries = tight.set_max_intset_entries = tight.set_max_listpack_entries = 1;
  tight.zset_max_listpack_entries = 1;
  const auto encoding = [&](uint8_t type_tag, const std::string& body) {
    const Result<DecodedValue> value = Decode(type_tag, body, tight);
    return value ? value->object->encoding : Encoding::kRaw;
  };
  EXPECT_EQ(encoding(kRdbTypeSetListpack, Packed(PackOf({"a", "b"}))), Encoding::kHashtable);
  EXPECT_EQ(encoding(kRdbTypeSetIntset, Packed(LittleEndian(2, 4) + LittleEndian(2, 4) + "\x01\x00\x02\x00"s)),
            Encoding::kHashtable);
  EXPECT_EQ(encoding(kRdbTypeHashListpack, Packed(PackOf({"a", "b", "c", "d"}))), Encoding::kHashtable);
  EXPECT_EQ(encoding(kRdbTypeZSetListpack, Packed(PackOf({"a", "1", "b", "2"}))), Encoding::kSkiplist);
  // As with Redis, the number of elements does and not their length.
  tight.hash_max_listpack_value = tight.zset_max_listpack_value = 1;
  EXPECT_EQ(encoding(kRdbTypeHashListpack, Packed(PackOf({"a", "long"}))), Encoding::kListpack);
  EXPECT_EQ(encoding(kRdbTypeZSetListpack, Packed(PackOf({"long", "1"}))), Encoding::kListpack);
}

TEST(ValueCodec, RefusesWhatLies) {
  // Nothing where something must be.
  for (const uint8_t type_tag : {kRdbTypeList, kRdbTypeSet, kRdbTypeZSet, kRdbTypeZSet2, kRdbTypeHash,
                                 kRdbTypeListQuicklist, kRdbTypeListQuicklist2}) {
    EXPECT_TRUE(Refused(type_tag, Count(0))) << int{type_tag};
    EXPECT_TRUE(Refused(type_tag, "")) << int{type_tag};
    EXPECT_TRUE(Refused(type_tag, Count(uint64_t{1} << 60) + "abc")) << int{type_tag};
    EXPECT_TRUE(Refused(type_tag, Count(2) + Strings({"x"}))) << int{type_tag};
  }
  for (const uint8_t type_tag : {kRdbTypeSetListpack, kRdbTypeHashListpack, kRdbTypeZSetListpack}) {
    EXPECT_TRUE(Refused(type_tag, Packed(PackOf({})))) << int{type_tag};
    EXPECT_TRUE(Refused(type_tag, Packed("not a packed list"))) << int{type_tag};
  }
  EXPECT_TRUE(Refused(kRdbTypeSetIntset, Packed(LittleEndian(2, 4) + LittleEndian(0, 4))));
  EXPECT_TRUE(Refused(kRdbTypeSetIntset, Packed(LittleEndian(2, 4) + LittleEndian(2, 4) + "\x02\x00\x01\x00"s)));
  EXPECT_TRUE(Refused(kRdbTypeListZiplist, Packed(ZiplistWriter().Finish())));
  EXPECT_TRUE(Refused(kRdbTypeHashZipmap, Packed(Zipmap({}))));
  // Twice the same.
  EXPECT_TRUE(Refused(kRdbTypeSet, Count(2) + Strings({"x", "x"})));
  EXPECT_TRUE(Refused(kRdbTypeHash, Count(2) + Strings({"x", "1", "x", "2"})));
  EXPECT_TRUE(Refused(kRdbTypeHashListpack, Packed(PackOf({"x", "1", "x", "2"}))));
  EXPECT_TRUE(Refused(kRdbTypeHashZipmap, Packed(Zipmap({{"x", "1"}, {"x", "2"}}))));
  EXPECT_TRUE(Refused(kRdbTypeZSetListpack, Packed(PackOf({"x", "1", "x", "2"}))));
  EXPECT_TRUE(
      Refused(kRdbTypeZSet2, Count(2) + Strings({"x"}) + LittleEndian(0, 8) + Strings({"x"}) + LittleEndian(0, 8)));
  // Halves of pairs, scores that are none, expiries that cannot be.
  EXPECT_TRUE(Refused(kRdbTypeHashListpack, Packed(PackOf({"x", "1", "y"}))));
  EXPECT_TRUE(Refused(kRdbTypeZSetListpack, Packed(PackOf({"x", "1", "y"}))));
  EXPECT_TRUE(Refused(kRdbTypeZSetListpack, Packed(PackOf({"x", "one"}))));
  EXPECT_TRUE(Refused(kRdbTypeZSetListpack, Packed(PackOf({"x", "nan"}))));
  EXPECT_TRUE(Refused(kRdbTypeZSet, Count(1) + Strings({"x"}) + "\xfd"));
  EXPECT_TRUE(Refused(kRdbTypeZSet2, Count(1) + Strings({"x"}) + std::string(8, '\xff')));
  EXPECT_TRUE(Refused(kRdbTypeHashListpackEx, LittleEndian(1, 8) + Packed(PackOf({"x", "1"}))));
  EXPECT_TRUE(Refused(kRdbTypeHashListpackEx, LittleEndian(1, 8) + Packed(PackOf({"x", "1", "-5"}))));
  EXPECT_TRUE(Refused(kRdbTypeHashMetadata, std::string(8, '\xff') + Count(1) + Count(2) + Strings({"x", "1"})));
  // Nodes of an unknown kind, unknown types.
  EXPECT_TRUE(Refused(kRdbTypeListQuicklist2, Count(1) + Count(3) + Packed(PackOf({"x"}))));
  for (const uint8_t type_tag : {6, 7, 8, 28, 255}) EXPECT_TRUE(Refused(type_tag, Count(1) + Strings({"x", "y"})));
}

// Payloads cut off or with a byte changed are refused or hold something else; nothing worse.
TEST(ValueCodec, SurvivesDamage) {
  Random random(11);
  std::vector<std::pair<uint8_t, std::string>> all;
  for (const Golden& golden : ReadGolden()) {
    const Result<DumpPayload> opened = OpenDump(golden.payload);
    all.emplace_back(opened->type_tag, opened->body);
  }
  all.emplace_back();
  all.back().first = EncodeObject(*StreamWithProducers(), {}, all.back().second);
  for (const auto& [type_tag, body] : all) {
    for (int i = 0; i < 200; ++i) {
      std::string bad = body;
      if (i % 4 == 0) bad.resize(random.Below(bad.size() + 1));
      for (uint64_t changes = 1 + random.Below(3); changes > 0 && !bad.empty(); --changes) {
        bad[random.Below(bad.size())] = static_cast<char>(random.Next());
      }
      std::string_view in = bad;
      const Result<DecodedValue> value = DecodeValue(type_tag, in, {.limits = kLimits});
      if (value) ContentsOf(*value);
    }
  }
}

TEST(DumpPayload, IsCheckedAsAWhole) {
  std::string payload = "\x00\x01x"s;
  SealDump(10, payload);
  const Result<DumpPayload> good = OpenDump(payload);
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->type_tag, 0);
  EXPECT_EQ(good->body, "\x01x"s);
  for (size_t at = 0; at < payload.size(); ++at) {
    std::string bad = payload;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_FALSE(OpenDump(bad)) << at;
  }
  for (size_t size = 0; size < payload.size(); ++size) EXPECT_FALSE(OpenDump(payload.substr(0, size)));
  for (const auto& [version, accepted] :
       {std::pair{1, true}, {12, true}, {15, true}, {16, false}, {79, false}, {80, true}, {81, false}}) {
    std::string other = "\x00\x01x"s;
    SealDump(static_cast<uint16_t>(version), other);
    const Result<DumpPayload> opened = OpenDump(other);
    EXPECT_EQ(opened.has_value(), accepted) << version;
    EXPECT_TRUE(!opened || (opened->dialect == Dialect::kValkey) == (version == 80));
  }
}

}  // namespace
}  // namespace tidemark::formats
