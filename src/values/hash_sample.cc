// Random fields of a hash.
#include <algorithm>
#include <unordered_set>
#include <utility>

#include "values/hash.h"

namespace tidemark::values {
namespace {

HashPair PairOf(const HashItem& item) {
  return {{.text = item.field()}, {.text = item.value()}};
}

}  // namespace

HashPair HashView::PackedAt(uint64_t index) const {
  const Listpack list = listpack();
  const Listpack::Position at = list.Seek(static_cast<int64_t>(index * stride()));
  return {Listpack::Get(at), Listpack::Get(list.Next(at))};
}

std::vector<HashPair> HashView::All() const {
  std::vector<HashPair> pairs;
  pairs.reserve(size());
  ForEach([&](const PackedItem& field, const PackedItem& value) { pairs.push_back({field, value}); });
  return pairs;
}

std::optional<HashPair> HashView::Pick(Random& random) const {
  const uint64_t hidden = HiddenSize();
  const uint64_t live = size() - hidden;
  if (live == 0) return std::nullopt;
  // Hidden fields of a packed hash stand at its beginning.
  if (packed()) return PackedAt(hidden + random.Below(live));
  if (hidden == 0) return PairOf(table().Pick(random));
  return All()[random.Below(live)];
}

std::vector<HashPair> HashView::Draw(uint64_t count, Random& random) const {
  std::vector<HashPair> drawn;
  if (LiveSize() == 0) return drawn;
  drawn.reserve(count);
  if (!packed() && HiddenSize() == 0) {
    for (uint64_t i = 0; i < count; ++i) drawn.push_back(PairOf(table().Pick(random)));
    return drawn;
  }
  const std::vector<HashPair> all = All();
  for (uint64_t i = 0; i < count; ++i) drawn.push_back(all[random.Below(all.size())]);
  return drawn;
}

std::vector<HashPair> HashView::Sample(uint64_t count, Random& random) const {
  // Drawing again and again what was drawn already is slow when nearly all are wanted.
  constexpr uint64_t kDrawBelowShare = 3;
  const uint64_t hidden = HiddenSize();
  const uint64_t live = size() - hidden;
  if (count >= live) return All();
  if (packed()) return SampleInOrder(count, random);
  if (hidden == 0 && count <= live / kDrawBelowShare) return SampleByDrawing(count, random);
  std::vector<HashPair> all = All();
  for (uint64_t i = 0; i < count; ++i) std::swap(all[i], all[i + random.Below(live - i)]);
  all.resize(count);
  return all;
}

// Knuth, "The Art of Computer Programming", volume 2, 3.4.2, algorithm S: one pass over all.
std::vector<HashPair> HashView::SampleInOrder(uint64_t count, Random& random) const {
  std::vector<HashPair> sample;
  sample.reserve(count);
  uint64_t left = LiveSize();
  ForEach([&](const PackedItem& field, const PackedItem& value) {
    if (sample.size() < count && random.Below(left--) < count - sample.size()) sample.push_back({field, value});
  });
  return sample;
}

std::vector<HashPair> HashView::SampleByDrawing(uint64_t count, Random& random) const {
  std::vector<HashPair> sample;
  sample.reserve(count);
  std::unordered_set<const HashItem*> drawn;
  while (sample.size() < count) {
    const HashItem& item = table().Pick(random);
    if (drawn.insert(&item).second) sample.push_back(PairOf(item));
  }
  return sample;
}

}  // namespace tidemark::values
