// The algorithms of bitmaps and of integers packed into them, over the bytes of any string. Bit 0 is the highest bit of
// byte 0. Pure functions; nothing is allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tidemark::values {

enum class Bit : uint8_t { kClear, kSet };

// The bit at `offset`; bits behind the end are clear.
Bit BitAt(std::string_view bytes, uint64_t offset);
// `offset` must lie within `bytes`.
void SetBit(std::span<char> bytes, uint64_t offset, Bit bit);

// How many bits are set.
uint64_t CountBits(std::string_view bytes);
// How many bits from `first` to `last`, both included, are set. `first` <= `last`, and both lie within `bytes`.
uint64_t CountBits(std::string_view bytes, uint64_t first, uint64_t last);
// The first such bit from `first` to `last`, both included. Bounds as for CountBits.
std::optional<uint64_t> FindBit(std::string_view bytes, Bit bit, uint64_t first, uint64_t last);

enum class BitOperation : uint8_t {
  kAnd,
  kOr,
  kXor,
  kNot,    // of the one input
  kDiff,   // in the first input and in no other
  kDiff1,  // in one of the others, but not in the first
  kAndOr,  // in the first and in one of the others
  kOne,    // in exactly one
};
// out[i] = the operation over byte i of every input; an input is as if it went on with zero bytes. There is at least
// one input, and the kinds that speak of "the others" take the rest as empty if there is none. `out` may be the bytes
// of one of the inputs, as a whole.
void CombineBits(BitOperation operation, std::span<const std::string_view> inputs, std::span<char> out);

// An integer of 1 to 64 bits (unsigned: to 63), in two's complement, the highest bit first.
struct BitFieldType {
  bool is_signed = false;
  uint8_t bits = 0;
};
// The field at bit `offset`, whose bits behind the end are clear.
int64_t ReadBitField(std::string_view bytes, BitFieldType type, uint64_t offset);
// Stores the lowest bits of `value`. The field lies within `bytes`.
void WriteBitField(std::span<char> bytes, BitFieldType type, uint64_t offset, int64_t value);

enum class BitFieldOverflow : uint8_t { kWrap, kSaturate, kFail };
// What is to be stored for a new value of a field, and for a sum. Empty: it does not fit, and must not be stored.
// A negative `value` for an unsigned field counts as its 64 bits, that is as a very large one; and one for a signed
// field of less than 64 bits that is further than 2^63 - 1 below the greatest of the type saturates to that, as in
// Redis.
std::optional<int64_t> FitBitField(BitFieldType type, int64_t value, BitFieldOverflow overflow);
// `old` is a value of this type.
std::optional<int64_t> AddToBitField(BitFieldType type, int64_t old, int64_t increment, BitFieldOverflow overflow);

}  // namespace tidemark::values
