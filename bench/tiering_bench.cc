// The pager's own cost per value on the main thread, with a store that does nothing but remember: choosing and
// spilling, installing what was read, dropping it again.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/memory_limit.h"
#include "keyspace/keyspace.h"
#include "tiering/pager/pager.h"
#include "tiering/simulated_store.h"

namespace {

using namespace tidemark;

class IgnoreFetches : public tiering::FetchListener {
 public:
  void OnFetched(uint64_t, uint64_t, uint64_t, const std::shared_ptr<const tiering::FetchedValue>& value) override {
    last = value;
  }
  std::shared_ptr<const tiering::FetchedValue> last;
};

struct Bench {
  Bench() : limit(account), keyspace({}, clock, 1), store({}), pager(keyspace, store, limit, options, listener) {
    clock.Refresh();
    options.enabled = true;
  }

  std::string Name(size_t i) const { return "key:" + std::to_string(i); }

  void Fill(size_t count, size_t value_bytes) {
    const std::string value(value_bytes, 'v');
    for (size_t i = 0; i < count; ++i) {
      const std::string name = Name(i);
      keyspace.database(0).SetString({}, keyspace.Hash(name), value);
    }
  }

  MemoryAccount account;
  MemoryLimit limit;
  Clock clock;
  keyspace::Keyspace keyspace;
  tiering::SimulatedStore store;
  tiering::TierOptions options;
  IgnoreFetches listener;
  tiering::Pager pager;
};

// One value through resident -> spilling -> cold -> clean -> cold.
void SpillAndReturn(benchmark::State& state) {
  Bench bench;
  constexpr size_t kKeys = 1000;
  bench.Fill(kKeys, static_cast<size_t>(state.range(0)));
  keyspace::Database& database = bench.keyspace.database(0);
  size_t i = 0;
  for (auto _ : state) {
    const std::string name = bench.Name(i++ % kKeys);
    const keyspace::HashedKey key = bench.keyspace.Hash(name);
    keyspace::EntryRef ref = database.Find(key);
    bench.pager.SpillKey(database, ref);
    bench.pager.Reap(16);
    ref = database.Find(key);
    const tiering::Locator locator(ref->locator());
    bench.pager.Fetch({&locator, 1}, 1);
    bench.pager.Reap(16);
    benchmark::DoNotOptimize(bench.pager.Install(database, ref, *bench.listener.last).has_value());
    bench.pager.Settle(database, key, locator.raw());
    // A new value makes it resident again.
    database.SetString(database.Find(key), key, std::string(static_cast<size_t>(state.range(0)), 'w'));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(SpillAndReturn)->Arg(128)->Arg(1024);

// Finding the next victim among a million values.
void TakeVictim(benchmark::State& state) {
  Bench bench;
  bench.Fill(1000000, 128);
  tiering::VictimPool pool(bench.keyspace, bench.options, [](const keyspace::Entry*) { return false; });
  for (auto _ : state) benchmark::DoNotOptimize(pool.Take().ref.entry);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(TakeVictim);

}  // namespace
