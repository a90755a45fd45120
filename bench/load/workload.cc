#include "workload.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <random>

namespace tidemark::bench {
namespace {

constexpr uint64_t kWeyl = 0x9E3779B97F4A7C15;

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): word `n` of a stream is Mix(start + n * kWeyl).
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

uint64_t ValueStream(uint64_t key_index) {
  return Mix(key_index * kWeyl + 1);
}

std::array<char, 40000> MakeFourDigits() {
  std::array<char, 40000> table;
  for (int n = 0; n < 10000; ++n) {
    for (int digit = 3, rest = n; digit >= 0; --digit, rest /= 10)
      table[n * 4 + digit] = static_cast<char>('0' + rest % 10);
  }
  return table;
}

void AppendKey(uint64_t key_index, std::string* out) {
  static const std::array<char, 40000> four_digits = MakeFourDigits();
  char key[16] = {'k', 'e', 'y', ':'};
  std::memcpy(key + 4, &four_digits[key_index / 100000000 % 10000 * 4], 4);
  std::memcpy(key + 8, &four_digits[key_index / 10000 % 10000 * 4], 4);
  std::memcpy(key + 12, &four_digits[key_index % 10000 * 4], 4);
  out->append(key, sizeof(key));
}

}  // namespace

Workload::Workload(const WorkloadOptions& options)
    : options_(options),
      get_prefix_("*2\r\n$3\r\nGET\r\n$16\r\n"),
      set_prefix_("*3\r\n$3\r\nSET\r\n$16\r\n"),
      set_middle_("\r\n$" + std::to_string(options.value_bytes) + "\r\n"),
      random_state_(Mix(options.seed)) {
  if (options_.order == Order::kShuffled) {
    shuffled_.resize(options_.key_count);
    std::iota(shuffled_.begin(), shuffled_.end(), 0);
    std::shuffle(shuffled_.begin(), shuffled_.end(), std::mt19937_64(options_.seed));
  }
}

Request Workload::AppendNext(std::string* out) {
  Request request{.key_index = NextKey(), .command = options_.command};
  if (request.command == Command::kMixed) {
    request.command = NextRandom() % 100 < options_.set_percent ? Command::kSet : Command::kGet;
  }
  if (request.command == Command::kGet) {
    out->append(get_prefix_);
    AppendKey(request.key_index, out);
  } else {
    out->append(set_prefix_);
    AppendKey(request.key_index, out);
    out->append(set_middle_);
    AppendValue(request.key_index, out);
  }
  out->append("\r\n");
  return request;
}

uint64_t Workload::NextKey() {
  switch (options_.order) {
    case Order::kRandom:
      return options_.first_key + NextRandom() % options_.key_count;
    case Order::kSequential:
      return options_.first_key + position_++ % options_.key_count;
    case Order::kShuffled:
      return options_.first_key + shuffled_[position_++ % options_.key_count];
  }
  return options_.first_key;
}

uint64_t Workload::NextRandom() {
  return Mix(random_state_ += kWeyl);
}

void Workload::AppendValue(uint64_t key_index, std::string* out) const {
  uint64_t state = ValueStream(key_index);
  for (size_t done = 0; done < options_.value_bytes; done += 8) {
    const uint64_t word = Mix(state += kWeyl);
    out->append(reinterpret_cast<const char*>(&word), std::min<size_t>(8, options_.value_bytes - done));
  }
}

bool Workload::ValueIsRight(uint64_t key_index, std::string_view value) const {
  if (value.size() != options_.value_bytes) return false;
  uint64_t state = ValueStream(key_index);
  for (size_t done = 0; done < value.size(); done += 8) {
    const uint64_t word = Mix(state += kWeyl);
    if (std::memcmp(&word, value.data() + done, std::min<size_t>(8, value.size() - done)) != 0) return false;
  }
  return true;
}

}  // namespace tidemark::bench
