// A small fast generator (xoshiro256**, Blackman and Vigna 2018) that tests can seed. Not for secrets: those come from
// SystemEntropy.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tidemark {

class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t Next() {
    const uint64_t result = Rotate(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = Rotate(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound); bound > 0. The bias is below 2^-32 for any bound that fits in 32 bits.
  uint64_t Below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

 private:
  static uint64_t Rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  uint64_t state_[4];
};

// Fills `out` from the kernel's generator.
void SystemEntropy(std::span<unsigned char> out);
uint64_t SystemSeed();
// `digits` random lower-case hexadecimal digits, for run and replication ids.
std::string RandomHex(int digits);

}  // namespace tidemark
