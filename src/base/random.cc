#include "base/random.h"

#include <sys/random.h>

#include "base/check.h"

namespace tidemark {

// The state is filled by splitmix64, so that seeds near each other give unrelated sequences.
Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    word = z ^ (z >> 31);
  }
}

void SystemEntropy(std::span<unsigned char> out) {
  while (!out.empty()) {
    const ssize_t n = getrandom(out.data(), out.size(), 0);
    TIDEMARK_CHECK(n > 0);
    out = out.subspan(static_cast<size_t>(n));
  }
}

uint64_t SystemSeed() {
  unsigned char bytes[8];
  SystemEntropy(bytes);
  uint64_t seed = 0;
  for (unsigned char b : bytes) seed = seed << 8 | b;
  return seed;
}

std::string RandomHex(int digits) {
  std::string text(static_cast<size_t>(digits), '0');
  for (char& c : text) {
    unsigned char byte;
    SystemEntropy({&byte, 1});
    c = "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace tidemark
