#include "tiering/space/segment_table.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::tiering {
namespace {

static_assert(Place::kGranuleBits + Place::kSegmentBits + Place::kGenerationBits == Locator::kSizeClassShift);
static_assert(DetachedBodies::kOffsetEnd == Place::kMaxSegmentBytes);

// What a record counts for, whatever its true size: the same when it comes and when it goes.
uint64_t WeightOf(Locator locator) {
  return locator.max_payload_bytes();
}

}  // namespace

uint64_t Place::EngineBits() const {
  TIDEMARK_CHECK(offset < kMaxSegmentBytes);
  return uint64_t{generation} << (kSegmentBits + kGranuleBits) | uint64_t{segment} << kGranuleBits |
         offset / kGranuleBytes;
}

Place Place::Of(Locator locator) {
  const uint64_t bits = locator.engine_bits();
  return {static_cast<uint32_t>(bits >> (kSegmentBits + kGranuleBits)),
          static_cast<uint32_t>(bits >> kGranuleBits) & (SegmentTable::kMaxSegments - 1),
          (bits & ((uint64_t{1} << kGranuleBits) - 1)) * kGranuleBytes};
}

uint32_t SegmentTable::Add(uint32_t file, uint64_t bytes) {
  uint32_t number = static_cast<uint32_t>(segments_.size());
  if (!unused_.empty()) {
    number = unused_.back();
    unused_.pop_back();
  } else if (number < kMaxSegments) {
    segments_.emplace_back();
  } else {
    return kNone;
  }
  Segment& segment = segments_[number];
  // From 1 to the highest and round again; zero is in no locator.
  const uint32_t generation = segment.generation % kMaxGeneration + 1;
  const uint32_t cleared_through = generation == 1 ? 0 : segment.cleared_through;
  segment = {};
  segment.cleared_through = cleared_through;
  segment.state = SegmentState::kOpen;
  segment.generation = generation;
  segment.file = file;
  segment.bytes = bytes;
  total_bytes_ += bytes;
  return number;
}

uint32_t SegmentTable::AddPast(uint32_t generation) {
  const auto number = static_cast<uint32_t>(segments_.size());
  TIDEMARK_CHECK(number < kMaxSegments && generation <= kMaxGeneration);
  segments_.emplace_back().generation = generation;
  unused_.push_back(number);
  return number;
}

Segment& SegmentTable::Revive(uint32_t generation, uint32_t file, uint64_t bytes) {
  TIDEMARK_CHECK(generation > 0);
  const uint32_t number = AddPast(generation);
  unused_.pop_back();
  Segment& segment = segments_[number];
  segment.state = SegmentState::kSealed;
  segment.file = file;
  segment.bytes = bytes;
  total_bytes_ += bytes;
  return segment;
}

void SegmentTable::Shrink(uint32_t number, uint64_t bytes) {
  Segment& segment = segments_[number];
  TIDEMARK_CHECK(bytes <= segment.bytes);
  total_bytes_ -= segment.bytes - bytes;
  segment.bytes = bytes;
}

void SegmentTable::Remove(uint32_t number) {
  Segment& segment = segments_[number];
  TIDEMARK_CHECK(segment.state != SegmentState::kUnused);
  total_bytes_ -= segment.bytes;
  segment.state = SegmentState::kUnused;
  segment.detached = {};
  unused_.push_back(number);
}

Segment* SegmentTable::Find(const Place& place) {
  if (place.segment >= segments_.size()) return nullptr;
  Segment& segment = segments_[place.segment];
  const bool same = segment.state != SegmentState::kUnused && segment.generation == place.generation;
  return same ? &segment : nullptr;
}

void SegmentTable::AddRecord(uint32_t number, Locator locator) {
  Segment& segment = segments_[number];
  ++segment.live_records;
  segment.live_weight += WeightOf(locator);
  segment.total_weight += WeightOf(locator);
}

bool SegmentTable::AdoptRecord(uint32_t number, Locator locator) {
  Segment& segment = segments_[number];
  const bool known = Place::Of(locator).offset + kLeastRecordBytes <= segment.written;
  if (!known || segment.adoptable_records == 0 || segment.live_weight + WeightOf(locator) > segment.total_weight) {
    return false;
  }
  --segment.adoptable_records;
  ++segment.live_records;
  segment.live_weight += WeightOf(locator);
  return true;
}

void SegmentTable::RemoveRecord(uint32_t number, Locator locator) {
  Segment& segment = segments_[number];
  TIDEMARK_DCHECK(segment.live_records > 0);
  --segment.live_records;
  segment.live_weight -= WeightOf(locator);
}

double SegmentTable::DeadBytes() const {
  double dead = 0;
  for (const Segment& segment : segments_) {
    if (segment.state != SegmentState::kSealed) continue;
    dead += (1 - segment.live_fraction()) * static_cast<double>(segment.bytes);
  }
  return dead;
}

uint64_t SegmentTable::PinnedDeadBytes() const {
  uint64_t bytes = 0;
  for (const Segment& segment : segments_) {
    if (segment.state == SegmentState::kDoomed && segment.pins > 0) bytes += segment.bytes;
  }
  return bytes;
}

uint32_t SegmentTable::PickVictim(double dead_fraction, int64_t now_us, Pinned pinned) const {
  uint32_t best = kNone;
  double best_score = 0;
  for (uint32_t number = 0; number < segments_.size(); ++number) {
    const Segment& segment = segments_[number];
    if (segment.state != SegmentState::kSealed || segment.writes > 0) continue;
    if (pinned == Pinned::kNo && segment.pins > 0) continue;
    const double live = segment.live_fraction();
    if (1 - live < dead_fraction) continue;
    const double age = static_cast<double>(std::max<int64_t>(now_us - segment.sealed_us, 0)) + 1;
    const double score = (1 - live) * age / (1 + live);
    if (best == kNone || score > best_score) {
      best = number;
      best_score = score;
    }
  }
  return best;
}

}  // namespace tidemark::tiering
