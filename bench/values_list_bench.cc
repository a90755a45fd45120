// Lists: pushing and popping at the ends, reading by index and by range, inserting into the middle; the packed list
// alone. Elements are strings of the given length.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "values/list.h"
#include "values/listpack.h"

namespace {

using tidemark::Random;
using tidemark::values::EncodingLimits;
using tidemark::values::FreeList;
using tidemark::values::List;
using tidemark::values::ListBytes;
using tidemark::values::ListEnd;
using tidemark::values::Listpack;
using tidemark::values::ListView;
using tidemark::values::NewList;
using tidemark::values::Object;
using tidemark::values::PackedItem;

constexpr size_t kManyElements = 100000;
constexpr size_t kFewElements = 20;

std::string ElementOf(const benchmark::State& state) {
  return std::string(static_cast<size_t>(state.range(0)), 'x');
}

void Fill(Object& object, size_t count, std::string_view text, const EncodingLimits& limits) {
  List list(object, limits);
  for (size_t i = 0; i < count; ++i) list.Push(ListEnd::kTail, text);
}

// A list to start from: range(1) elements.
class Filled {
 public:
  explicit Filled(const benchmark::State& state) {
    Fill(object, static_cast<size_t>(state.range(1)), ElementOf(state), limits);
  }
  ~Filled() { FreeList(object); }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  EncodingLimits limits;
  Object object = NewList();
};

void ListPush(benchmark::State& state, ListEnd end) {
  const std::string text = ElementOf(state);
  const EncodingLimits limits;
  for (auto _ : state) {
    Object object = NewList();
    for (size_t i = 0; i < kManyElements; ++i) List(object, limits).Push(end, text);
    state.counters["bytes_per_element"] = static_cast<double>(ListBytes(object)) / kManyElements;
    FreeList(object);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kManyElements));
}
BENCHMARK_CAPTURE(ListPush, Head, ListEnd::kHead)->Arg(3)->Arg(16)->Arg(100)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(ListPush, Tail, ListEnd::kTail)->Arg(3)->Arg(16)->Arg(100)->Unit(benchmark::kMillisecond);

// As a queue does it: in at one end, out at the other.
void ListPushPop(benchmark::State& state) {
  const std::string text = ElementOf(state);
  Filled filled(state);
  for (auto _ : state) {
    List list(filled.object, filled.limits);
    list.Push(ListEnd::kHead, text);
    list.Pop(ListEnd::kTail, 1, [](const PackedItem& item) { benchmark::DoNotOptimize(item); });
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ListPushPop)->Args({16, kFewElements})->Args({16, kManyElements})->Args({100, kManyElements});

void ListIndex(benchmark::State& state) {
  Filled filled(state);
  const ListView list(filled.object);
  Random random(7);
  for (auto _ : state) {
    list.ForRange(random.Below(list.size()), 1, ListView::Direction::kForward,
                  [](const PackedItem& item) { benchmark::DoNotOptimize(item); });
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ListIndex)->Args({16, kFewElements})->Args({16, kManyElements});

void ListRange(benchmark::State& state) {
  constexpr size_t kCount = 100;
  Filled filled(state);
  const ListView list(filled.object);
  for (auto _ : state) {
    list.ForRange(list.size() / 2, kCount, ListView::Direction::kForward,
                  [](const PackedItem& item) { benchmark::DoNotOptimize(item); });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kCount));
}
BENCHMARK(ListRange)->Args({16, 200})->Args({16, kManyElements});

void ListInsertInTheMiddle(benchmark::State& state) {
  const std::string text = ElementOf(state);
  Filled filled(state);
  for (auto _ : state) {
    List list(filled.object, filled.limits);
    const uint64_t middle = list.size() / 2;
    list.Insert(middle, text);
    list.EraseRange(middle, 1);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ListInsertInTheMiddle)->Args({16, kFewElements})->Args({16, 10000});

void ListpackFind(benchmark::State& state) {
  Listpack list = Listpack::Create();
  const std::string text = ElementOf(state);
  for (int64_t i = 0; i < state.range(1); ++i) list.Append(text);
  const std::string sought(text.size(), 'y');
  for (auto _ : state) benchmark::DoNotOptimize(list.Find(list.First(), sought));
  state.SetItemsProcessed(state.iterations() * state.range(1));
  list.Destroy();
}
BENCHMARK(ListpackFind)->Args({16, 128})->Args({60, 128});

}  // namespace
