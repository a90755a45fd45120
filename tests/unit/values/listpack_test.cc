// Goal: a packed list behaves as a vector of strings under any sequence of changes, its bytes are always ones that
// Validate passes, and bytes that were damaged are refused or harmless.
#include "values/listpack.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "support/seed.h"

namespace tidemark::values {
namespace {

using Model = std::vector<std::string>;

std::string RandomText(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return std::to_string(random() % 200);
    case 1:
      return std::to_string(static_cast<int64_t>(random() % 20000) - 10000);
    case 2:
      return std::to_string(static_cast<int64_t>(random()) >> (random() % 64));
    case 3:
      return std::string(60 + random() % 8, 'b');
    case 4:
      return random() % 10 == 0 ? std::string(4090 + random() % 12, 'c') : std::string();
    case 5:
      return "0" + std::to_string(random() % 100);
    default:
      return std::string(random() % 20, static_cast<char>(random()));
  }
}

Model Contents(const Listpack& list) {
  Model found;
  for (Listpack::Position at = list.First(); at != nullptr; at = list.Next(at)) {
    found.push_back(Listpack::Get(at).ToString());
  }
  return found;
}

Model ContentsBackwards(const Listpack& list) {
  Model found;
  for (Listpack::Position at = list.Last(); at != nullptr; at = list.Previous(at)) {
    found.insert(found.begin(), Listpack::Get(at).ToString());
  }
  return found;
}

void ExpectSame(const Listpack& list, const Model& model) {
  ASSERT_TRUE(Listpack::Validate(list.view()));
  ASSERT_EQ(list.count(), model.size());
  ASSERT_EQ(list.empty(), model.empty());
  ASSERT_EQ(Contents(list), model);
  ASSERT_EQ(ContentsBackwards(list), model);
}

Listpack::Position PositionAt(const Listpack& list, size_t index) {
  return index == list.count() ? nullptr : list.Seek(static_cast<int64_t>(index));
}

void Change(Listpack& list, Model& model, std::mt19937_64& random) {
  const auto iterator = [&](size_t index) { return model.begin() + static_cast<std::ptrdiff_t>(index); };
  const std::string text = RandomText(random);
  const size_t place = random() % (model.size() + 1);
  switch (random() % 8) {
    case 0:
      EXPECT_EQ(Listpack::Get(list.Append(text)).ToString(), text);
      model.push_back(text);
      break;
    case 1:
      EXPECT_EQ(Listpack::Get(list.Prepend(text)).ToString(), text);
      model.insert(model.begin(), text);
      break;
    case 2:
      EXPECT_EQ(Listpack::Get(list.Insert(PositionAt(list, place), text)).ToString(), text);
      model.insert(iterator(place), text);
      break;
    case 3: {
      const auto value = static_cast<int64_t>(random()) >> (random() % 64);
      list.InsertInteger(PositionAt(list, place), value);
      model.insert(iterator(place), std::to_string(value));
      break;
    }
    case 4:
      if (place == model.size()) break;
      EXPECT_EQ(Listpack::Get(list.Replace(PositionAt(list, place), text)).ToString(), text);
      model[place] = text;
      break;
    case 5: {
      if (place == model.size()) break;
      const size_t count = 1 + random() % 3;
      const size_t erased = std::min(count, model.size() - place);
      const Listpack::Position there = list.Erase(PositionAt(list, place), count);
      model.erase(iterator(place), iterator(place + erased));
      EXPECT_EQ(there, PositionAt(list, place));
      break;
    }
    case 6: {
      if (model.size() < 40) break;
      const size_t start = random() % model.size();
      const size_t erased = std::min<size_t>(20, model.size() - start);
      list.EraseRange(static_cast<int64_t>(start) - (random() % 2 == 0 ? static_cast<int64_t>(model.size()) : 0), 20);
      model.erase(iterator(start), iterator(start + erased));
      break;
    }
    default: {
      const std::string sought = model.empty() || random() % 3 == 0 ? text : model[random() % model.size()];
      const auto expected = std::find(model.begin(), model.end(), sought);
      const Listpack::Position found = list.Find(list.First(), sought);
      EXPECT_EQ(found,
                expected == model.end() ? nullptr : PositionAt(list, static_cast<size_t>(expected - model.begin())));
    }
  }
}

TEST(Listpack, BehavesAsAVector) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 10; ++round) {
    Listpack list = Listpack::Create();
    Model model;
    for (int i = 0; i < 300; ++i) {
      Change(list, model, random);
      ASSERT_NO_FATAL_FAILURE(ExpectSame(list, model)) << "step " << i;
    }
    list.Destroy();
  }
}

TEST(Listpack, IntegersOfEverySize) {
  std::vector<int64_t> values = {0, 127, 128, -1, 4095, 4096, -4096, -4097, INT64_MAX, INT64_MIN};
  for (const int bits : {15, 23, 31}) {
    const int64_t limit = int64_t{1} << bits;
    values.insert(values.end(), {limit - 1, limit, -limit, -limit - 1});
  }
  Listpack list = Listpack::Create();
  for (const int64_t value : values) {
    const Listpack::Position at = list.Append(std::to_string(value));
    const PackedItem item = Listpack::Get(at);
    EXPECT_TRUE(item.is_integer);
    EXPECT_EQ(item.integer, value);
    EXPECT_EQ(Listpack::ElementBytes(at), Listpack::EncodedBytes(std::to_string(value)));
  }
  EXPECT_TRUE(Listpack::Validate(list.view()));
  for (const char* text : {"+1", "01", "-0", "", " 1", "1 ", "9223372036854775808", "1.0"}) {
    EXPECT_FALSE(Listpack::Get(list.Append(text)).is_integer) << text;
  }
  list.Destroy();
}

TEST(Listpack, StringsAtTheBordersOfTheForms) {
  Listpack list = Listpack::Create();
  Model model;
  for (const size_t bytes : {0, 1, 63, 64, 125, 126, 127, 128, 4095, 4096, 16380, 16384, 70000, 2097151, 2097152}) {
    model.push_back(std::string(bytes, 'x'));
    EXPECT_EQ(Listpack::ElementBytes(list.Append(model.back())), Listpack::EncodedBytes(model.back()));
  }
  ExpectSame(list, model);
  list.Destroy();
}

TEST(Listpack, CountsBeyondWhatTheHeaderHolds) {
  constexpr size_t kCount = 70000;
  Listpack list = Listpack::Create();
  for (size_t i = 0; i < kCount; ++i) list.AppendInteger(static_cast<int64_t>(i % 100));
  EXPECT_EQ(list.count(), kCount);
  EXPECT_EQ(Listpack::Get(list.Seek(-1)).integer, static_cast<int64_t>((kCount - 1) % 100));
  EXPECT_EQ(list.Seek(kCount), nullptr);
  EXPECT_EQ(list.Seek(-static_cast<int64_t>(kCount) - 1), nullptr);
  EXPECT_TRUE(Listpack::Validate(list.view()));
  list.EraseRange(10, 60000);
  EXPECT_EQ(list.count(), 10000u);
  EXPECT_TRUE(Listpack::Validate(list.view()));
  list.Destroy();
}

TEST(Listpack, AppendsAnother) {
  Listpack first = Listpack::Create();
  Listpack second = Listpack::Create();
  first.Append("one");
  second.Append("2");
  second.Append("three");
  first.AppendAll(second);
  ExpectSame(first, {"one", "2", "three"});
  second.EraseRange(0, 2);
  first.AppendAll(second);
  ExpectSame(first, {"one", "2", "three"});
  first.Destroy();
  second.Destroy();
}

TEST(Listpack, FindLeavesElementsOut) {
  Listpack list = Listpack::Create();
  for (const char* text : {"a", "x", "b", "a", "x", "a"}) list.Append(text);
  EXPECT_EQ(list.Find(list.First(), "a", 1), list.Seek(0));
  EXPECT_EQ(list.Find(list.First(), "x", 1), list.Seek(4));
  EXPECT_EQ(list.Find(list.First(), "b", 2), nullptr);
  EXPECT_EQ(list.Find(nullptr, "b"), nullptr);
  list.Destroy();
}

// A block with one element: its head and content as given.
std::string BlockWith(const std::string& body) {
  std::string block(6, '\0');
  block += body;
  block += static_cast<char>(body.size());
  block += '\xff';
  const auto total = static_cast<uint32_t>(block.size());
  std::memcpy(block.data(), &total, sizeof(total));
  block[4] = 1;
  return block;
}

TEST(Listpack, ReadsFormsThatItDoesNotWrite) {
  const std::string longer_forms[] = {{"\xe0\x02hi", 4}, {"\xf0\x02\0\0\0hi", 7}};
  for (const std::string& form : longer_forms) {
    const std::string block = BlockWith(form);
    ASSERT_TRUE(Listpack::Validate(block));
    Listpack list = Listpack::CopyOf(block);
    EXPECT_EQ(Listpack::Get(list.First()).ToString(), "hi");
    EXPECT_EQ(list.Find(list.First(), "hi"), list.First());
    EXPECT_EQ(list.Find(list.First(), "ho"), nullptr);
    list.Destroy();
  }
  for (const std::string& form : {std::string("\xf2\x05\0\0", 4), std::string("\x81"
                                                                              "5",
                                                                              2)}) {
    const std::string block = BlockWith(form);
    ASSERT_TRUE(Listpack::Validate(block));
    Listpack list = Listpack::CopyOf(block);
    EXPECT_EQ(list.Find(list.First(), "5"), list.First());
    list.Destroy();
  }
}

// What passes is read and changed to the full, in a block of just its size so that a sanitizer sees every step outside.
void UseIfValid(const std::string& bytes) {
  if (!Listpack::Validate(bytes)) return;
  Listpack list = Listpack::CopyOf(bytes);
  EXPECT_EQ(Contents(list), ContentsBackwards(list));
  list.Find(list.First(), "7");
  list.Prepend("front");
  list.Append("12345");
  list.EraseRange(1, 2);
  EXPECT_TRUE(Listpack::Validate(list.view()));
  list.Destroy();
}

TEST(Listpack, DamagedBytesAreRefusedOrHarmless) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20; ++round) {
    Listpack list = Listpack::Create();
    const size_t count = random() % 12;
    for (size_t i = 0; i < count; ++i) list.Append(RandomText(random));
    const std::string whole(list.view());
    list.Destroy();
    UseIfValid(whole);
    for (size_t bytes = 0; bytes < whole.size(); bytes += 1 + random() % 3) {
      EXPECT_FALSE(Listpack::Validate(std::string_view(whole).substr(0, bytes)));
    }
    for (int i = 0; i < 2000; ++i) {
      std::string damaged = whole;
      const size_t flips = 1 + random() % 3;
      for (size_t flip = 0; flip < flips; ++flip) {
        damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
      }
      UseIfValid(damaged);
    }
  }
}

}  // namespace
}  // namespace tidemark::values
