// HyperLogLogs as a whole: header, dense form, estimate. What changes the sparse form is in hyperloglog_sparse.cc.
#include "values/hyperloglog.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "values/hyperloglog_runs.h"

namespace tidemark::values {
namespace {

static_assert(std::endian::native == std::endian::little, "words are loaded as they lie in the bytes");

constexpr unsigned kIndexBits = 14;
constexpr unsigned kMaxRank = 64 - kIndexBits + 1;
static_assert(kHllRegisters == size_t{1} << kIndexBits);

constexpr size_t kFormOffset = 4;
constexpr size_t kCountOffset = 8;
constexpr size_t kCountFlagOffset = kHllHeaderBytes - 1;
constexpr std::string_view kMagic = "HYLL";

uint64_t LoadWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Appleby's MurmurHash64A, with the seed that fixes which register an element falls to.
uint64_t MurmurHash64A(std::string_view bytes) {
  constexpr uint64_t kSeed = 0xadc83b19;
  constexpr uint64_t kFactor = 0xc6a4a7935bd1e995;
  constexpr unsigned kShift = 47;
  uint64_t hash = kSeed ^ (bytes.size() * kFactor);
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    uint64_t word = LoadWord(bytes.data()) * kFactor;
    word = (word ^ word >> kShift) * kFactor;
    hash = (hash ^ word) * kFactor;
  }
  if (!bytes.empty()) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    hash = (hash ^ word) * kFactor;
  }
  hash = (hash ^ hash >> kShift) * kFactor;
  return hash ^ hash >> kShift;
}

// How many registers have which value. 64, as a dense register may hold any six bits.
using Histogram = std::array<uint32_t, 64>;

// Calls visit(first, a, b, c, d) for each four registers, which take three bytes.
template <typename Visit>
void ForEachFour(std::string_view hll, Visit&& visit) {
  const auto* at = reinterpret_cast<const uint8_t*>(hll.data() + kHllHeaderBytes);
  for (size_t first = 0; first < kHllRegisters; first += 4, at += 3) {
    const uint32_t word = at[0] | static_cast<uint32_t>(at[1]) << 8 | static_cast<uint32_t>(at[2]) << 16;
    visit(first, word & 63, word >> 6 & 63, word >> 12 & 63, word >> 18);
  }
}

Histogram DenseHistogram(std::string_view hll) {
  // Four of them, so that neighbours of one value do not wait for each other.
  Histogram parts[4] = {};
  ForEachFour(hll, [&](size_t, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    ++parts[0][a];
    ++parts[1][b];
    ++parts[2][c];
    ++parts[3][d];
  });
  for (size_t i = 0; i < parts[0].size(); ++i) parts[0][i] += parts[1][i] + parts[2][i] + parts[3][i];
  return parts[0];
}

std::optional<Histogram> SparseHistogram(std::string_view hll) {
  Histogram histogram = {};
  size_t registers = 0;
  ForEachHllRun(hll.substr(kHllHeaderBytes), [&](const HllRun& run) {
    registers += run.length;
    histogram[run.value] += run.length;
    return registers <= kHllRegisters;
  });
  if (registers != kHllRegisters) return std::nullopt;
  return histogram;
}

// The functions sigma and tau of Ertl's estimator: what registers of 0, and those of the greatest value, tell.
double Sigma(double x) {
  if (x == 1) return std::numeric_limits<double>::infinity();
  double y = 1;
  double sum = x;
  double before;
  do {
    x *= x;
    before = sum;
    sum += x * y;
    y += y;
  } while (sum != before);
  return sum;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double sum = 1 - x;
  double before;
  do {
    x = std::sqrt(x);
    before = sum;
    y *= 0.5;
    sum -= (1 - x) * (1 - x) * y;
  } while (sum != before);
  return sum / 3;
}

uint64_t Estimate(const Histogram& histogram) {
  constexpr double kAlphaInfinity = 0.721347520444481703680;  // 1 / (2 ln 2)
  constexpr auto kCount = static_cast<double>(kHllRegisters);
  double z = kCount * Tau((kCount - histogram[kMaxRank]) / kCount);
  for (unsigned rank = kMaxRank - 1; rank >= 1; --rank) z = (z + histogram[rank]) * 0.5;
  z += kCount * Sigma(histogram[0] / kCount);
  return static_cast<uint64_t>(std::llround(kAlphaInfinity * kCount * kCount / z));
}

}  // namespace

HllElement HashHllElement(std::string_view element) {
  const uint64_t hash = MurmurHash64A(element);
  // A one behind the last bit ends the count of zeros.
  const uint64_t rest = hash >> kIndexBits | uint64_t{1} << (64 - kIndexBits);
  return {static_cast<uint16_t>(hash & (kHllRegisters - 1)), static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

bool LooksLikeHll(std::string_view bytes) {
  if (bytes.size() < kHllHeaderBytes || !bytes.starts_with(kMagic)) return false;
  switch (bytes[kFormOffset]) {
    case static_cast<char>(HllForm::kDense):
      return bytes.size() == kHllDenseBytes;
    case static_cast<char>(HllForm::kSparse):
      return true;
    default:
      return false;
  }
}

HllForm FormOf(std::string_view hll) {
  return static_cast<HllForm>(hll[kFormOffset]);
}

std::string NewHll() {
  std::string hll(kHllHeaderBytes, '\0');
  std::ranges::copy(kMagic, hll.begin());
  hll[kFormOffset] = static_cast<char>(HllForm::kSparse);
  AppendHllZeros(hll, kHllRegisters);
  return hll;
}

std::optional<uint64_t> CachedHllCount(std::string_view hll) {
  if ((static_cast<uint8_t>(hll[kCountFlagOffset]) & 0x80) != 0) return std::nullopt;
  return LoadWord(hll.data() + kCountOffset);
}

void StoreHllCount(std::span<char> hll, uint64_t count) {
  std::memcpy(hll.data() + kCountOffset, &count, sizeof(count));
}

void InvalidateHllCount(std::span<char> hll) {
  hll[kCountFlagOffset] = static_cast<char>(static_cast<uint8_t>(hll[kCountFlagOffset]) | 0x80);
}

std::optional<uint64_t> EstimateHll(std::string_view hll) {
  if (FormOf(hll) == HllForm::kDense) return Estimate(DenseHistogram(hll));
  const std::optional<Histogram> histogram = SparseHistogram(hll);
  if (!histogram) return std::nullopt;
  return Estimate(*histogram);
}

uint64_t EstimateHll(const HllRegisters& registers) {
  Histogram histogram = {};
  for (const uint8_t value : registers) ++histogram[value];
  return Estimate(histogram);
}

HllStatus MergeHll(std::string_view hll, HllRegisters& registers) {
  const auto raise = [&](size_t index, uint32_t value) {
    registers[index] = std::max(registers[index], static_cast<uint8_t>(value));
  };
  if (FormOf(hll) == HllForm::kDense) {
    ForEachFour(hll, [&](size_t first, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
      raise(first, a);
      raise(first + 1, b);
      raise(first + 2, c);
      raise(first + 3, d);
    });
    return HllStatus::kOk;
  }
  size_t index = 0;
  ForEachHllRun(hll.substr(kHllHeaderBytes), [&](const HllRun& run) {
    const size_t end = index + run.length;
    if (end <= kHllRegisters && run.value > 0) {
      for (size_t i = index; i < end; ++i) raise(i, run.value);
    }
    index = end;
    return index <= kHllRegisters;
  });
  return index == kHllRegisters ? HllStatus::kOk : HllStatus::kCorrupted;
}

uint8_t DenseHllRegister(std::string_view hll, size_t index) {
  const size_t bit = index * 6;
  const char* const at = hll.data() + kHllHeaderBytes + bit / 8;
  unsigned word = static_cast<uint8_t>(at[0]);
  // The last register ends with the last byte.
  if (bit % 8 > 2) word |= static_cast<unsigned>(static_cast<uint8_t>(at[1])) << 8;
  return static_cast<uint8_t>(word >> (bit % 8) & 63);
}

HllChange AddToDenseHll(std::span<char> hll, HllElement element) {
  if (DenseHllRegister({hll.data(), hll.size()}, element.index) >= element.rank) return HllChange::kNone;
  const size_t bit = size_t{element.index} * 6;
  char* const at = hll.data() + kHllHeaderBytes + bit / 8;
  const unsigned shift = bit % 8;
  const auto put = [&](char& byte, unsigned mask, unsigned bits) {
    byte = static_cast<char>((static_cast<uint8_t>(byte) & ~mask) | bits);
  };
  put(at[0], 63u << shift & 0xff, static_cast<unsigned>(element.rank) << shift & 0xff);
  if (shift > 2) put(at[1], 63u >> (8 - shift), static_cast<unsigned>(element.rank) >> (8 - shift));
  return HllChange::kRaised;
}

HllStatus MakeHllDense(std::string& hll) {
  if (FormOf(hll) == HllForm::kDense) return HllStatus::kOk;
  HllRegisters registers = {};
  if (MergeHll(hll, registers) == HllStatus::kCorrupted) return HllStatus::kCorrupted;
  std::string dense(kHllDenseBytes, '\0');
  std::copy_n(hll.begin(), kHllHeaderBytes, dense.begin());
  dense[kFormOffset] = static_cast<char>(HllForm::kDense);
  char* at = dense.data() + kHllHeaderBytes;
  for (size_t i = 0; i < kHllRegisters; i += 4, at += 3) {
    const uint32_t word = registers[i] | static_cast<uint32_t>(registers[i + 1]) << 6 |
                          static_cast<uint32_t>(registers[i + 2]) << 12 | static_cast<uint32_t>(registers[i + 3]) << 18;
    std::memcpy(at, &word, 3);
  }
  hll = std::move(dense);
  return HllStatus::kOk;
}

std::string DescribeSparseHll(std::string_view hll) {
  std::string text;
  ForEachHllRun(hll.substr(kHllHeaderBytes), [&](const HllRun& run) {
    if (!text.empty()) text += ' ';
    switch (run.kind) {
      case HllRun::Kind::kShortZeros:
        text += "z:" + std::to_string(run.length);
        break;
      case HllRun::Kind::kLongZeros:
        text += "Z:" + std::to_string(run.length);
        break;
      case HllRun::Kind::kValue:
        text += "v:" + std::to_string(run.value) + "," + std::to_string(run.length);
        break;
    }
    return true;
  });
  return text;
}

}  // namespace tidemark::values
