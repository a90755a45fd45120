// A name of up to 24 bytes with its ASCII letters in lower case, as three machine words: compared and hashed without a
// loop over its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace tidemark::commands {

struct FoldedName {
  static constexpr size_t kMaxBytes = 24;

  uint64_t words[3] = {0, 0, 0};

  // Of a name that fits.
  static constexpr FoldedName Of(std::string_view name) {
    FoldedName folded;
    for (int i = 0; i < 3 && !name.empty(); ++i) {
      const size_t bytes = name.size() < 8 ? name.size() : 8;
      folded.words[i] = FoldCase(Load(name.data(), bytes));
      name.remove_prefix(bytes);
    }
    return folded;
  }

  constexpr bool operator==(const FoldedName& other) const {
    return ((words[0] ^ other.words[0]) | (words[1] ^ other.words[1]) | (words[2] ^ other.words[2])) == 0;
  }

  // `bits` bits.
  constexpr uint32_t Hash(int bits) const {
    const uint64_t mixed = (words[0] ^ (words[1] * 0x9e3779b97f4a7c15u) ^ (words[2] * 0xc2b2ae3d27d4eb4fu));
    return static_cast<uint32_t>(((mixed ^ (mixed >> 29)) * 0xbf58476d1ce4e5b9u) >> (64 - bits));
  }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101u;

  // 1 to 8 bytes, the first one lowest.
  static constexpr uint64_t Load(const char* data, size_t bytes) {
    if (std::is_constant_evaluated()) {
      uint64_t word = 0;
      for (size_t i = 0; i < bytes; ++i) word |= uint64_t{static_cast<unsigned char>(data[i])} << (8 * i);
      return word;
    }
    if (bytes == 8) return LoadAs<uint64_t>(data);
    if (bytes >= 4) {
      return LoadAs<uint32_t>(data) | uint64_t{LoadAs<uint32_t>(data + bytes - 4)} << (8 * (bytes - 4));
    }
    const auto at = [data](size_t i) { return uint64_t{static_cast<unsigned char>(data[i])}; };
    return at(0) | at(bytes / 2) << (8 * (bytes / 2)) | at(bytes - 1) << (8 * (bytes - 1));
  }

  template <typename Word>
  static Word LoadAs(const char* data) {
    Word word;
    std::memcpy(&word, data, sizeof(word));
    return word;
  }

  // Sets bit 5 of each byte that is 'A' to 'Z': the top bit of a 7-bit byte plus (128 - c) tells whether it is at least
  // c, without a carry into the next byte.
  static constexpr uint64_t FoldCase(uint64_t word) {
    const uint64_t low7 = word & (0x7f * kOnes);
    const uint64_t from_a = low7 + (0x80 - 'A') * kOnes;
    const uint64_t past_z = low7 + (0x7f - 'Z') * kOnes;
    const uint64_t upper = from_a & ~past_z & ~word & (0x80 * kOnes);
    return word | (upper >> 2);
  }
};

}  // namespace tidemark::commands
