// What is asked of the server: which key comes next, the bytes of a request, and the value every key must have.
//
// Keys are `key:` and twelve digits (16 bytes). A value is a function of its key's index alone, so that any process can
// check any reply byte by byte; its bytes come from a generator, so that no compressor makes it smaller.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::bench {

enum class Command { kGet, kSet, kMixed };
enum class Order {
  kRandom,      // each key is drawn anew
  kSequential,  // first to last, then again
  kShuffled,    // each key once, in an order given by the seed, then again
};

struct WorkloadOptions {
  Command command = Command::kGet;
  Order order = Order::kRandom;
  uint64_t first_key = 0;
  uint64_t key_count = 1000000;
  uint32_t value_bytes = 64;
  uint32_t set_percent = 20;  // share of SET in kMixed
  uint64_t seed = 1;
};

struct Request {
  uint64_t key_index;
  Command command;  // kGet or kSet
};

class Workload {
 public:
  explicit Workload(const WorkloadOptions& options);

  // Draws the next request and appends its bytes to `out`.
  Request AppendNext(std::string* out);

  // Whether `value` is, byte for byte, the value of the key.
  bool ValueIsRight(uint64_t key_index, std::string_view value) const;

  uint32_t value_bytes() const { return options_.value_bytes; }

 private:
  uint64_t NextKey();
  uint64_t NextRandom();
  void AppendValue(uint64_t key_index, std::string* out) const;

  const WorkloadOptions options_;
  const std::string get_prefix_;
  const std::string set_prefix_;
  const std::string set_middle_;
  std::vector<uint32_t> shuffled_;  // filled for Order::kShuffled
  uint64_t position_ = 0;
  uint64_t random_state_;
};

}  // namespace tidemark::bench
