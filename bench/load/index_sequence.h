// Which of `count` things comes next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "random_stream.h"
#include "workload.h"
#include "zipf.h"

namespace tidemark::bench {

class IndexSequence {
 public:
  static constexpr double kZipfExponent = 0.99;

  IndexSequence(Order order, uint64_t count, uint64_t seed)
      : order_(order), count_(count), zipf_(count, kZipfExponent), random_state_(Mix(seed)) {
    if (order_ != Order::kShuffled) return;
    shuffled_.resize(count);
    std::iota(shuffled_.begin(), shuffled_.end(), 0);
    std::shuffle(shuffled_.begin(), shuffled_.end(), std::mt19937_64(seed));
  }

  uint64_t Next() {
    switch (order_) {
      case Order::kRandom:
        return Random() % count_;
      case Order::kSequential:
        return position_++ % count_;
      case Order::kShuffled:
        return shuffled_[position_++ % count_];
      case Order::kZipf:
        return Scattered(zipf_.Next([this] { return Random(); }));
    }
    return 0;
  }
  // Another index for each: neighbours come to lie far apart.
  uint64_t Scattered(uint64_t index) const {
    constexpr uint64_t kPrime = 2'654'435'761;  // larger than any count here, so that it divides none
    return index * kPrime % count_;
  }
  // A random word beside the sequence.
  uint64_t Random() { return Mix(random_state_ += kWeyl); }

 private:
  Order order_;
  uint64_t count_;
  Zipf zipf_;
  uint64_t random_state_;
  uint64_t position_ = 0;
  std::vector<uint32_t> shuffled_;  // filled for Order::kShuffled
};

}  // namespace tidemark::bench
