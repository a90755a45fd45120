// The dict: look-ups, insertion with its splits, a scan step. Items are as large as a small entry. Streams: entries
// added and read.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/siphash.h"
#include "values/dict.h"
#include "values/stream.h"

namespace {

using tidemark::HashSeed;
using tidemark::Random;
using tidemark::SipHash13;

struct alignas(16) Item {
  char key[16];
  char value[48];
  std::string_view view() const { return {key, sizeof(key)}; }
};

struct ItemOps {
  HashSeed seed{1, 2};
  std::string_view Key(const Item& item, unsigned) const { return item.view(); }
  uint64_t Hash(std::string_view key) const { return SipHash13(key, seed); }
};

using ItemDict = tidemark::values::Dict<Item, ItemOps>;

std::vector<std::unique_ptr<Item>> MakeItems(size_t count) {
  std::vector<std::unique_ptr<Item>> items;
  items.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    auto item = std::make_unique<Item>();
    std::string key = std::to_string(i);
    key.insert(0, sizeof(item->key) - key.size(), '0');
    std::memcpy(item->key, key.data(), sizeof(item->key));
    items.push_back(std::move(item));
  }
  return items;
}

void Fill(ItemDict& dict, const std::vector<std::unique_ptr<Item>>& items) {
  const ItemOps ops;
  for (const auto& item : items) dict.Insert(ops.Hash(item->view()), item.get(), 0);
}

void DictInsert(benchmark::State& state) {
  const auto items = MakeItems(static_cast<size_t>(state.range(0)));
  const ItemOps ops;
  for (auto _ : state) {
    ItemDict dict(ops);
    Fill(dict, items);
    state.counters["table_bytes_per_item"] =
        static_cast<double>(dict.MemoryBytes()) / static_cast<double>(items.size());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(DictInsert)->Arg(1000)->Arg(1000000)->Unit(benchmark::kMillisecond);

void DictFind(benchmark::State& state) {
  const auto items = MakeItems(static_cast<size_t>(state.range(0)));
  const ItemOps ops;
  ItemDict dict(ops);
  Fill(dict, items);
  Random random(7);
  for (auto _ : state) {
    const Item& wanted = *items[random.Below(items.size())];
    benchmark::DoNotOptimize(dict.Find(ops.Hash(wanted.view()), wanted.view()));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(DictFind)->Arg(1000)->Arg(1000000);

// As a pipeline does it: buckets of all keys first, then items, then the look-ups.
void DictFindPrefetched(benchmark::State& state) {
  constexpr size_t kBatch = 16;
  const auto items = MakeItems(static_cast<size_t>(state.range(0)));
  const ItemOps ops;
  ItemDict dict(ops);
  Fill(dict, items);
  Random random(7);
  for (auto _ : state) {
    const Item* wanted[kBatch];
    uint64_t hashes[kBatch];
    for (size_t i = 0; i < kBatch; ++i) {
      wanted[i] = items[random.Below(items.size())].get();
      hashes[i] = ops.Hash(wanted[i]->view());
      dict.PrefetchBucket(hashes[i]);
    }
    for (const uint64_t hash : hashes) dict.PrefetchItem(hash);
    for (size_t i = 0; i < kBatch; ++i) benchmark::DoNotOptimize(dict.Find(hashes[i], wanted[i]->view()));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}
BENCHMARK(DictFindPrefetched)->Arg(1000)->Arg(1000000);

void DictScan(benchmark::State& state) {
  const auto items = MakeItems(static_cast<size_t>(state.range(0)));
  const ItemOps ops;
  ItemDict dict(ops);
  Fill(dict, items);
  uint64_t cursor = 0;
  size_t visited = 0;
  for (auto _ : state) cursor = dict.Scan(cursor, [&](ItemDict::Slot) { ++visited; });
  state.SetItemsProcessed(static_cast<int64_t>(visited));
}
BENCHMARK(DictScan)->Arg(1000000);

// Entries as metrics have them: the same fields, short values. The stream is kept at a hundred nodes.
void StreamAppend(benchmark::State& state) {
  using tidemark::values::StreamTrim;
  const tidemark::values::EncodingLimits limits;
  const std::vector<std::string_view> pairs = {"sensor", "1234", "temperature", "19.8", "state", "running"};
  tidemark::values::Stream stream;
  StreamTrim trim;
  trim.by = StreamTrim::By::kLength;
  trim.length_max = 10000;
  trim.approximate = true;
  uint64_t ms = 1700000000000;
  for (auto _ : state) {
    stream.Append({++ms, 0}, pairs, limits);
    if (ms % 1024 == 0) stream.Trim(trim);
  }
  state.counters["bytes_per_entry"] = static_cast<double>(stream.bytes()) / static_cast<double>(stream.length());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(StreamAppend);

// Ranges of so many entries, from anywhere.
void StreamRange(benchmark::State& state) {
  const tidemark::values::EncodingLimits limits;
  const std::vector<std::string_view> pairs = {"sensor", "1234", "temperature", "19.8", "state", "running"};
  constexpr uint64_t kEntries = 100000;
  tidemark::values::Stream stream;
  for (uint64_t ms = 1; ms <= kEntries; ++ms) stream.Append({ms, 0}, pairs, limits);
  Random random(7);
  const auto count = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    const uint64_t start = random.Below(kEntries - count);
    auto range = stream.Range({start, 0}, {start + count, 0});
    benchmark::DoNotOptimize(range.CountAhead(count));
    while (range.Next()) {
      range.ForEachField([](const auto& field, const auto& value) {
        benchmark::DoNotOptimize(field);
        benchmark::DoNotOptimize(value);
      });
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(StreamRange)->Arg(1)->Arg(10)->Arg(1000);

}  // namespace
