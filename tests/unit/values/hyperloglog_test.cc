// Goal: a HyperLogLog estimates within its error, its two forms hold the same registers, its bytes are those fixed by
// the format, and bytes that a client made up are refused or answered without reading outside of them.
#include "values/hyperloglog.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "base/random.h"

namespace tidemark::values {
namespace {

constexpr uint64_t kSeed = 20260102;
constexpr size_t kSparseMax = 3000;

std::string Dense() {
  std::string hll = NewHll();
  EXPECT_EQ(MakeHllDense(hll), HllStatus::kOk);
  return hll;
}

std::unique_ptr<HllRegisters> RegistersOf(std::string_view hll) {
  auto registers = std::make_unique<HllRegisters>();
  EXPECT_EQ(MergeHll(hll, *registers), HllStatus::kOk);
  return registers;
}

TEST(HyperLogLog, ANewOneIsOneRunOfZeros) {
  const std::string hll = NewHll();
  EXPECT_EQ(hll, std::string("HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff", 18));
  EXPECT_TRUE(LooksLikeHll(hll));
  EXPECT_EQ(FormOf(hll), HllForm::kSparse);
  EXPECT_EQ(CachedHllCount(hll), std::optional<uint64_t>(0));
  EXPECT_EQ(EstimateHll(hll), std::optional<uint64_t>(0));
  EXPECT_EQ(DescribeSparseHll(hll), "Z:16384");
}

TEST(HyperLogLog, TheCachedCountIsKeptAndInvalidated) {
  std::string hll = Dense();
  StoreHllCount(hll, 1234567);
  EXPECT_EQ(CachedHllCount(hll), std::optional<uint64_t>(1234567));
  InvalidateHllCount(hll);
  EXPECT_EQ(CachedHllCount(hll), std::nullopt);
}

TEST(HyperLogLog, RunsAreSplitAndJoined) {
  std::string hll = NewHll();
  const auto add = [&](uint16_t index, uint8_t rank) { return AddToHll(hll, {index, rank}, kSparseMax); };
  EXPECT_EQ(add(0, 3), HllChange::kRaised);
  EXPECT_EQ(DescribeSparseHll(hll), "v:3,1 Z:16383");
  EXPECT_EQ(add(0, 2), HllChange::kNone);
  EXPECT_EQ(add(16383, 1), HllChange::kRaised);
  EXPECT_EQ(add(2, 3), HllChange::kRaised);
  EXPECT_EQ(DescribeSparseHll(hll), "v:3,1 z:1 v:3,1 Z:16380 v:1,1");
  EXPECT_EQ(add(1, 3), HllChange::kRaised);
  EXPECT_EQ(DescribeSparseHll(hll), "v:3,3 Z:16380 v:1,1");
  EXPECT_EQ(add(3, 3), HllChange::kRaised);
  EXPECT_EQ(add(4, 3), HllChange::kRaised);
  EXPECT_EQ(DescribeSparseHll(hll), "v:3,4 v:3,1 Z:16378 v:1,1");
  EXPECT_EQ(add(1, 5), HllChange::kRaised);
  EXPECT_EQ(DescribeSparseHll(hll), "v:3,1 v:5,1 v:3,3 Z:16378 v:1,1");
  // A rank that no run can hold makes it dense.
  EXPECT_EQ(add(100, 33), HllChange::kRaised);
  EXPECT_EQ(FormOf(hll), HllForm::kDense);
  EXPECT_EQ(DenseHllRegister(hll, 100), 33);
  EXPECT_EQ(DenseHllRegister(hll, 16383), 1);
}

TEST(HyperLogLog, BothFormsHoldTheSameRegisters) {
  Random random(kSeed);
  for (int round = 0; round < 20; ++round) {
    std::string sparse = NewHll();
    std::string dense = Dense();
    auto model = std::make_unique<HllRegisters>();
    for (int i = 0; i < 1200; ++i) {
      // Near each other, so that runs meet.
      const HllElement element{static_cast<uint16_t>(random.Below(round % 2 == 0 ? 400 : kHllRegisters)),
                               static_cast<uint8_t>(1 + random.Below(round % 3 == 0 ? 3 : 32))};
      const bool raises = element.rank > (*model)[element.index];
      (*model)[element.index] = std::max((*model)[element.index], element.rank);
      const HllChange expected = raises ? HllChange::kRaised : HllChange::kNone;
      ASSERT_EQ(AddToHll(sparse, element, 16000), expected);
      ASSERT_EQ(AddToDenseHll(dense, element), expected);
    }
    ASSERT_EQ(FormOf(sparse), HllForm::kSparse);
    ASSERT_EQ(*RegistersOf(sparse), *model) << "round " << round;
    ASSERT_EQ(*RegistersOf(dense), *model) << "round " << round;
    ASSERT_EQ(EstimateHll(sparse), EstimateHll(dense));
    ASSERT_EQ(EstimateHll(sparse), std::optional(EstimateHll(*model)));
    ASSERT_EQ(MakeHllDense(sparse), HllStatus::kOk);
    ASSERT_EQ(sparse.substr(kHllHeaderBytes), dense.substr(kHllHeaderBytes));
  }
}

TEST(HyperLogLog, TheSparseFormNeverExceedsItsLimit) {
  for (const size_t limit : {0u, 18u, 20u, 100u, 3000u, 6000u}) {
    std::string hll = NewHll();
    uint64_t i = 0;
    size_t longest = hll.size();
    while (FormOf(hll) == HllForm::kSparse) {
      longest = std::max(longest, hll.size());
      const std::string element = std::to_string(i++);
      AddToHll(hll, HashHllElement(element), limit);
    }
    EXPECT_LE(longest, std::max<size_t>(limit, 18)) << limit;
    EXPECT_EQ(hll.size(), kHllDenseBytes);
  }
}

TEST(HyperLogLog, EstimatesStayWithinTheError) {
  std::string hll = NewHll();
  uint64_t next = 10;
  for (uint64_t i = 1; i <= 1'000'000; ++i) {
    AddToHll(hll, HashHllElement("element:" + std::to_string(i)), kSparseMax);
    if (i != next) continue;
    next *= 10;
    const auto estimate = static_cast<double>(EstimateHll(hll).value());
    EXPECT_NEAR(estimate, static_cast<double>(i), std::ceil(0.04 * static_cast<double>(i))) << i;
  }
}

TEST(HyperLogLog, OtherBytesAreNotTakenForOne) {
  EXPECT_FALSE(LooksLikeHll(""));
  EXPECT_FALSE(LooksLikeHll("HYLL"));
  EXPECT_FALSE(LooksLikeHll(NewHll().substr(0, 15)));
  EXPECT_TRUE(LooksLikeHll(NewHll().substr(0, 16)));
  std::string other = NewHll();
  other[0] = 'h';
  EXPECT_FALSE(LooksLikeHll(other));
  other = NewHll();
  other[4] = 2;
  EXPECT_FALSE(LooksLikeHll(other));
  EXPECT_FALSE(LooksLikeHll(Dense() + "x"));
  EXPECT_FALSE(LooksLikeHll(Dense().substr(1)));
}

TEST(HyperLogLog, CorruptedRunsAreRefused) {
  const std::string header = NewHll().substr(0, kHllHeaderBytes);
  const auto registers = std::make_unique<HllRegisters>();
  const std::string bad[] = {
      header,                                               // no run at all
      header + "\x7f\xfe",                                  // one register short
      header + "\x7f\xff\x80",                              // one too many
      header + std::string("\x7f\xff\x00", 3),              // a zero too many
      header + "\x7f",                                      // half a run
      header + std::string(70000, '\x3f'),                  // far too many
      header + std::string("\x7f\xff\x7f\xff\x7f\xff", 6),  // and again
  };
  for (const std::string& hll : bad) {
    std::string copy = hll;
    EXPECT_EQ(EstimateHll(hll), std::nullopt);
    EXPECT_EQ(MergeHll(hll, *registers), HllStatus::kCorrupted);
    EXPECT_EQ(MakeHllDense(copy), HllStatus::kCorrupted);
    EXPECT_EQ(copy, hll);
    EXPECT_EQ(AddToHll(copy, {5, 40}, kSparseMax), HllChange::kCorrupted);
    EXPECT_EQ(copy, hll);
    DescribeSparseHll(hll);
  }
  std::string none = header;
  EXPECT_EQ(AddToHll(none, {0, 1}, kSparseMax), HllChange::kCorrupted);
}

TEST(HyperLogLog, RandomBytesAreHandledWithinTheirBounds) {
  Random random(kSeed);
  const auto registers = std::make_unique<HllRegisters>();
  for (int round = 0; round < 20000; ++round) {
    std::string hll = NewHll().substr(0, kHllHeaderBytes);
    const uint64_t bytes = random.Below(40);
    for (uint64_t i = 0; i < bytes; ++i) hll += static_cast<char>(random.Below(256));
    hll.shrink_to_fit();
    EstimateHll(hll);
    MergeHll(hll, *registers);
    DescribeSparseHll(hll);
    std::string copy = hll;
    for (int i = 0; i < 10; ++i) {
      AddToHll(copy, {static_cast<uint16_t>(random.Below(kHllRegisters)), static_cast<uint8_t>(1 + random.Below(51))},
               60);
      ASSERT_TRUE(LooksLikeHll(copy));
    }
  }
}

}  // namespace
}  // namespace tidemark::values
