// Goal: every algorithm over bits agrees with one that looks at them one by one, whatever the lengths and borders.
#include "values/bitmap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"

namespace tidemark::values {
namespace {

constexpr uint64_t kSeed = 20260101;

std::string RandomBytes(Random& random, size_t bytes) {
  std::string text(bytes, '\0');
  // Stretches of equal bytes, too, or no search would ever have far to go.
  const uint64_t style = random.Below(4);
  for (char& c : text) {
    c = style == 0 ? '\0' : style == 1 ? '\xff' : static_cast<char>(random.Below(256));
  }
  if (style < 2 && bytes > 0) text[random.Below(bytes)] = static_cast<char>(random.Below(256));
  return text;
}

bool NaiveBit(std::string_view bytes, uint64_t offset) {
  return offset / 8 < bytes.size() && (static_cast<uint8_t>(bytes[offset / 8]) >> (7 - offset % 8) & 1) != 0;
}

TEST(Bitmap, SingleBits) {
  Random random(kSeed);
  std::string bytes(40, '\0');
  std::vector<bool> model(320);
  for (int i = 0; i < 5000; ++i) {
    const uint64_t offset = random.Below(320);
    const bool set = random.Below(2) == 1;
    SetBit(bytes, offset, set ? Bit::kSet : Bit::kClear);
    model[offset] = set;
    const uint64_t other = random.Below(400);
    EXPECT_EQ(BitAt(bytes, other) == Bit::kSet, other < 320 && model[other]) << other;
  }
}

TEST(Bitmap, CountsAndPositionsOfRanges) {
  Random random(kSeed);
  for (int round = 0; round < 4000; ++round) {
    const std::string bytes = RandomBytes(random, 1 + random.Below(150));
    const uint64_t bits = bytes.size() * 8;
    uint64_t first = random.Below(bits);
    uint64_t last = random.Below(bits);
    if (first > last) std::swap(first, last);
    uint64_t count = 0;
    std::optional<uint64_t> set;
    std::optional<uint64_t> clear;
    for (uint64_t i = first; i <= last; ++i) {
      const bool bit = NaiveBit(bytes, i);
      count += bit ? 1 : 0;
      if (bit && !set) set = i;
      if (!bit && !clear) clear = i;
    }
    ASSERT_EQ(CountBits(bytes, first, last), count) << "round " << round;
    ASSERT_EQ(FindBit(bytes, Bit::kSet, first, last), set) << "round " << round;
    ASSERT_EQ(FindBit(bytes, Bit::kClear, first, last), clear) << "round " << round;
  }
}

TEST(Bitmap, CountsWholeStringsOfEveryLength) {
  Random random(kSeed);
  for (size_t bytes = 0; bytes < 300; ++bytes) {
    const std::string text = RandomBytes(random, bytes);
    uint64_t count = 0;
    for (uint64_t i = 0; i < bytes * 8; ++i) count += NaiveBit(text, i) ? 1 : 0;
    EXPECT_EQ(CountBits(text), count) << bytes;
  }
}

bool NaiveOperation(BitOperation operation, const std::vector<std::string_view>& inputs, uint64_t offset) {
  const bool first = NaiveBit(inputs[0], offset);
  size_t set = 0;
  for (const std::string_view input : inputs) set += NaiveBit(input, offset) ? 1 : 0;
  const bool others = set > (first ? 1u : 0u);
  switch (operation) {
    case BitOperation::kAnd:
      return set == inputs.size();
    case BitOperation::kOr:
      return set > 0;
    case BitOperation::kXor:
      return set % 2 == 1;
    case BitOperation::kNot:
      return !first;
    case BitOperation::kDiff:
      return first && !others;
    case BitOperation::kDiff1:
      return !first && others;
    case BitOperation::kAndOr:
      return first && others;
    case BitOperation::kOne:
      return set == 1;
  }
  return false;
}

TEST(Bitmap, OperationsOverInputsOfDifferentLengths) {
  Random random(kSeed);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> texts;
    for (uint64_t i = 0; i <= random.Below(6); ++i) texts.push_back(RandomBytes(random, random.Below(2500)));
    std::vector<std::string_view> inputs(texts.begin(), texts.end());
    size_t longest = 0;
    for (const std::string_view input : inputs) longest = std::max(longest, input.size());
    for (int kind = 0; kind <= static_cast<int>(BitOperation::kOne); ++kind) {
      const auto operation = static_cast<BitOperation>(kind);
      std::string out(longest, 'x');
      CombineBits(operation, inputs, out);
      for (uint64_t bit = 0; bit < longest * 8; bit += 1 + random.Below(3)) {
        ASSERT_EQ(NaiveBit(out, bit), NaiveOperation(operation, inputs, bit)) << "round " << round << " kind " << kind;
      }
    }
  }
}

TEST(Bitmap, OutputMayBeAnInput) {
  Random random(kSeed);
  std::string a = RandomBytes(random, 3000);
  const std::string b = RandomBytes(random, 2000);
  std::string expected(3000, '\0');
  CombineBits(BitOperation::kXor, std::vector<std::string_view>{a, b}, expected);
  CombineBits(BitOperation::kXor, std::vector<std::string_view>{a, b}, a);
  EXPECT_EQ(a, expected);
}

// The limits of a type, as wide numbers.
__int128 Max(BitFieldType type) {
  return (static_cast<__int128>(1) << (type.bits - (type.is_signed ? 1 : 0))) - 1;
}
__int128 Min(BitFieldType type) {
  return type.is_signed ? -Max(type) - 1 : 0;
}
int64_t Wrap(BitFieldType type, __int128 value) {
  const __int128 modulus = static_cast<__int128>(1) << type.bits;
  __int128 rest = value % modulus;
  if (rest < 0) rest += modulus;
  if (rest > Max(type)) rest -= modulus;
  return static_cast<int64_t>(rest);
}

BitFieldType RandomType(Random& random) {
  const bool is_signed = random.Below(2) == 1;
  return {.is_signed = is_signed, .bits = static_cast<uint8_t>(1 + random.Below(is_signed ? 64 : 63))};
}

int64_t RandomNumber(Random& random) {
  switch (random.Below(4)) {
    case 0:
      return static_cast<int64_t>(random.Next());
    case 1:
      return static_cast<int64_t>(random.Below(300)) - 150;
    case 2:
      return random.Below(2) == 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
    default:
      return static_cast<int64_t>(random.Next()) >> random.Below(64);
  }
}

TEST(BitFields, ReadBackAndLeaveTheirNeighboursAlone) {
  Random random(kSeed);
  std::string bytes = RandomBytes(random, 64);
  for (int round = 0; round < 20000; ++round) {
    const BitFieldType type = RandomType(random);
    const uint64_t offset = random.Below(64 * 8 - type.bits + 1);
    const std::string before = bytes;
    const int64_t value = Wrap(type, RandomNumber(random));
    WriteBitField(bytes, type, offset, value);
    ASSERT_EQ(ReadBitField(bytes, type, offset), value) << "round " << round;
    for (uint64_t bit = 0; bit < 64 * 8; ++bit) {
      if (bit >= offset && bit < offset + type.bits) continue;
      ASSERT_EQ(NaiveBit(bytes, bit), NaiveBit(before, bit)) << "round " << round << " bit " << bit;
    }
  }
}

TEST(BitFields, BehindTheEndAreZeros) {
  EXPECT_EQ(ReadBitField("\xff", {.is_signed = false, .bits = 16}, 0), 0xff00);
  EXPECT_EQ(ReadBitField("\xff", {.is_signed = true, .bits = 8}, 4), -16);
  EXPECT_EQ(ReadBitField("", {.is_signed = true, .bits = 64}, 1'000'000), 0);
}

TEST(BitFields, SumsAndValuesAgreeWithWideArithmetic) {
  Random random(kSeed);
  for (int round = 0; round < 50000; ++round) {
    const BitFieldType type = RandomType(random);
    const int64_t old = Wrap(type, RandomNumber(random));
    const int64_t number = RandomNumber(random);
    // A negative value of an unsigned field counts as its 64 bits.
    const __int128 value =
        type.is_signed ? static_cast<__int128>(number) : static_cast<__int128>(static_cast<uint64_t>(number));
    const auto check = [&](__int128 exact, auto&& run) {
      const bool fits = exact >= Min(type) && exact <= Max(type);
      ASSERT_EQ(run(BitFieldOverflow::kWrap), std::optional(Wrap(type, exact))) << "round " << round;
      ASSERT_EQ(run(BitFieldOverflow::kSaturate),
                std::optional(static_cast<int64_t>(std::clamp(exact, Min(type), Max(type)))))
          << "round " << round;
      ASSERT_EQ(run(BitFieldOverflow::kFail).has_value(), fits) << "round " << round;
    };
    // Values this far below zero saturate to the other end.
    const bool seems_large = type.bits < 64 && Max(type) - value > std::numeric_limits<int64_t>::max();
    if (!type.is_signed || !seems_large) {
      check(value, [&](BitFieldOverflow overflow) { return FitBitField(type, number, overflow); });
    } else {
      ASSERT_EQ(FitBitField(type, number, BitFieldOverflow::kSaturate), std::optional(static_cast<int64_t>(Max(type))));
      ASSERT_EQ(FitBitField(type, number, BitFieldOverflow::kWrap), std::optional(Wrap(type, value)));
      ASSERT_EQ(FitBitField(type, number, BitFieldOverflow::kFail), std::nullopt);
    }
    check(static_cast<__int128>(old) + number,
          [&](BitFieldOverflow overflow) { return AddToBitField(type, old, number, overflow); });
  }
}

}  // namespace
}  // namespace tidemark::values
