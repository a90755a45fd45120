// bench_lru: the share of GETs that an exact LRU cache of so many values would have answered, for the very requests
// that bench_load sends with the same options. What a sampling server is to be measured by.
//
//   bench_lru KEYS CAPACITY SEED SET-PERCENT WARMUP-REQUESTS REQUESTS
//
// Prints one JSON object. Every request, GET or SET, makes its key the most recently used one.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "string_workload.h"

namespace tidemark::bench {
namespace {

class LruCache {
 public:
  LruCache(uint64_t keys, uint64_t capacity) : links_(keys + 1, Link{kAbsent, kAbsent}), capacity_(capacity) {
    head_ = static_cast<uint32_t>(keys);
    links_[head_] = {head_, head_};
  }

  // True if the key was in the cache; it is afterwards.
  bool Touch(uint32_t key) {
    const bool hit = links_[key].next != kAbsent;
    if (hit) {
      Unlink(key);
    } else if (size_ == capacity_) {
      const uint32_t oldest = links_[head_].previous;
      Unlink(oldest);
      links_[oldest] = {kAbsent, kAbsent};
    } else {
      ++size_;
    }
    const uint32_t second = links_[head_].next;
    links_[key] = {head_, second};
    links_[second].previous = key;
    links_[head_].next = key;
    return hit;
  }

 private:
  static constexpr uint32_t kAbsent = UINT32_MAX;
  struct Link {
    uint32_t previous;
    uint32_t next;
  };

  void Unlink(uint32_t key) {
    links_[links_[key].previous].next = links_[key].next;
    links_[links_[key].next].previous = links_[key].previous;
  }

  std::vector<Link> links_;  // a ring through the head, most recently used first
  uint64_t capacity_;
  uint64_t size_ = 0;
  uint32_t head_;
};

struct Counts {
  uint64_t gets = 0;
  uint64_t hits = 0;
};

Counts Play(const WorkloadOptions& options, uint64_t requests, LruCache& cache) {
  StringWorkload workload(options);
  std::string bytes;
  Counts counts;
  for (uint64_t i = 0; i < requests; ++i) {
    bytes.clear();
    const Request request = workload.AppendNext(&bytes);
    const bool hit = cache.Touch(static_cast<uint32_t>(request.key_index));
    if (request.command != Command::kGet) continue;
    ++counts.gets;
    counts.hits += hit;
  }
  return counts;
}

void Simulate(WorkloadOptions options, uint64_t capacity, uint64_t warmup, uint64_t requests) {
  LruCache cache(options.key_count, capacity);
  Play(options, warmup, cache);
  ++options.seed;
  const auto [gets, hits] = Play(options, requests, cache);
  std::printf("{\"gets\": %llu, \"hit_rate\": %.5f}\n", static_cast<unsigned long long>(gets),
              gets == 0 ? 0.0 : static_cast<double>(hits) / static_cast<double>(gets));
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fputs("usage: bench_lru KEYS CAPACITY SEED SET-PERCENT WARMUP-REQUESTS REQUESTS\n", stderr);
    return 2;
  }
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  tidemark::bench::WorkloadOptions options;
  options.command = tidemark::bench::Command::kMixed;
  options.order = tidemark::bench::Order::kZipf;
  options.key_count = number(1);
  options.seed = number(3);
  options.set_percent = static_cast<uint32_t>(number(4));
  options.value_bytes = 0;
  if (options.key_count == 0 || number(2) == 0) {
    std::fputs("bench_lru: keys and capacity must be at least 1\n", stderr);
    return 2;
  }
  tidemark::bench::Simulate(options, number(2), number(5), number(6));
  return 0;
}
