// HyperLogLogs: strings that estimate how many different elements were added to them. The bytes are those of Redis:
//
//   hll     = "HYLL" form %x00 %x00 %x00 cached:le64 registers   ; form: 0 dense, 1 sparse
//   dense   = 16384 registers of 6 bits, the lowest bits of a byte first
//   sparse  = run*                                               ; which make 16384 registers together
//   run     = 00llllll                                           ; l + 1 registers of 0
//           / 01llllll llllllll                                  ; l + 1 registers of 0
//           / 1vvvvvll                                           ; l + 1 registers of v + 1
//
// The highest bit of `cached` says that the number is out of date.
//
// Algorithm: Flajolet et al. 2007, with the estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog
// sketches", arXiv:1702.01284. Clients may store any bytes, so nothing here trusts a run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tidemark::values {

inline constexpr size_t kHllRegisters = 16384;
inline constexpr size_t kHllHeaderBytes = 16;
inline constexpr size_t kHllDenseBytes = kHllHeaderBytes + kHllRegisters * 6 / 8;

enum class HllForm : uint8_t { kDense, kSparse };

// The register an element falls to, and what it raises that to (1 to 51).
struct HllElement {
  uint16_t index;
  uint8_t rank;
};
HllElement HashHllElement(std::string_view element);

// One byte a register.
using HllRegisters = std::array<uint8_t, kHllRegisters>;

// Whether the bytes have the header, and the dense form its length. All other functions want bytes that pass.
bool LooksLikeHll(std::string_view bytes);
HllForm FormOf(std::string_view hll);

// A sparse one to which nothing was added.
std::string NewHll();

// The estimate that is stored in it, if it is up to date.
std::optional<uint64_t> CachedHllCount(std::string_view hll);
void StoreHllCount(std::span<char> hll, uint64_t count);
void InvalidateHllCount(std::span<char> hll);

// How many different elements were added. Empty: the runs are corrupted.
std::optional<uint64_t> EstimateHll(std::string_view hll);
uint64_t EstimateHll(const HllRegisters& registers);

enum class HllStatus : uint8_t { kOk, kCorrupted };
// Raises each of `registers` to that of `hll` if it is lower. Corrupted runs may have been taken in up to the damage.
HllStatus MergeHll(std::string_view hll, HllRegisters& registers);

enum class HllChange : uint8_t { kNone, kRaised, kCorrupted };
// Adds an element. A sparse one becomes dense when it would be longer than `sparse_bytes_max` or the rank does not fit
// into a run. Does not touch the cached count of a dense one. Nothing has changed when it is found corrupted.
HllChange AddToHll(std::string& hll, HllElement element, size_t sparse_bytes_max);
// As AddToHll, in place, for the dense form.
HllChange AddToDenseHll(std::span<char> hll, HllElement element);
// One register of the dense form.
uint8_t DenseHllRegister(std::string_view hll, size_t index);

// Does nothing to a dense one. Nothing has changed when it is found corrupted.
HllStatus MakeHllDense(std::string& hll);

// The runs of the sparse form as text: "Z:length", "z:length" for zeros in two bytes and in one, "v:value,length",
// separated by blanks.
std::string DescribeSparseHll(std::string_view hll);

}  // namespace tidemark::values
