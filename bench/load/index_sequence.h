// Which of `count` things comes next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "random_stream.h"
#include "workload.h"

namespace tidemark::bench {

class IndexSequence {
 public:
  IndexSequence(Order order, uint64_t count, uint64_t seed) : order_(order), count_(count), random_state_(Mix(seed)) {
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
    }
    return 0;
  }
  // A random word beside the sequence.
  uint64_t Random() { return Mix(random_state_ += kWeyl); }

 private:
  Order order_;
  uint64_t count_;
  uint64_t random_state_;
  uint64_t position_ = 0;
  std::vector<uint32_t> shuffled_;  // filled for Order::kShuffled
};

}  // namespace tidemark::bench
