// Goal: an intset is a sorted set of 64-bit integers whatever is done to it, its bytes are those that Redis writes, and
// bytes from outside that are not an intset are refused.
#include "values/intset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "support/seed.h"

namespace tidemark::values {
namespace {

std::vector<int64_t> ValuesOf(const Intset& set) {
  std::vector<int64_t> values;
  for (size_t i = 0; i < set.count(); ++i) values.push_back(set.At(i));
  return values;
}

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

TEST(IntsetTest, BytesAreThoseOfRedis) {
  Intset set = Intset::Create();
  EXPECT_EQ(set.view(), Bytes({2, 0, 0, 0, 0, 0, 0, 0}));
  set.Add(7);
  set.Add(-2);
  EXPECT_EQ(set.view(), Bytes({2, 0, 0, 0, 2, 0, 0, 0, 0xfe, 0xff, 7, 0}));
  set.Add(0x12345);
  EXPECT_EQ(set.view(), Bytes({4, 0, 0, 0, 3, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 7, 0, 0, 0, 0x45, 0x23, 1, 0}));
  set.Remove(0x12345);
  EXPECT_EQ(set.view().substr(0, 8), Bytes({4, 0, 0, 0, 2, 0, 0, 0})) << "the width stays";
  set.Destroy();
}

TEST(IntsetTest, EdgesOfTheWidths) {
  const std::vector<int64_t> edges = {0,
                                      INT16_MIN,
                                      INT16_MAX,
                                      INT16_MAX + 1,
                                      INT16_MIN - 1,
                                      INT32_MAX,
                                      INT32_MIN,
                                      int64_t{INT32_MAX} + 1,
                                      int64_t{INT32_MIN} - 1,
                                      std::numeric_limits<int64_t>::max(),
                                      std::numeric_limits<int64_t>::min()};
  for (size_t start = 0; start < edges.size(); ++start) {
    Intset set = Intset::Create();
    std::set<int64_t> model;
    for (size_t i = 0; i < edges.size(); ++i) {
      const int64_t value = edges[(start + i) % edges.size()];
      EXPECT_FALSE(set.Contains(value));
      EXPECT_FALSE(set.Remove(value));
      EXPECT_TRUE(set.Add(value));
      EXPECT_FALSE(set.Add(value));
      model.insert(value);
      ASSERT_TRUE(std::ranges::equal(ValuesOf(set), model));
      ASSERT_TRUE(Intset::Validate(set.view()));
    }
    set.Destroy();
  }
}

TEST(IntsetTest, IsASetWhateverIsDone) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  Random random(seed);
  for (int round = 0; round < 20; ++round) {
    Intset set = Intset::Create();
    std::set<int64_t> model;
    const auto shift = random.Below(60);
    for (int i = 0; i < 2000; ++i) {
      const auto value = static_cast<int64_t>(random.Next()) >> (random.Below(4) == 0 ? shift : 55);
      if (random.Below(3) > 0) {
        ASSERT_EQ(set.Add(value), model.insert(value).second);
      } else {
        ASSERT_EQ(set.Remove(value), model.erase(value) > 0);
      }
      ASSERT_EQ(set.Contains(value), model.contains(value));
      ASSERT_EQ(set.count(), model.size());
    }
    ASSERT_TRUE(std::ranges::equal(ValuesOf(set), model));
    Intset copy = Intset::CopyOf(set.view());
    EXPECT_EQ(copy.view(), set.view());
    copy.Destroy();
    set.Destroy();
  }
}

TEST(IntsetTest, RefusesWhatIsNotAnIntset) {
  Intset set = Intset::Create();
  for (int64_t i = 0; i < 20; ++i) set.Add(i * 1000);
  const std::string good(set.view());
  set.Destroy();
  ASSERT_TRUE(Intset::Validate(good));
  for (size_t bytes = 0; bytes < good.size(); ++bytes) EXPECT_FALSE(Intset::Validate(good.substr(0, bytes)));
  EXPECT_FALSE(Intset::Validate(good + "x"));
  EXPECT_FALSE(Intset::Validate(good + "xx"));
  for (const int width : {0, 1, 3, 4, 8, 255}) {
    std::string bad = good;
    bad[0] = static_cast<char>(width);
    EXPECT_FALSE(Intset::Validate(bad)) << width;
  }
  std::string descending = good;
  std::swap(descending[8], descending[10]);
  std::swap(descending[9], descending[11]);
  EXPECT_FALSE(Intset::Validate(descending));
  std::string twice = good;
  std::memcpy(twice.data() + 8, twice.data() + 10, 2);
  EXPECT_FALSE(Intset::Validate(twice));
  EXPECT_FALSE(Intset::Validate(Bytes({8, 0, 0, 0, 0xff, 0xff, 0xff, 0xff})));
}

}  // namespace
}  // namespace tidemark::values
