#include "values/bitmap.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tidemark::values {
namespace {

static_assert(std::endian::native == std::endian::little, "words are turned round so that bit 0 is their highest");

constexpr uint64_t kAllSet = ~uint64_t{0};

uint64_t LoadWord(const char* at) {
  uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

uint8_t ByteAt(std::string_view bytes, uint64_t index) {
  return index < bytes.size() ? static_cast<uint8_t>(bytes[index]) : 0;
}

// Bits `from` to `to` of a byte, both included.
uint8_t Mask(uint64_t from, uint64_t to) {
  return static_cast<uint8_t>((0xffu >> from) & (0xffu << (7 - to)));
}

// The last, incomplete word.
uint64_t LoadTail(std::string_view bytes) {
  uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  return word;
}

uint64_t CountPortably(std::string_view bytes) {
  uint64_t count = 0;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    count += static_cast<uint64_t>(std::popcount(LoadWord(bytes.data())));
  }
  return count + static_cast<uint64_t>(std::popcount(LoadTail(bytes)));
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) uint64_t CountByInstruction(std::string_view bytes) {
  // Four sums at a time, as one alone would wait for itself.
  uint64_t sums[4] = {};
  for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
    for (size_t i = 0; i < 4; ++i) {
      sums[i] += static_cast<uint64_t>(__builtin_popcountll(LoadWord(bytes.data() + 8 * i)));
    }
  }
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    sums[0] += static_cast<uint64_t>(__builtin_popcountll(LoadWord(bytes.data())));
  }
  sums[1] += static_cast<uint64_t>(__builtin_popcountll(LoadTail(bytes)));
  return sums[0] + sums[1] + sums[2] + sums[3];
}
#endif

// Bits of one byte, of which only those in `mask` count.
std::optional<uint64_t> FindInByte(uint8_t byte, Bit bit, uint8_t mask) {
  const auto wanted = static_cast<uint8_t>((bit == Bit::kSet ? byte : ~byte) & mask);
  if (wanted == 0) return std::nullopt;
  return static_cast<uint64_t>(std::countl_zero(wanted));
}

// The first such bit in whole bytes.
std::optional<uint64_t> FindInBytes(std::string_view bytes, Bit bit) {
  const uint64_t flip = bit == Bit::kSet ? 0 : kAllSet;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    const uint64_t wanted = LoadWord(bytes.data() + at) ^ flip;
    if (wanted != 0) return at * 8 + static_cast<uint64_t>(std::countl_zero(__builtin_bswap64(wanted)));
  }
  for (; at < bytes.size(); ++at) {
    if (const auto found = FindInByte(static_cast<uint8_t>(bytes[at]), bit, 0xff)) return at * 8 + *found;
  }
  return std::nullopt;
}

// One stretch of the output, small enough for the first-level cache.
constexpr size_t kBlockWords = 128;
constexpr size_t kBlockBytes = kBlockWords * sizeof(uint64_t);
using Block = uint64_t[kBlockWords];

// Loads the bytes of `input` from `offset` on, with zeros behind its end.
void LoadBlock(std::string_view input, size_t offset, Block& block) {
  const size_t bytes = offset < input.size() ? std::min(input.size() - offset, kBlockBytes) : 0;
  if (bytes > 0) std::memcpy(block, input.data() + offset, bytes);
  std::memset(reinterpret_cast<char*>(block) + bytes, 0, kBlockBytes - bytes);
}

template <typename Combine>
[[gnu::always_inline]] inline void Apply(Block& result, const Block& other, Combine combine) {
  for (size_t i = 0; i < kBlockWords; ++i) result[i] = combine(result[i], other[i]);
}

// Folds inputs[from..] into `result` by one word operation.
template <typename Combine>
void Fold(std::span<const std::string_view> inputs, size_t from, size_t offset, Block& result, Combine combine) {
  Block next;
  for (size_t i = from; i < inputs.size(); ++i) {
    LoadBlock(inputs[i], offset, next);
    Apply(result, next, combine);
  }
}

constexpr auto kOrWords = [](uint64_t a, uint64_t b) { return a | b; };

// `result` = the first input, combined with what is set in any of the others.
template <typename Combine>
void AgainstTheOthers(std::span<const std::string_view> inputs, size_t offset, Block& result, Combine combine) {
  Block others = {};
  Fold(inputs, 1, offset, others, kOrWords);
  Apply(result, others, combine);
}

void ExactlyOne(std::span<const std::string_view> inputs, size_t offset, Block& result) {
  Block next;
  Block several = {};
  for (size_t i = 1; i < inputs.size(); ++i) {
    LoadBlock(inputs[i], offset, next);
    for (size_t word = 0; word < kBlockWords; ++word) {
      several[word] |= result[word] & next[word];
      result[word] |= next[word];
    }
  }
  Apply(result, several, [](uint64_t any, uint64_t more) { return any & ~more; });
}

void CombineBlock(BitOperation operation, std::span<const std::string_view> inputs, size_t offset, Block& result) {
  LoadBlock(inputs[0], offset, result);
  switch (operation) {
    case BitOperation::kAnd:
      return Fold(inputs, 1, offset, result, [](uint64_t a, uint64_t b) { return a & b; });
    case BitOperation::kOr:
      return Fold(inputs, 1, offset, result, kOrWords);
    case BitOperation::kXor:
      return Fold(inputs, 1, offset, result, [](uint64_t a, uint64_t b) { return a ^ b; });
    case BitOperation::kNot:
      for (uint64_t& word : result) word = ~word;
      return;
    case BitOperation::kDiff:
      return AgainstTheOthers(inputs, offset, result, [](uint64_t first, uint64_t any) { return first & ~any; });
    case BitOperation::kDiff1:
      return AgainstTheOthers(inputs, offset, result, [](uint64_t first, uint64_t any) { return ~first & any; });
    case BitOperation::kAndOr:
      return AgainstTheOthers(inputs, offset, result, [](uint64_t first, uint64_t any) { return first & any; });
    case BitOperation::kOne:
      return ExactlyOne(inputs, offset, result);
  }
}

int64_t MaxOf(BitFieldType type) {
  const uint64_t unsigned_max = kAllSet >> (64 - type.bits);
  return static_cast<int64_t>(type.is_signed ? unsigned_max >> 1 : unsigned_max);
}

int64_t MinOf(BitFieldType type) {
  return type.is_signed ? -MaxOf(type) - 1 : 0;
}

// The value of a field whose lowest bits these are.
int64_t FromBits(BitFieldType type, uint64_t value) {
  const int spare = 64 - type.bits;
  const uint64_t high = value << spare;
  return type.is_signed ? static_cast<int64_t>(high) >> spare : static_cast<int64_t>(high >> spare);
}

std::optional<int64_t> Limit(BitFieldType type, int64_t wrapped, int64_t saturated, BitFieldOverflow overflow) {
  switch (overflow) {
    case BitFieldOverflow::kWrap:
      return FromBits(type, static_cast<uint64_t>(wrapped));
    case BitFieldOverflow::kSaturate:
      return saturated;
    case BitFieldOverflow::kFail:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Bit BitAt(std::string_view bytes, uint64_t offset) {
  return (ByteAt(bytes, offset / 8) >> (7 - offset % 8) & 1) != 0 ? Bit::kSet : Bit::kClear;
}

void SetBit(std::span<char> bytes, uint64_t offset, Bit bit) {
  const auto mask = static_cast<uint8_t>(0x80u >> (offset % 8));
  const auto byte = static_cast<uint8_t>(bytes[offset / 8]);
  bytes[offset / 8] = static_cast<char>(bit == Bit::kSet ? byte | mask : byte & ~mask);
}

uint64_t CountBits(std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("popcnt");
  if (has_instruction) return CountByInstruction(bytes);
#endif
  return CountPortably(bytes);
}

uint64_t CountBits(std::string_view bytes, uint64_t first, uint64_t last) {
  const uint64_t first_byte = first / 8;
  const uint64_t last_byte = last / 8;
  uint64_t count = CountBits(bytes.substr(first_byte, last_byte - first_byte + 1));
  // What was counted too much at both ends.
  if (first % 8 != 0) {
    count -=
        static_cast<uint64_t>(std::popcount(static_cast<uint8_t>(ByteAt(bytes, first_byte) & Mask(0, first % 8 - 1))));
  }
  if (last % 8 != 7) {
    count -=
        static_cast<uint64_t>(std::popcount(static_cast<uint8_t>(ByteAt(bytes, last_byte) & Mask(last % 8 + 1, 7))));
  }
  return count;
}

std::optional<uint64_t> FindBit(std::string_view bytes, Bit bit, uint64_t first, uint64_t last) {
  const uint64_t first_byte = first / 8;
  const uint64_t last_byte = last / 8;
  const bool one_byte = first_byte == last_byte;
  const auto head = FindInByte(ByteAt(bytes, first_byte), bit, Mask(first % 8, one_byte ? last % 8 : 7));
  if (head) return first_byte * 8 + *head;
  if (one_byte) return std::nullopt;
  const auto middle = FindInBytes(bytes.substr(first_byte + 1, last_byte - first_byte - 1), bit);
  if (middle) return (first_byte + 1) * 8 + *middle;
  const auto tail = FindInByte(ByteAt(bytes, last_byte), bit, Mask(0, last % 8));
  if (tail) return last_byte * 8 + *tail;
  return std::nullopt;
}

void CombineBits(BitOperation operation, std::span<const std::string_view> inputs, std::span<char> out) {
  Block block;
  for (size_t offset = 0; offset < out.size(); offset += kBlockBytes) {
    CombineBlock(operation, inputs, offset, block);
    std::memcpy(out.data() + offset, block, std::min(out.size() - offset, kBlockBytes));
  }
}

int64_t ReadBitField(std::string_view bytes, BitFieldType type, uint64_t offset) {
  // A field lies in at most nine bytes.
  uint64_t value = 0;
  unsigned taken = 0;
  while (taken < type.bits) {
    const uint64_t bit = (offset + taken) % 8;
    const auto count = static_cast<unsigned>(std::min<uint64_t>(8 - bit, type.bits - taken));
    const unsigned part = (ByteAt(bytes, (offset + taken) / 8) & Mask(bit, bit + count - 1)) >> (8 - bit - count);
    value = value << count | part;
    taken += count;
  }
  return FromBits(type, value);
}

void WriteBitField(std::span<char> bytes, BitFieldType type, uint64_t offset, int64_t value) {
  unsigned left = type.bits;
  while (left > 0) {
    const uint64_t at = offset + type.bits - left;
    const uint64_t bit = at % 8;
    const auto count = static_cast<unsigned>(std::min<uint64_t>(8 - bit, left));
    const uint8_t mask = Mask(bit, bit + count - 1);
    const auto part = static_cast<unsigned>(static_cast<uint64_t>(value) >> (left - count)) << (8 - bit - count);
    char& byte = bytes[at / 8];
    byte = static_cast<char>((static_cast<uint8_t>(byte) & ~mask) | (part & mask));
    left -= count;
  }
}

std::optional<int64_t> FitBitField(BitFieldType type, int64_t value, BitFieldOverflow overflow) {
  const int64_t max = MaxOf(type);
  if (!type.is_signed) {
    if (static_cast<uint64_t>(value) <= static_cast<uint64_t>(max)) return value;
    return Limit(type, value, max, overflow);
  }
  // Redis' subtraction overflows where a value is this far below zero, and takes it for one that is too large.
  int64_t distance;
  const bool seems_large = type.bits < 64 && __builtin_sub_overflow(max, value, &distance);
  if (value > max || seems_large) return Limit(type, value, max, overflow);
  if (value < MinOf(type)) return Limit(type, value, MinOf(type), overflow);
  return value;
}

std::optional<int64_t> AddToBitField(BitFieldType type, int64_t old, int64_t increment, BitFieldOverflow overflow) {
  const auto wrapped = static_cast<int64_t>(static_cast<uint64_t>(old) + static_cast<uint64_t>(increment));
  int64_t sum;
  const bool overflows = __builtin_add_overflow(old, increment, &sum);
  if (increment > 0 && (overflows || sum > MaxOf(type))) return Limit(type, wrapped, MaxOf(type), overflow);
  if (increment < 0 && (overflows || sum < MinOf(type))) return Limit(type, wrapped, MinOf(type), overflow);
  return sum;
}

}  // namespace tidemark::values
