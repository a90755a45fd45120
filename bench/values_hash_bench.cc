// Hashes, packed and as tables: setting, reading, walking, drawing. The argument is the number of fields: up to 512 of
// them are packed.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "values/hash.h"

namespace {

using tidemark::Random;
using tidemark::values::EncodingLimits;
using tidemark::values::FreeObject;
using tidemark::values::Hash;
using tidemark::values::HashBytes;
using tidemark::values::HashPair;
using tidemark::values::HashView;
using tidemark::values::NewHash;
using tidemark::values::Object;
using tidemark::values::PackedItem;

constexpr int64_t kNow = 1'700'000'000'000;
const std::string kValue = "0123456789abcdef";

std::vector<std::string> MakeFields(int64_t count) {
  std::vector<std::string> fields;
  for (int64_t i = 0; i < count; ++i) fields.push_back("field:" + std::to_string(i));
  return fields;
}

// A hash of `count` fields.
class Filled {
 public:
  explicit Filled(const std::vector<std::string>& fields, int64_t expiry_ms = 0) : object_(NewHash()) {
    Hash hash(object_, limits_, kNow);
    for (const std::string& field : fields) hash.Insert(hash.Find(field), field, kValue, expiry_ms);
  }
  ~Filled() { FreeObject(object_); }
  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;
  HashView view() const { return {object_, kNow}; }
  Hash hash() { return {object_, limits_, kNow}; }
  double BytesPerField() const { return static_cast<double>(HashBytes(object_)) / static_cast<double>(view().size()); }

 private:
  EncodingLimits limits_;
  Object object_;
};

void HashBuild(benchmark::State& state) {
  const auto fields = MakeFields(state.range(0));
  for (auto _ : state) {
    const Filled filled(fields);
    state.counters["bytes_per_field"] = filled.BytesPerField();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(HashBuild)->Arg(10)->Arg(500)->Arg(1000)->Arg(1000000);

void HashGet(benchmark::State& state) {
  const auto fields = MakeFields(state.range(0));
  const Filled filled(fields);
  Random random(7);
  for (auto _ : state) benchmark::DoNotOptimize(filled.view().Get(fields[random.Below(fields.size())]));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(HashGet)->Arg(10)->Arg(500)->Arg(1000)->Arg(1000000);

void HashOverwrite(benchmark::State& state) {
  const auto fields = MakeFields(state.range(0));
  Filled filled(fields);
  Random random(7);
  std::string value = kValue;
  for (auto _ : state) {
    value[0] = static_cast<char>('a' + (value[0] + 1) % 26);
    benchmark::DoNotOptimize(filled.hash().Set(fields[random.Below(fields.size())], value));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(HashOverwrite)->Arg(10)->Arg(500)->Arg(1000)->Arg(1000000);

void HashWalk(benchmark::State& state) {
  const Filled filled(MakeFields(state.range(0)));
  size_t bytes = 0;
  for (auto _ : state) {
    filled.view().ForEach([&](const PackedItem&, const PackedItem& value) { bytes += value.text.size(); });
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(HashWalk)->Arg(10)->Arg(1000)->Arg(1000000);

void HashPick(benchmark::State& state) {
  const Filled filled(MakeFields(state.range(0)));
  Random random(7);
  for (auto _ : state) benchmark::DoNotOptimize(filled.view().Pick(random));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(HashPick)->Arg(10)->Arg(1000)->Arg(1000000);

void HashSetExpiry(benchmark::State& state) {
  const auto fields = MakeFields(state.range(0));
  Filled filled(fields, kNow + 1000);
  Random random(7);
  for (auto _ : state) {
    Hash hash = filled.hash();
    hash.SetExpiry(hash.Find(fields[random.Below(fields.size())]), kNow + static_cast<int64_t>(random.Below(1000000)));
  }
  state.counters["bytes_per_field"] = filled.BytesPerField();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(HashSetExpiry)->Arg(10)->Arg(1000)->Arg(1000000);

}  // namespace
