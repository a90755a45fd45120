// SipHash-1-3 (Aumasson and Bernstein 2012, with the rounds that hash tables use): a keyed hash that a client cannot
// steer without knowing the key.
#pragma once

#include <cstdint>
#include <string_view>

namespace tidemark {

struct HashSeed {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
  static HashSeed FromSystem();
};

uint64_t SipHash13(std::string_view bytes, const HashSeed& seed);

}  // namespace tidemark
