// Which segments there are, what lives in them and which to clean next: bookkeeping without I/O.
//
// A segment is a range of flash that is written once from its beginning to its end and given back as a whole. Places in
// it are counted in granules of 16 bytes, so that a place in the store fits in the 56 bits of a locator:
//
//   engine bits = generation:14 segment:20 granule:22
//
// The generation counts the lives of a segment's number, so that a locator of an earlier life is known for one.
//
// How much of a segment lives is counted in weights: the upper bound of a record's size that its locator tells, since
// that is all that is known of a record when it is freed.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "tiering/flash_store.h"
#include "tiering/space/detached_bodies.h"

namespace tidemark::tiering {

struct Place {
  static constexpr int kGranuleBits = 22;
  static constexpr int kSegmentBits = 20;
  static constexpr int kGenerationBits = 14;
  static constexpr uint64_t kGranuleBytes = 16;
  static constexpr uint64_t kMaxSegmentBytes = kGranuleBytes << kGranuleBits;

  uint32_t generation = 0;
  uint32_t segment = 0;
  uint64_t offset = 0;  // bytes, a multiple of kGranuleBytes

  uint64_t EngineBits() const;
  static Place Of(Locator locator);
};

// To the next place from here on at which a record may begin.
constexpr uint64_t ToGranule(uint64_t offset) {
  return (offset + Place::kGranuleBytes - 1) / Place::kGranuleBytes * Place::kGranuleBytes;
}

enum class SegmentState : uint8_t {
  kUnused,    // the number stands for no segment
  kOpen,      // being filled
  kSealed,    // full
  kCleaning,  // sealed, and its living records are being moved elsewhere
  kDoomed,    // nothing of it is wanted; it goes when nobody reads it and no pin holds it
  kDrained,   // sealed, and all that was found wanted in it has been moved; the rest is about to be freed, or damaged
  kDamaged,   // sealed, and cannot be cleaned: what can be read of it stays readable
};

struct Segment {
  SegmentState state = SegmentState::kUnused;
  uint32_t generation = 0;
  uint32_t file = 0;
  uint64_t bytes = 0;    // what it takes on flash
  uint64_t written = 0;  // up to where it is filled
  uint64_t live_records = 0;
  uint64_t live_weight = 0;
  uint64_t total_weight = 0;  // of all records that were ever put in
  uint32_t reads = 0;         // under way
  uint32_t writes = 0;        // under way, or finished and not yet handed out
  uint32_t pins = 0;          // that hold it
  bool dirty = false;         // written since it was last synced
  int failed_cleanings = 0;   // for which the device is to blame
  int64_t sealed_us = 0;
  uint64_t first = UINT64_MAX;     // the lowest offset at which a buffer was written well: there a record begins
  uint64_t adoptable_records = 0;  // of an earlier life, still to be told by their owners
  uint32_t cleared_through = 0;    // the last generation of this number that Clear gave up
  DetachedBodies detached = {};

  double live_fraction() const {
    return total_weight == 0 ? 0 : static_cast<double>(live_weight) / static_cast<double>(total_weight);
  }
};

class SegmentTable {
 public:
  static constexpr uint32_t kMaxSegments = uint32_t{1} << Place::kSegmentBits;
  static constexpr uint32_t kMaxGeneration = (uint32_t{1} << Place::kGenerationBits) - 1;
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  // A new open segment; kNone if all numbers are taken.
  uint32_t Add(uint32_t file, uint64_t bytes);
  // The next number was in use before this life of the table, up to this generation, and is free now.
  uint32_t AddPast(uint32_t generation);
  // The next number stands for its last segment still, which is sealed.
  Segment& Revive(uint32_t generation, uint32_t file, uint64_t bytes);
  // It takes less from now on.
  void Shrink(uint32_t segment, uint64_t bytes);
  // Its number may be used again.
  void Remove(uint32_t segment);
  Segment& at(uint32_t segment) { return segments_[segment]; }
  const Segment& at(uint32_t segment) const { return segments_[segment]; }
  size_t size() const { return segments_.size(); }
  // The segment that the locator leads to, if that is still the one it was made in.
  Segment* Find(const Place& place);
  const Segment* Find(const Place& place) const { return const_cast<SegmentTable*>(this)->Find(place); }

  void AddRecord(uint32_t segment, Locator locator);
  void RemoveRecord(uint32_t segment, Locator locator);
  // A record that was put into a revived segment lives. False, and nothing happens, if it cannot be one: it does not
  // lie in what was written, or more are named than there were.
  bool AdoptRecord(uint32_t segment, Locator locator);

  // What all segments take on flash.
  uint64_t total_bytes() const { return total_bytes_; }
  // Roughly, how many bytes of sealed segments are dead.
  double DeadBytes() const;
  // What segments take that pins alone keep.
  uint64_t PinnedDeadBytes() const;
  // The sealed segment whose cleaning gains most for its cost: by (1 - u) * age / (1 + u), where u is what lives of it
  // (Rosenblum and Ousterhout, "The design and implementation of a log-structured file system", 1992). Only those of
  // which at least `dead_fraction` is dead. Pinned ones give no space back until they are unpinned. kNone if there is
  // none.
  enum class Pinned : uint8_t { kNo, kToo };
  uint32_t PickVictim(double dead_fraction, int64_t now_us, Pinned pinned = Pinned::kToo) const;

  // But for the detached bodies: they are many where values are, and count against maxmemory as those do.
  size_t memory_bytes() const { return segments_.capacity() * sizeof(Segment); }

 private:
  static constexpr uint64_t kLeastRecordBytes = 24;  // its header

  std::vector<Segment> segments_;
  std::vector<uint32_t> unused_;
  uint64_t total_bytes_ = 0;
};

}  // namespace tidemark::tiering
