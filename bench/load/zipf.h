// Zipf-distributed ranks by rejection-inversion (Hoermann and Derflinger, "Rejection-inversion to generate variates
// from monotone discrete distributions", 1996): exact, and as fast for a billion ranks as for ten.
#pragma once

#include <cmath>
#include <cstdint>

namespace tidemark::bench {

class Zipf {
 public:
  // Rank k of 1 to `count` has a share of 1 / k^exponent. The exponent is positive and not 1.
  Zipf(uint64_t count, double exponent)
      : count_(count),
        exponent_(exponent),
        integral_first_(Integral(1.5) - 1),
        integral_last_(Integral(static_cast<double>(count) + 0.5)),
        // What lies this near to its rank is taken without a look at the density.
        near_(2 - InverseIntegral(Integral(2.5) - Density(2))) {}

  // `random` gives 64 random bits with each call. Answers 0 to count - 1, the most frequent first.
  template <typename Random>
  uint64_t Next(Random&& random) const {
    for (;;) {
      const double uniform = static_cast<double>(random() >> 11) * 0x1p-53;
      const double area = integral_last_ + uniform * (integral_first_ - integral_last_);
      const double x = InverseIntegral(area);
      double rank = std::floor(x + 0.5);
      if (rank < 1) rank = 1;
      if (rank > static_cast<double>(count_)) rank = static_cast<double>(count_);
      if (rank - x <= near_ || area >= Integral(rank + 0.5) - Density(rank)) return static_cast<uint64_t>(rank) - 1;
    }
  }

 private:
  double Density(double x) const { return std::pow(x, -exponent_); }
  double Integral(double x) const { return (std::pow(x, 1 - exponent_) - 1) / (1 - exponent_); }
  double InverseIntegral(double area) const { return std::pow(1 + area * (1 - exponent_), 1 / (1 - exponent_)); }

  uint64_t count_;
  double exponent_;
  double integral_first_;
  double integral_last_;
  double near_;
};

}  // namespace tidemark::bench
