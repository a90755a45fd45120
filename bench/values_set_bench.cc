// The table of strings behind large sets: adding, asking, walking, drawing.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "values/string_table.h"

namespace {

using tidemark::Random;
using tidemark::values::StringTable;

std::vector<std::string> MakeMembers(int64_t count) {
  constexpr size_t kMemberBytes = 16;
  std::vector<std::string> members;
  for (int64_t i = 0; i < count; ++i) {
    std::string member = std::to_string(i);
    member.insert(0, kMemberBytes - member.size(), '0');
    members.push_back(std::move(member));
  }
  return members;
}

void StringTableAdd(benchmark::State& state) {
  const auto members = MakeMembers(state.range(0));
  for (auto _ : state) {
    StringTable table;
    for (const std::string& member : members) table.Add(member);
    state.counters["bytes_per_member"] = static_cast<double>(table.MemoryBytes()) / static_cast<double>(members.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(StringTableAdd)->Arg(1000)->Arg(1000000)->Unit(benchmark::kMillisecond);

void StringTableContains(benchmark::State& state) {
  const auto members = MakeMembers(state.range(0));
  StringTable table;
  for (const std::string& member : members) table.Add(member);
  Random random(7);
  for (auto _ : state) benchmark::DoNotOptimize(table.Contains(members[random.Below(members.size())]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(StringTableContains)->Arg(1000)->Arg(1000000);

void StringTableWalk(benchmark::State& state) {
  StringTable table;
  for (const std::string& member : MakeMembers(state.range(0))) table.Add(member);
  size_t bytes = 0;
  for (auto _ : state) {
    table.VisitWhile([&](std::string_view member) {
      bytes += member.size();
      return true;
    });
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(StringTableWalk)->Arg(1000)->Arg(1000000)->Unit(benchmark::kMillisecond);

void StringTablePick(benchmark::State& state) {
  StringTable table;
  for (const std::string& member : MakeMembers(state.range(0))) table.Add(member);
  Random random(7);
  for (auto _ : state) benchmark::DoNotOptimize(table.Pick(random));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(StringTablePick)->Arg(1000)->Arg(1000000);

}  // namespace
