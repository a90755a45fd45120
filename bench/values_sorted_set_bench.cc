// Large sorted sets: members found, added, moved, ranked and walked, and the bytes that a member takes. Members are of
// 16 characters, scores doubles.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/memory.h"
#include "base/random.h"
#include "values/scored_tree.h"

namespace {

using tidemark::Random;
using tidemark::values::MemberBlock;
using tidemark::values::ScoredTree;

enum Arrival : int64_t { kInOrder, kAtRandom };

std::vector<std::string> MakeNames(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    std::string name = std::to_string(i);
    name.insert(0, 16 - name.size(), 'm');
    names.push_back(std::move(name));
  }
  return names;
}

std::unique_ptr<ScoredTree> MakeTree(const std::vector<std::string>& names, int64_t arrival) {
  auto tree = std::make_unique<ScoredTree>();
  Random random(1);
  for (size_t i = 0; i < names.size(); ++i) {
    tree->Insert({names[i], arrival == kInOrder ? static_cast<double>(i) : random.Unit() * 1e9});
  }
  return tree;
}

void SortedSetInsert(benchmark::State& state) {
  const std::vector<std::string> names = MakeNames(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    const uint64_t before = tidemark::ProcessRssBytes();
    const auto tree = MakeTree(names, state.range(1));
    state.PauseTiming();
    const auto count = static_cast<double>(names.size());
    state.counters["rss_bytes_per_member"] = static_cast<double>(tidemark::ProcessRssBytes() - before) / count;
    state.counters["counted_bytes_per_member"] = static_cast<double>(tree->MemoryBytes()) / count;
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(SortedSetInsert)->Args({1'000'000, kInOrder})->Args({1'000'000, kAtRandom})->Unit(benchmark::kMillisecond);

// Draws members at random and gives each to `operate`.
template <typename Operate>
void RunOnMembers(benchmark::State& state, Operate&& operate) {
  const std::vector<std::string> names = MakeNames(static_cast<size_t>(state.range(0)));
  const auto tree = MakeTree(names, kAtRandom);
  Random random(2);
  for (auto _ : state) operate(*tree, names[random.Below(names.size())], random);
  state.SetItemsProcessed(state.iterations());
}

void SortedSetScore(benchmark::State& state) {
  RunOnMembers(state, [](const ScoredTree& tree, const std::string& name, Random&) {
    benchmark::DoNotOptimize(tree.Find(name)->score());
  });
}
BENCHMARK(SortedSetScore)->Arg(1000)->Arg(1'000'000);

void SortedSetRank(benchmark::State& state) {
  RunOnMembers(state, [](const ScoredTree& tree, const std::string& name, Random&) {
    benchmark::DoNotOptimize(tree.Rank(*tree.Find(name)));
  });
}
BENCHMARK(SortedSetRank)->Arg(1000)->Arg(1'000'000);

void SortedSetChangeScore(benchmark::State& state) {
  RunOnMembers(state, [](ScoredTree& tree, const std::string& name, Random& random) {
    tree.SetScore(tree.Find(name), random.Unit() * 1e9);
  });
}
BENCHMARK(SortedSetChangeScore)->Arg(1000)->Arg(1'000'000);

void SortedSetRange(benchmark::State& state) {
  constexpr int kWalked = 10;
  RunOnMembers(state, [](const ScoredTree& tree, const std::string&, Random& random) {
    const uint64_t rank = tree.CountBelow(random.Unit() * 0.9e9);
    ScoredTree::Cursor at = tree.At(rank);
    for (int i = 0; at && i < kWalked; ++i, at.Next()) benchmark::DoNotOptimize(at->member().data());
  });
}
BENCHMARK(SortedSetRange)->Arg(1000)->Arg(1'000'000);

}  // namespace
