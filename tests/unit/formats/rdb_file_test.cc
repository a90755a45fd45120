// Goal: an RDB file comes back as it was written, through sources that give it in any pieces; its bytes are those that
// other servers write; whatever is flipped or cut off is noticed, and nothing of it does harm.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "contents.h"
#include "formats/crc64.h"
#include "formats/dump_payload.h"
#include "formats/empty_container.h"
#include "formats/rdb_reader.h"
#include "formats/rdb_writer.h"
#include "formats/record_body.h"
#include "golden_payloads.h"
#include "support/byte_streams.h"

namespace tidemark::formats {
namespace {

using values::EncodingLimits;
using namespace std::string_literals;

const EncodingLimits kLimits;
constexpr size_t kSmallBytes = 300;

struct Loaded {
  Contents contents;
  RdbAttributes attributes;
  uint64_t database = 0;
};

// Decodes every value, as a server would.
class Collector : public RdbHandler {
 public:
  Status OnAux(std::string_view name, std::string_view value) override {
    aux[std::string(name)] = value;
    return Status::Ok();
  }
  Status OnDatabase(uint64_t number) override {
    database_ = number;
    return Status::Ok();
  }
  Status OnFunction(std::string_view library) override {
    functions.emplace_back(library);
    return Status::Ok();
  }
  Status OnKey(const RdbKey& key) override {
    std::string_view body = key.body;
    const Result<DecodedValue> value = DecodeValue(key.type_tag, body, {.limits = kLimits, .dialect = key.dialect});
    if (!value) return value.error();
    if (!body.empty()) return Status::Corruption("left over");
    keys[std::string(key.name)] = {ContentsOf(*value), key.attributes, database_};
    return Status::Ok();
  }
  void OnSkipped(const std::string& text) override { skipped.push_back(text); }

  std::map<std::string, std::string> aux;
  std::map<std::string, Loaded> keys;
  std::vector<std::string> functions;
  std::vector<std::string> skipped;

 private:
  uint64_t database_ = 0;
};

Status Load(std::string_view file, Collector& into, size_t piece = SIZE_MAX, const RdbReader::Options& options = {}) {
  StringSource source(file, piece);
  return RdbReader(source, into, options).Run();
}

std::string Sealed(std::string file) {
  file += '\xff';
  EncodeLittle64(Crc64(file), file);
  return file;
}

Status AddText(RdbWriter& writer, std::string_view key, const RdbAttributes& attributes, std::string_view text) {
  return writer.AddKey(key, attributes, [&](std::string& out) -> Result<uint8_t> {
    return EncodeText(text, StringForm::kCompressed, out);
  });
}

// A file with every part that is written, and every golden value of at most so many bytes.
std::string SampleFile(size_t value_bytes_max = SIZE_MAX) {
  StringSink sink;
  RdbWriter writer(sink, {});
  writer.Begin();
  writer.AddAux("redis-bits", "64");
  writer.AddFunction("#!lua name=lib\nredis.register_function('f', function() return 1 end)");
  writer.SelectDatabase(0, 2, 1);
  EXPECT_TRUE(AddText(writer, "k", {.expiry_ms = 1700000000123}, "v").ok());
  EXPECT_TRUE(AddText(writer, "12", {.idle_seconds = 70}, "-1").ok());
  writer.SelectDatabase(7, 100, 0);
  for (const Golden& golden : ReadGolden()) {
    if (golden.payload.size() > value_bytes_max) continue;
    const Result<DumpPayload> opened = OpenDump(golden.payload);
    EXPECT_TRUE(writer
                    .AddKey(golden.name, {.frequency = 9},
                            [&](std::string& out) -> Result<uint8_t> {
                              out.append(opened->body);
                              return opened->type_tag;
                            })
                    .ok());
  }
  EXPECT_TRUE(writer.End().ok());
  EXPECT_EQ(writer.bytes_written(), sink.text.size());
  return sink.text;
}

TEST(RdbFile, ComesBackInAnyPieces) {
  const std::string file = SampleFile();
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{4096}, SIZE_MAX}) {
    Collector read;
    const Status status = Load(file, read, piece);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(read.aux["redis-bits"], "64");
    EXPECT_EQ(read.functions.size(), 1u);
    EXPECT_EQ(read.keys["k"].contents, Contents{"v"});
    EXPECT_EQ(read.keys["k"].attributes.expiry_ms, 1700000000123);
    EXPECT_EQ(read.keys["12"].contents, Contents{"-1"});
    EXPECT_EQ(read.keys["12"].attributes.idle_seconds, 70u);
    EXPECT_FALSE(read.keys["12"].attributes.expiry_ms.has_value());
    for (const Golden& golden : ReadGolden()) {
      SCOPED_TRACE(golden.name);
      const Result<DumpPayload> opened = OpenDump(golden.payload);
      std::string_view body = opened->body;
      const Result<DecodedValue> value = DecodeValue(opened->type_tag, body, {.limits = kLimits});
      EXPECT_EQ(read.keys[golden.name].contents, ContentsOf(*value));
      EXPECT_EQ(read.keys[golden.name].attributes.frequency, 9);
      EXPECT_EQ(read.keys[golden.name].database, 7u);
    }
  }
}

TEST(RdbFile, HasTheBytesOfRedis) {
  StringSink sink;
  RdbWriter writer(sink, {.checksum = false});
  writer.Begin();
  writer.AddAux("redis-bits", "64");
  writer.SelectDatabase(3, 1, 1);
  ASSERT_TRUE(AddText(writer, "key", {.expiry_ms = 0x0102030405}, "value").ok());
  ASSERT_TRUE(writer.End().ok());
  EXPECT_EQ(sink.text,
            "REDIS0010\xfa\x0aredis-bits\xc0\x40\xfe\x03\xfb\x01\x01\xfc\x05\x04\x03\x02\x01\x00\x00\x00"
            "\x00\x03key\x05value\xff\x00\x00\x00\x00\x00\x00\x00\x00"s);
}

TEST(RdbFile, IsReadUpToItsEndAndNoFurther) {
  const std::string file = SampleFile();
  Collector read;
  const std::string stream = file + "*1\r\n";
  StringSource source(stream, 5);
  RdbReader reader(source, read, {});
  ASSERT_TRUE(reader.Run().ok());
  EXPECT_EQ(reader.offset(), file.size());
  EXPECT_TRUE(("*1\r\n"s).starts_with(reader.rest()));
}

TEST(RdbFile, EveryCutIsNoticed) {
  const std::string file = SampleFile(kSmallBytes);
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    Collector read;
    const Status status = Load(std::string_view(file).substr(0, bytes), read);
    ASSERT_EQ(status.code(), StatusCode::kCorruption) << bytes;
    ASSERT_NE(status.message().find("at offset"), std::string::npos);
  }
}

TEST(RdbFile, EveryFlippedBitIsNoticedAndDoesNoHarm) {
  const std::string file = SampleFile(kSmallBytes);
  for (size_t at = 0; at < file.size(); ++at) {
    // The bits of each byte take turns: all of them at every place would take minutes.
    for (const int bit : {static_cast<int>(at % 8), static_cast<int>((at + 3) % 8)}) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      Collector read;
      ASSERT_FALSE(Load(damaged, read).ok()) << at << " bit " << bit;
      Collector unchecked;
      static_cast<void>(Load(damaged, unchecked, SIZE_MAX, {.verify_checksum = false}).ok());
    }
  }
}

TEST(RdbFile, VersionsAndMagic) {
  const auto of = [](const std::string& magic) {
    Collector read;
    return Load(Sealed(magic), read);
  };
  for (const char* const magic : {"REDIS0005", "REDIS0009", "REDIS0012", "REDIS0015", "VALKEY080"}) {
    EXPECT_TRUE(of(magic).ok()) << magic;
  }
  for (const char* const magic : {"REDIS0000", "REDIS0016", "REDIS0080", "REDIS00x1", "VALKEY079", "VALKEY081"}) {
    EXPECT_NE(of(magic).message().find("Can't handle RDB format version"), std::string::npos) << magic;
  }
  EXPECT_NE(of("REDISX010").message().find("Can't handle"), std::string::npos);
  EXPECT_NE(of("SOMETHING").message().find("Wrong signature"), std::string::npos);
  Collector read;
  EXPECT_TRUE(Load("REDIS0004\xfe\x02\x00\x01k\x01v\xff"s, read).ok()) << "no checksum before version 5";
  EXPECT_EQ(read.keys["k"].database, 2u);
  EXPECT_TRUE(Load(Sealed("REDIS0077"), read, SIZE_MAX, {.any_version = true}).ok());
}

TEST(RdbFile, PartsThatOnlyOtherServersWrite) {
  Collector read;
  const std::string module_aux = "\xf7\x81\x00\x00\x00\x00\x00\x00\x04\x01\x02\x01\x02\x05\x05\x03hey\x04"s +
                                 "12345678"s + "\x03"s + "1234"s + "\x00"s;
  const Status status = Load(Sealed("REDIS0012"s + module_aux + "\xf4\x0a\x01\x00"s + "\xfd\x02\x00\x00\x00"s +
                                    "\x00\x01s\x01v"s + "\x00\x01t\x01w"s),
                             read);
  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(read.skipped.size(), 1u);
  EXPECT_EQ(read.keys["s"].attributes.expiry_ms, 2000);
  EXPECT_FALSE(read.keys["t"].attributes.expiry_ms.has_value()) << "an expiry is of one key";
  const std::string job(40, 'a');
  EXPECT_TRUE(Load(Sealed("VALKEY080\xf3\x28"s + job + "\x01\x02\x03"s), read).ok());
  EXPECT_EQ(read.skipped.size(), 2u);
  for (const std::string& bad :
       {"REDIS0012\xf3\x28"s + job + "\x00"s, "VALKEY080\xf3\x28"s + job + "\x01\x03\x02"s,
        "REDIS0012\xf4\x80\x00\x00\x40\x00\x01\x00"s, "REDIS0010\xf6\x01x"s, "REDIS0010\x07\x01k\x01"s}) {
    EXPECT_EQ(Load(Sealed(bad), read).code(), StatusCode::kCorruption);
  }
}

TEST(RdbFile, FieldsOfValkeyThatExpire) {
  const std::string body =
      "\x16\x01h\x01\x01"
      "f\x01v"s +
      "\x00\x00\x00\x00\x01\x00\x00\x00"s;
  Collector read;
  ASSERT_TRUE(Load(Sealed("VALKEY080" + body), read).ok());
  EXPECT_EQ(read.keys["h"].contents, Contents{"f=v until 4294967296"});
}

TEST(RdbFile, ALengthThatLiesTakesNoMemory) {
  Collector read;
  const Status status = Load("REDIS0010\x00\x01k\x81\x0f\xff\xff\xff\xff\xff\xff\xff"s + "text"s, read);
  EXPECT_EQ(status.code(), StatusCode::kCorruption);
  EXPECT_NE(status.message().find("too large"), std::string::npos);
  EXPECT_EQ(Load("REDIS0010\x00\x01k\x80\x7f\xff\xff\xff"s + "text"s, read).code(), StatusCode::kCorruption);
}

TEST(RdbWriter, AnswersTheErrorOfItsSink) {
  StringSink sink;
  sink.room = 100;
  RdbWriter writer(sink, {});
  writer.Begin();
  writer.SelectDatabase(0, 1, 0);
  ASSERT_TRUE(AddText(writer, "k", {}, std::string(200, 'a') + std::string(1000, 'b')).ok());
  std::string noise;
  for (uint32_t i = 1; noise.size() < 100000; i = i * 1664525 + 1013904223) noise += static_cast<char>(i >> 24);
  EXPECT_EQ(AddText(writer, "l", {}, noise).code(), StatusCode::kNoSpace);
}

TEST(RecordBody, IsMadePortableAsIfWrittenFromRam) {
  for (const Golden& golden : ReadGolden()) {
    for (const StringForm form : {StringForm::kRaw, StringForm::kIntegers, StringForm::kCompressed}) {
      SCOPED_TRACE(golden.name);
      const Result<DumpPayload> opened = OpenDump(golden.payload);
      std::string_view in = opened->body;
      const Result<DecodedValue> value = DecodeValue(opened->type_tag, in, {.limits = kLimits});
      std::string direct;
      std::string record;
      std::string portable;
      uint8_t direct_tag = 0;
      uint8_t record_tag = 0;
      values::Encoding encoding = values::Encoding::kRaw;
      if (value->type == values::Type::kString) {
        direct_tag = EncodeText(value->text, form, direct);
        record_tag = kRdbTypeString;
        record = value->text;
      } else {
        direct_tag = EncodeObject(*value->object, {.strings = form, .audience = Audience::kRedis7}, direct);
        record_tag = EncodeObject(*value->object, {}, record);
        encoding = value->object->encoding;
      }
      const Result<uint8_t> tag = MakePortable(record_tag, record, encoding, form, kLimits, portable);
      ASSERT_TRUE(tag.has_value()) << tag.error().message();
      EXPECT_EQ(*tag, direct_tag);
      EXPECT_EQ(portable, direct);
      if (record_tag == kRdbTypeString) continue;  // any bytes are one
      for (size_t bytes = 0; bytes < std::min<size_t>(record.size(), 200); ++bytes) {
        const std::string_view cut = std::string_view(record).substr(0, bytes);
        std::string out;
        EXPECT_FALSE(MakePortable(record_tag, cut, encoding, form, kLimits, out));
        EXPECT_FALSE(DecodeRecordBody(record_tag, cut, {.limits = kLimits, .encoding = encoding}));
      }
    }
  }
}

TEST(EmptyContainer, IsKnownInEveryForm) {
  EXPECT_TRUE(IsEmptyContainer(kRdbTypeList, "\x00"s));
  EXPECT_TRUE(IsEmptyContainer(kRdbTypeListQuicklist2, "\x00"s));
  EXPECT_TRUE(IsEmptyContainer(kRdbTypeHashListpack, "\x07\x07\x00\x00\x00\x00\x00\xff"s));
  EXPECT_TRUE(IsEmptyContainer(kRdbTypeHashZipmap, "\x02\x00\xff"s));
  EXPECT_FALSE(IsEmptyContainer(kRdbTypeSet, "\x01\x01x"s));
  EXPECT_FALSE(IsEmptyContainer(kRdbTypeString, "\x00"s));
  EXPECT_FALSE(IsEmptyContainer(kRdbTypeStream2, "\x00"s));
  EXPECT_FALSE(IsEmptyContainer(kRdbTypeSet, ""));
}

}  // namespace
}  // namespace tidemark::formats
