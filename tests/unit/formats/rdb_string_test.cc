// Goal: what Redis writes is read, whatever the form; what is written reads back; what lies is refused.
#include "formats/rdb_string.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/random.h"
#include "formats/crc64.h"

namespace tidemark::formats {
namespace {

using namespace std::string_literals;

std::string Encoded(std::string_view bytes, StringForm form) {
  std::string out;
  EncodeString(bytes, form, out);
  return out;
}

std::string Decoded(std::string_view in) {
  std::string scratch;
  const Result<std::string_view> bytes = DecodeString(in, scratch);
  EXPECT_TRUE(bytes.has_value());
  EXPECT_TRUE(in.empty());
  return bytes ? std::string(*bytes) : "refused";
}

bool Refused(std::string_view in) {
  std::string scratch;
  return !DecodeString(in, scratch);
}

TEST(RdbString, HasTheFormsOfRedis) {
  EXPECT_EQ(Encoded("", StringForm::kCompressed), "\0"s);
  EXPECT_EQ(Encoded("abc", StringForm::kCompressed), "\x03"s + "abc");
  EXPECT_EQ(Encoded("0", StringForm::kIntegers), "\xc0\x00"s);
  EXPECT_EQ(Encoded("-1", StringForm::kIntegers), "\xc0\xff"s);
  EXPECT_EQ(Encoded("128", StringForm::kIntegers), "\xc1\x80\x00"s);
  EXPECT_EQ(Encoded("-32769", StringForm::kIntegers), "\xc2\xff\x7f\xff\xff"s);
  EXPECT_EQ(Encoded("2147483648", StringForm::kIntegers), "\x0a"s + "2147483648");
  EXPECT_EQ(Encoded("01", StringForm::kIntegers), "\x02"s + "01");
  EXPECT_EQ(Encoded("7", StringForm::kRaw), "\x01"s + "7");
  // As redis-server 7.0.15 dumps this value.
  EXPECT_EQ(Encoded(std::string(40, 'a'), StringForm::kCompressed),
            "\xc3\x09\x28\x01"s + "aa" + "\xe0\x1b\x00\x01"s + "aa");
  EXPECT_EQ(Encoded(std::string(20, 'a'), StringForm::kCompressed), "\x14"s + std::string(20, 'a'));
  EXPECT_EQ(Encoded(std::string(40, 'a'), StringForm::kIntegers), "\x28"s + std::string(40, 'a'));
}

TEST(RdbString, ReadsBackWhatItWrites) {
  Random random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes(random.Below(300), '\0');
    const uint64_t letters = 1 + random.Below(256);
    for (char& c : bytes) c = static_cast<char>('0' + random.Below(letters));
    if (i % 3 == 0) bytes = std::to_string(static_cast<int64_t>(random.Next()) >> random.Below(64));
    for (const StringForm form : {StringForm::kRaw, StringForm::kIntegers, StringForm::kCompressed}) {
      EXPECT_EQ(Decoded(Encoded(bytes, form)), bytes);
    }
  }
  const std::string large(200'000, 'x');
  EXPECT_LT(Encoded(large, StringForm::kCompressed).size(), 3000u);
  EXPECT_EQ(Decoded(Encoded(large, StringForm::kCompressed)), large);
}

TEST(RdbString, RefusesWhatLies) {
  EXPECT_TRUE(Refused(""));
  EXPECT_TRUE(Refused("\x04"s + "abc"));
  EXPECT_TRUE(Refused("\x40"s));
  EXPECT_TRUE(Refused("\x80\x00\x00"s));
  EXPECT_TRUE(Refused("\x81\xff\xff\xff\xff\xff\xff\xff\xff"s + "abc"));
  EXPECT_TRUE(Refused("\x82\x00\x00\x00\x01"s + "a"));
  EXPECT_TRUE(Refused("\xc2\x00\x00\x00"s));
  EXPECT_TRUE(Refused("\xc4"s));
  EXPECT_TRUE(Refused("\xff"s));
  // Compressed: says more than can be, more than is, less than is, nothing.
  EXPECT_TRUE(Refused("\xc3\x02\x81\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x61"s));
  EXPECT_TRUE(Refused("\xc3\x03\x05\x01"s + "aa"));
  EXPECT_TRUE(Refused("\xc3\x03\x01\x01"s + "aa"));
  EXPECT_TRUE(Refused("\xc3\x03\x00\x01"s + "aa"));
  EXPECT_TRUE(Refused("\xc3\x04\x03\x01"s + "aa"));
  // A back reference before the start.
  EXPECT_TRUE(Refused("\xc3\x04\x05\x00"s + "a" + "\x20\x07"s));
}

TEST(RdbString, DoublesInBothForms) {
  for (const double value : {0.0, -0.0, 1.5, -3e300, 5e-324, std::numeric_limits<double>::infinity()}) {
    std::string out;
    EncodeDouble(value, out);
    std::string_view in = out;
    EXPECT_EQ(*DecodeDouble(in), value);
    EXPECT_TRUE(in.empty());
  }
  const auto old = [](std::string bytes) {
    std::string_view in = bytes;
    const Result<double> value = DecodeOldDouble(in);
    return value ? std::to_string(*value) : "refused";
  };
  EXPECT_EQ(old("\x04-1.5"), "-1.500000");
  EXPECT_EQ(old("\xfd"), "nan");
  EXPECT_EQ(old("\xfe"), "inf");
  EXPECT_EQ(old("\xff"), "-inf");
  EXPECT_EQ(old("\x04"s + "1.5"), "refused");
  EXPECT_EQ(old("\x03"s + "1x5"), "refused");
  EXPECT_EQ(old("\0"s), "refused");
  EXPECT_EQ(old(""), "refused");
}

TEST(Crc64, HasTheCheckValue) {
  EXPECT_EQ(Crc64("123456789"), 0xe9c6d914c4b8d9caULL);
  EXPECT_EQ(Crc64(""), 0u);
  std::string text;
  for (int i = 0; i < 1000; ++i) text.push_back(static_cast<char>(i * 7));
  for (const size_t cut : {0u, 1u, 7u, 8u, 9u, 500u, 1000u}) {
    EXPECT_EQ(ExtendCrc64(Crc64(std::string_view(text).substr(0, cut)), std::string_view(text).substr(cut)),
              Crc64(text));
  }
}

}  // namespace
}  // namespace tidemark::formats
