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

// Made to be fast, as the load shares a machine with what it measures: no word waits for the comparison of another.
inline bool IsValue(uint64_t index, size_t bytes, std::string_view value) {
  if (value.size() != bytes) return false;
  const uint64_t start = Mix(index * kWeyl + 1);
  const auto word_of = [start](size_t n) { return Mix(start + (n + 1) * kWeyl); };
  const size_t words = bytes / sizeof(uint64_t);
  uint64_t difference = 0;
  for (size_t n = 0; n < words; ++n) {
    uint64_t word;
    std::memcpy(&word, value.data() + n * sizeof(word), sizeof(word));
    difference |= word ^ word_of(n);
  }
  const uint64_t last = word_of(words);
  const size_t rest = words * sizeof(uint64_t);
  return difference == 0 && std::memcmp(&last, value.data() + rest, bytes - rest) == 0;
}

}  // namespace tidemark::bench
