// Goal: ziplists and zipmaps as old servers wrote them are read entry by entry; no byte of them is believed.
#include "formats/ziplist.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "formats/zipmap.h"
#include "packed_of_old.h"

namespace tidemark::formats {
namespace {

using Texts = std::vector<std::string>;

Texts Read(const std::string& bytes) {
  ZiplistReader reader(bytes);
  Texts texts;
  while (const auto item = reader.Next()) texts.push_back(item->ToString());
  if (reader.damaged()) texts.push_back("damaged");
  return texts;
}

Texts ReadMap(const std::string& bytes) {
  ZipmapReader reader(bytes);
  Texts texts;
  while (const auto pair = reader.Next()) texts.push_back(std::string(pair->field) + "=" + std::string(pair->value));
  if (reader.damaged()) texts.push_back("damaged");
  return texts;
}

bool Damaged(const std::string& bytes) {
  const Texts texts = Read(bytes);
  return !texts.empty() && texts.back() == "damaged";
}

TEST(Ziplist, ReadsEveryKindOfEntry) {
  const std::string middle(300, 'm');
  const std::string large(20'000, 'l');
  ZiplistWriter writer;
  writer.Text("").Text("abc").Text(middle).Text(large).Integer(0, 0).Integer(12, 0).Integer(-128, 1).Integer(-3, 2);
  writer.Integer(-8388608, 3).Integer(2147483647, 4).Integer(INT64_MIN, 8).Text("after");
  EXPECT_EQ(Read(writer.Finish()), (Texts{"", "abc", middle, large, "0", "12", "-128", "-3", "-8388608", "2147483647",
                                          "-9223372036854775808", "after"}));
  EXPECT_EQ(Read(ZiplistWriter().Finish()), Texts{});
}

TEST(Ziplist, IsNotBelieved) {
  const std::string good = ZiplistWriter().Text("abc").Integer(500, 2).Text("z").Finish();
  ASSERT_EQ(Read(good), (Texts{"abc", "500", "z"}));
  EXPECT_TRUE(Damaged(""));
  for (size_t size = 0; size < good.size(); ++size) EXPECT_TRUE(Damaged(good.substr(0, size))) << size;
  EXPECT_TRUE(Damaged(good + "x"));
  // Every byte of the frame matters: total, tail, count, lengths in front and behind, the end.
  for (const size_t at : {0u, 3u, 4u, 7u, 8u, 9u, 10u, 11u, 15u, 16u}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] + 1);
    EXPECT_TRUE(Damaged(bad)) << at;
  }
  EXPECT_TRUE(Damaged(ZiplistWriter().Raw("\xff").Finish()));
  EXPECT_TRUE(Damaged(ZiplistWriter().Raw("\xc1\x01\x01").Finish()));
  EXPECT_TRUE(Damaged(ZiplistWriter().Raw(std::string("\x80\xff\xff\xff\xff", 5)).Finish()));
  // A count of "walk to know" is one.
  std::string unknown = good;
  unknown[8] = unknown[9] = '\xff';
  EXPECT_EQ(Read(unknown), (Texts{"abc", "500", "z"}));
}

TEST(Zipmap, ReadsPairs) {
  const std::string large(1000, 'v');
  EXPECT_EQ(ReadMap(Zipmap({{"f", "v"}, {"", ""}, {"g", large}})), (Texts{"f=v", "=", "g=" + large}));
  EXPECT_EQ(ReadMap(Zipmap({{"f", "v"}, {"g", "w"}}, 3)), (Texts{"f=v", "g=w"}));
  EXPECT_EQ(ReadMap(Zipmap({})), Texts{});
}

TEST(Zipmap, IsNotBelieved) {
  const std::string good = Zipmap({{"field", "value"}, {"g", "w"}}, 1);
  const auto damaged = [](const std::string& bytes) {
    const Texts texts = ReadMap(bytes);
    return !texts.empty() && texts.back() == "damaged";
  };
  for (size_t size = 0; size < good.size(); ++size) EXPECT_TRUE(damaged(good.substr(0, size))) << size;
  std::string bad = good;
  bad[0] = 3;
  EXPECT_TRUE(damaged(bad));
  bad = good;
  bad[7] = '\x40';  // the length of the first value
  EXPECT_TRUE(damaged(bad));
  EXPECT_TRUE(damaged("\x01\xfe\xff\xff\xff\xff" + std::string("ab\xff")));
}

}  // namespace
}  // namespace tidemark::formats
