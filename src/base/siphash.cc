#include "base/siphash.h"

#include <bit>
#include <cstring>

#include "base/random.h"

namespace tidemark {
namespace {

struct SipState {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void Absorb(uint64_t word) {
    v3 ^= word;
    Round();
    v0 ^= word;
  }
};

static_assert(std::endian::native == std::endian::little, "words are read in memory order");

uint64_t LoadWord(const char* p) {
  uint64_t word;
  std::memcpy(&word, p, sizeof(word));
  return word;
}

// The last 0 to 7 bytes, in the low bytes of a word.
uint64_t LoadTail(const char* p, size_t bytes) {
  uint64_t word = 0;
  if (bytes & 4) {
    uint32_t low;
    std::memcpy(&low, p, 4);
    word = low;
    for (size_t i = 4; i < bytes; ++i) word |= uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
  } else {
    for (size_t i = 0; i < bytes; ++i) word |= uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
  }
  return word;
}

}  // namespace

HashSeed HashSeed::FromSystem() {
  return {SystemSeed(), SystemSeed()};
}

uint64_t SipHash13(std::string_view bytes, const HashSeed& seed) {
  SipState s{seed.k0 ^ 0x736f6d6570736575, seed.k1 ^ 0x646f72616e646f6d, seed.k0 ^ 0x6c7967656e657261,
             seed.k1 ^ 0x7465646279746573};
  const char* p = bytes.data();
  const char* const end_of_words = p + (bytes.size() & ~size_t{7});
  for (; p != end_of_words; p += 8) s.Absorb(LoadWord(p));
  s.Absorb(uint64_t{bytes.size()} << 56 | LoadTail(p, bytes.size() & 7));
  s.v2 ^= 0xff;
  s.Round();
  s.Round();
  s.Round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace tidemark
