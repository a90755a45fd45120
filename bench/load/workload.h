// What is asked of the server: the bytes of the next request, and whether a reply is the one that it must get.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tidemark::bench {

enum class Command {
  kGet,
  kMGet,
  kSet,
  kMixed,
  // Containers, see container_workload.h.
  kHSet,
  kHGet,
  kLPush,
  kRPush,
  kLRange,
  kSAdd,
  kSIsMember,
  kZAdd,
  kZRangeByScore,
  kZRank,
  kXAdd,
  kXRange,
};
enum class Order {
  kRandom,      // each key is drawn anew
  kSequential,  // first to last, then again
  kShuffled,    // each key once, in an order given by the seed, then again
  kZipf,        // drawn with a share of 1 / rank^0.99; the ranks are scattered over the keys
};

struct WorkloadOptions {
  Command command = Command::kGet;
  Order order = Order::kRandom;
  uint64_t first_key = 0;
  uint64_t key_count = 1000000;
  uint32_t value_bytes = 64;
  uint32_t set_percent = 20;      // share of SET in kMixed
  uint32_t keys_per_request = 1;  // of kMGet
  uint64_t seed = 1;
  // Containers: `key_count` of them.
  std::string key_prefix = "key:";
  uint64_t member_count = 100000;    // in each
  uint32_t member_bytes = 16;        // length of a field or member
  uint32_t members_per_request = 1;  // of commands that add
};

struct Request {
  uint64_t key_index;
  Command command;      // never kMixed
  uint64_t member = 0;  // of a container: the first that it is about
  uint64_t salt = 0;    // random where what is written is, else 0
};

enum class Verify {
  kShape,  // the reply's type and length
  kBytes,  // each byte of a value
};

enum class Verdict {
  kRight,
  kMiss,   // null
  kWrong,  // another type, length or value than the request must get
};

class Workload {
 public:
  virtual ~Workload() = default;

  // Draws the next request and appends its bytes to `out`.
  virtual Request AppendNext(std::string* out) = 0;
  // `reply` is one whole reply, and no error.
  virtual Verdict Judge(const Request& request, std::string_view reply, Verify verify) const = 0;
  // The longest right reply, without its line ends and headers.
  virtual size_t reply_bytes_max() const = 0;
};

std::unique_ptr<Workload> MakeWorkload(const WorkloadOptions& options);

}  // namespace tidemark::bench
