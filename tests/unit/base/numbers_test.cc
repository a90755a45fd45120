// Goal: only canonical integers are integers, floating numbers obey the protocol's rules, and texts read back.
#include "base/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/random.h"
#include "support/seed.h"

namespace tidemark {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

TEST(Numbers, CanonicalIntegersReadBack) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  char scratch[kInt64Chars];
  for (const int64_t value : {int64_t{0}, int64_t{1}, int64_t{-1}, int64_t{10}, kMin, kMax, kMin + 1}) {
    EXPECT_EQ(ParseInt64(FormatInt64(value, scratch)), value);
  }
  for (int i = 0; i < 10000; ++i) {
    const auto value = static_cast<int64_t>(random.Next() >> random.Below(64)) * (random.Below(2) == 0 ? 1 : -1);
    EXPECT_EQ(ParseInt64(FormatInt64(value, scratch)), value);
  }
}

TEST(Numbers, OtherTextsAreNoIntegers) {
  for (const char* text :
       {"", "-", "-0", "+1", " 1", "1 ", "01", "-01", "00", "1.0", "1e3", "0x10", "--1", "abc", "1a",
        "9223372036854775808", "-9223372036854775809", "99999999999999999999", "123456789012345678901"}) {
    EXPECT_FALSE(ParseInt64(text)) << text;
  }
  EXPECT_FALSE(ParseInt64(std::string_view("1\0", 2)));
}

TEST(Numbers, Unsigned) {
  EXPECT_EQ(ParseUint64("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(ParseUint64("18446744073709551616"));
  EXPECT_FALSE(ParseUint64("-1"));
  EXPECT_FALSE(ParseUint64("007"));
  EXPECT_EQ(ParseUint64("0"), 0u);
}

TEST(Numbers, FloatingInput) {
  EXPECT_EQ(ParseDouble("1.5"), 1.5);
  EXPECT_EQ(ParseDouble("-2e3"), -2000);
  EXPECT_EQ(ParseDouble("+3"), 3);
  EXPECT_EQ(ParseDouble("0x10"), 16);
  EXPECT_EQ(ParseDouble("inf"), std::numeric_limits<double>::infinity());
  EXPECT_EQ(ParseDouble("-Infinity"), -std::numeric_limits<double>::infinity());
  for (const char* text : {"", " 1", "1 ", "1x", "nan", "1e400", "-1e400", "1e-400", "."})
    EXPECT_FALSE(ParseDouble(text)) << text;
  EXPECT_FALSE(ParseDouble(std::string_view("1\0", 2)));
  EXPECT_EQ(ParseLongDouble("1e400"), 1e400L);
  EXPECT_FALSE(ParseLongDouble("1e5000"));
  EXPECT_FALSE(ParseLongDouble(std::string(6000, '1')));
}

TEST(Numbers, DoublesReadBack) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  for (int i = 0; i < 10000; ++i) {
    const double value = (random.Unit() - 0.5) * std::pow(10, static_cast<double>(random.Below(40)) - 20);
    EXPECT_EQ(ParseDouble(FormatDouble(value)), value);
  }
  EXPECT_EQ(FormatDouble(3), "3");
  EXPECT_EQ(FormatDouble(0.1), "0.10000000000000001");
  EXPECT_EQ(FormatDouble(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(FormatDouble(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(Numbers, LongDoublesAreFixedNotationWithoutTrailingZeros) {
  EXPECT_EQ(FormatLongDouble(3.0L), "3");
  EXPECT_EQ(FormatLongDouble(100.0L), "100");
  EXPECT_EQ(FormatLongDouble(-1.5L), "-1.5");
  EXPECT_EQ(FormatLongDouble(0.1L + 0.2L), "0.3");
  EXPECT_EQ(FormatLongDouble(-0.0L), "0");
  EXPECT_EQ(FormatLongDouble(1e20L), "100000000000000000000");
}

TEST(Numbers, Memory) {
  EXPECT_EQ(ParseMemory("512"), 512u);
  EXPECT_EQ(ParseMemory("2k"), 2000u);
  EXPECT_EQ(ParseMemory("2KB"), 2048u);
  EXPECT_EQ(ParseMemory("3mb"), 3u << 20);
  EXPECT_EQ(ParseMemory("1g"), 1000000000u);
  EXPECT_EQ(ParseMemory("1Gb"), 1u << 30);
  EXPECT_EQ(ParseMemory("7b"), 7u);
  for (const char* text : {"", "mb", "-1", "1.5gb", "1tb", "1 mb", "99999999999999999999", "99999999999gb"}) {
    EXPECT_FALSE(ParseMemory(text)) << text;
  }
  EXPECT_EQ(FormatMemory(100), "100B");
  EXPECT_EQ(FormatMemory(1536), "1.50K");
  EXPECT_EQ(FormatMemory(3u << 20), "3.00M");
}

}  // namespace
}  // namespace tidemark
