#include "tiering/rocksdb/space_map.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::tiering {

// Gives back this part of what was dead when the pass began.
void SpaceMap::Chunk::Reclaim(double fraction) {
  const double dead = (weight - settled_live_weight) * fraction;
  if (dead <= 0 || weight <= 0) return;
  stored_bytes *= (weight - dead) / weight;
  weight -= dead;
}

size_t SpaceMap::FirstChunkFrom(uint64_t id) const {
  const uint64_t number = id >> chunk_shift_;
  const auto it = std::lower_bound(chunks_.begin(), chunks_.end(), number,
                                   [](const Chunk& chunk, uint64_t wanted) { return chunk.number < wanted; });
  return static_cast<size_t>(it - chunks_.begin());
}

double SpaceMap::Overlap(const Chunk& chunk, uint64_t first, uint64_t last) const {
  const uint64_t chunk_first = chunk.number << chunk_shift_;
  const uint64_t chunk_last = std::min(chunk_first + (uint64_t{1} << chunk_shift_) - 1, newest_id_);
  const uint64_t begin = std::max(first, chunk_first);
  const uint64_t end = std::min(last, chunk_last);
  if (begin > end) return 0;
  return static_cast<double>(end - begin + 1) / static_cast<double>(chunk_last - chunk_first + 1);
}

void SpaceMap::Add(Locator locator, uint64_t stored_bytes) {
  std::lock_guard lock(mutex_);
  const uint64_t number = locator.engine_bits() >> chunk_shift_;
  if (chunks_.empty() || chunks_.back().number != number) {
    TIDEMARK_CHECK(chunks_.empty() || chunks_.back().number < number);
    chunks_.push_back({.number = number});
  }
  newest_id_ = locator.engine_bits();
  Chunk& chunk = chunks_.back();
  const auto weight = static_cast<double>(locator.max_payload_bytes());
  chunk.stored_bytes += static_cast<double>(stored_bytes);
  chunk.weight += weight;
  chunk.live_weight += weight;
  chunk.settled_live_weight += weight;
  if (chunks_.size() > max_chunks_) MergeNeighbours();
}

void SpaceMap::Remove(Locator locator) {
  std::lock_guard lock(mutex_);
  const size_t index = FirstChunkFrom(locator.engine_bits());
  if (index == chunks_.size() || chunks_[index].number != locator.engine_bits() >> chunk_shift_) return;
  Chunk& chunk = chunks_[index];
  chunk.live_weight = std::max(0.0, chunk.live_weight - static_cast<double>(locator.max_payload_bytes()));
}

void SpaceMap::RemoveThrough(uint64_t id) {
  std::lock_guard lock(mutex_);
  for (Chunk& chunk : chunks_) chunk.live_weight *= 1 - Overlap(chunk, 0, id);
}

SpaceMap::Usage SpaceMap::Total() const {
  std::lock_guard lock(mutex_);
  Usage usage;
  for (const Chunk& chunk : chunks_) {
    usage.stored_bytes += chunk.stored_bytes;
    usage.live_bytes += chunk.live_bytes();
  }
  return usage;
}

SpaceMap::Usage SpaceMap::Range(uint64_t first, uint64_t last) const {
  std::lock_guard lock(mutex_);
  Usage usage;
  for (size_t i = FirstChunkFrom(first); i < chunks_.size() && chunks_[i].number <= last >> chunk_shift_; ++i) {
    const double part = Overlap(chunks_[i], first, last);
    usage.stored_bytes += chunks_[i].stored_bytes * part;
    usage.live_bytes += chunks_[i].live_bytes() * part;
  }
  return usage;
}

void SpaceMap::BeginPass() {
  std::lock_guard lock(mutex_);
  for (Chunk& chunk : chunks_) chunk.settled_live_weight = chunk.live_weight;
}

void SpaceMap::Settle(uint64_t first, uint64_t last) {
  std::lock_guard lock(mutex_);
  for (size_t i = FirstChunkFrom(first); i < chunks_.size() && chunks_[i].number <= last >> chunk_shift_; ++i) {
    chunks_[i].Reclaim(Overlap(chunks_[i], first, last));
  }
}

void SpaceMap::SettleDead() {
  std::lock_guard lock(mutex_);
  // Weights are sums of integers below 2^53, so that nothing live is exactly zero; an id range cut by RemoveThrough may
  // leave a fraction.
  constexpr double kNothing = 0.5;
  for (Chunk& chunk : chunks_) {
    if (chunk.settled_live_weight < kNothing) chunk.Reclaim(1);
  }
  std::erase_if(chunks_, [](const Chunk& chunk) { return chunk.weight < kNothing; });
}

void SpaceMap::MergeNeighbours() {
  chunk_shift_ += 1;
  size_t kept = 0;
  for (size_t i = 0; i < chunks_.size(); ++i) {
    Chunk chunk = chunks_[i];
    chunk.number >>= 1;
    if (kept > 0 && chunks_[kept - 1].number == chunk.number) {
      Chunk& left = chunks_[kept - 1];
      left.stored_bytes += chunk.stored_bytes;
      left.weight += chunk.weight;
      left.live_weight += chunk.live_weight;
      left.settled_live_weight += chunk.settled_live_weight;
    } else {
      chunks_[kept++] = chunk;
    }
  }
  chunks_.resize(kept);
}

size_t SpaceMap::memory_bytes() const {
  std::lock_guard lock(mutex_);
  return chunks_.capacity() * sizeof(Chunk);
}

}  // namespace tidemark::tiering
