// Random words that are a function of an index, so that any process can make or check any value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace tidemark::bench {

inline constexpr uint64_t kWeyl = 0x9E3779B97F4A7C15;

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): word `n` of a stream is Mix(start + n * kWeyl).
inline uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// The bytes of a value: as good as random, so that no compressor makes it smaller.
inline void AppendValue(uint64_t index, size_t bytes, std::string* out) {
  uint64_t state = Mix(index * kWeyl + 1);
  for (size_t done = 0; done < bytes; done += 8) {
    const uint64_t word = Mix(state += kWeyl);
    out->append(reinterpret_cast<const char*>(&word), std::min<size_t>(8, bytes - done));
  }
}

inline bool IsValue(uint64_t index, size_t bytes, std::string_view value) {
  if (value.size() != bytes) return false;
  uint64_t state = Mix(index * kWeyl + 1);
  for (size_t done = 0; done < bytes; done += 8) {
    const uint64_t word = Mix(state += kWeyl);
    if (std::memcmp(&word, value.data() + done, std::min<size_t>(8, bytes - done)) != 0) return false;
  }
  return true;
}

}  // namespace tidemark::bench
