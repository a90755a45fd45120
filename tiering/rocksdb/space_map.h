// How much of what was written for a range of ids is still wanted: what the cleaner chooses by. Ids are grouped in
// chunks of a power of two; when there are too many chunks, neighbours are merged, so that the map's memory is
// bounded while ids grow for ever. A record weighs its locator's max_payload_bytes, which is known again when it is
// freed; the live part of a chunk's bytes is then stored x live weight / weight.
//
// Any thread; a mutex inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "tiering/flash_store.h"

namespace tidemark::tiering {

class SpaceMap {
 public:
  static constexpr int kInitialChunkShift = 8;
  static constexpr size_t kDefaultMaxChunks = 16 * 1024;

  struct Usage {
    double stored_bytes = 0;
    double live_bytes = 0;

    double dead_bytes() const { return stored_bytes - live_bytes; }
    double dead_fraction() const { return stored_bytes > 0 ? dead_bytes() / stored_bytes : 0; }
  };

  explicit SpaceMap(size_t max_chunks = kDefaultMaxChunks) : max_chunks_(max_chunks) {}

  // Ids come in ascending order.
  void Add(Locator locator, uint64_t stored_bytes);
  void Remove(Locator locator);
  // Nothing up to and including this id is wanted any more.
  void RemoveThrough(uint64_t id);

  Usage Total() const;
  // Ids in [first, last]; a chunk that lies partly in the range counts in proportion.
  Usage Range(uint64_t first, uint64_t last) const;

  // A cleaning pass gives back what was dead when it began: BeginPass remembers that, Settle forgets the dead bytes of
  // a range that has been rewritten, SettleDead those of chunks in which nothing was live.
  void BeginPass();
  void Settle(uint64_t first, uint64_t last);
  void SettleDead();

  size_t memory_bytes() const;

 private:
  struct Chunk {
    uint64_t number;  // id >> chunk_shift_
    double stored_bytes = 0;
    double weight = 0;
    double live_weight = 0;
    double settled_live_weight = 0;  // live_weight at BeginPass, plus what was added since

    double live_bytes() const { return weight > 0 ? stored_bytes * live_weight / weight : 0; }
    void Reclaim(double fraction);
  };

  size_t FirstChunkFrom(uint64_t id) const;
  // The part of the chunk's ids, of those given out so far, that lies in [first, last].
  double Overlap(const Chunk& chunk, uint64_t first, uint64_t last) const;
  void MergeNeighbours();

  const size_t max_chunks_;
  mutable std::mutex mutex_;
  int chunk_shift_ = kInitialChunkShift;
  uint64_t newest_id_ = 0;
  std::vector<Chunk> chunks_;  // ascending by number
};

}  // namespace tidemark::tiering
