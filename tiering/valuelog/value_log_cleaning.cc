// Which segments of the value log are cleaned, and when; whether there is room for new records.
#include <algorithm>

#include "base/clock.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

// No writes for this long: there is time for less urgent cleaning.
constexpr int64_t kIdleUs = 2'000'000;
// A segment of which less is dead is left alone even when space is short: nearly all of it would be written again.
constexpr double kWorthCleaning = 0.1;
// Of a limit, this part is kept free where that costs little.
constexpr uint64_t kShareWanted = 8;

}  // namespace

double ValueLogStore::CleaningThreshold(int64_t now_us) const {
  constexpr double kThorough = 0.02;
  constexpr double kCheap = 0.75;
  constexpr double kNothing = 2;
  if (thorough_) return kThorough;
  if (SpaceIsShort(now_us)) return kWorthCleaning;
  const double dead = segments_.DeadBytes();
  const auto total = static_cast<double>(segments_.total_bytes());
  if (now_us - last_write_us_ >= kIdleUs) return dead >= 0.1 * total ? 0.25 : kNothing;
  // Without a limit, this much may be in vain.
  if (options_.max_bytes == 0) return dead >= 0.4 * total ? 0.3 : kNothing;
  // With one, the later a segment is cleaned the less of it lives. Where that is little anyway, some space is made
  // before it is short: a snapshot that begins then holds all that is there.
  return writer_.FreeBytes() < options_.max_bytes / kShareWanted ? kCheap : kNothing;
}

double ValueLogStore::HeldCleaningThreshold(int64_t now_us) const {
  // Each copy takes space until the next checkpoint has landed: this is begun while there is space for many.
  constexpr double kEarly = 0.2;
  const double threshold = CleaningThreshold(now_us);
  const bool early = held_ && options_.max_bytes != 0 && writer_.FreeBytes() < options_.max_bytes / kShareWanted;
  return early ? std::min(kEarly, threshold) : threshold;
}

uint32_t ValueLogStore::PickVictim(int64_t now_us) const {
  const uint32_t victim = segments_.PickVictim(CleaningThreshold(now_us), now_us, SegmentTable::Pinned::kNo);
  if (victim != SegmentTable::kNone || pins_.empty()) return victim;
  // Copies would take the space in which the others are cleaned, and give none back before the snapshot has ended.
  if (snapshot_ && SpaceIsShort(now_us)) return SegmentTable::kNone;
  return segments_.PickVictim(HeldCleaningThreshold(now_us), now_us);
}

bool ValueLogStore::SpaceIsShort(int64_t now_us) const {
  return writer_.device_full(now_us) || writer_.spares().lack_space() ||
         writer_.FreeBytes() < (LogWriter::kReservedSegments + 2) * writer_.segment_bytes();
}

bool ValueLogStore::CleaningYields(int64_t now_us) const {
  constexpr int64_t kStepEveryUs = 1'000;
  return counters_.reads_in_flight > 0 && now_us - last_cleaning_us_ < kStepEveryUs && !SpaceIsShort(now_us);
}

void ValueLogStore::CleanSome() {
  using Progress = SegmentCleaner::Progress;
  cleaning_yields_ = false;
  // Writers wait for the budget too: each turn in which there is some gives both a step.
  if (owner_ == nullptr || earlier_ || OverBudget()) return;
  cleaning_yields_ = cleaner_.busy() && CleaningYields(Clock::MonotonicUs());
  if (cleaning_yields_) return;
  if (!cleaner_.busy()) {
    constexpr int64_t kLookEveryUs = 5'000;
    const int64_t now_us = Clock::MonotonicUs();
    if (now_us < next_look_us_) return;
    const uint32_t victim = PickVictim(now_us);
    if (victim == SegmentTable::kNone) {
      thorough_ = false;
      next_look_us_ = now_us + kLookEveryUs;
      return;
    }
    cleaner_.Start(victim);
  }
  const uint32_t victim = cleaner_.victim();
  last_cleaning_us_ = Clock::MonotonicUs();
  switch (cleaner_.Step(*owner_)) {
    case Progress::kWaiting:
      return;
    case Progress::kMore:
      device_->Signal();
      return;
    case Progress::kEmptied:
      // What it did not find wanted is being freed, or so damaged that its owner cannot be told: its reader is to hear
      // of that, so the segment stays until it is.
      segments_.at(victim).state = SegmentState::kDrained;
      Reconsider(victim);
      break;
    case Progress::kFailed:
      PutOff(victim);
      break;
    case Progress::kDamaged:
      segments_.at(victim).state = SegmentState::kDamaged;
      ++damaged_segments_;
      Reconsider(victim);
      break;
  }
  device_->Signal();
}

void ValueLogStore::PutOff(uint32_t number) {
  constexpr int kAttempts = 4;
  constexpr int64_t kPauseUs = 100'000;
  Segment& segment = segments_.at(number);
  const int64_t now_us = Clock::MonotonicUs();
  next_look_us_ = now_us + kPauseUs;
  if (++segment.failed_cleanings == kAttempts) {
    segment.state = SegmentState::kDamaged;
    ++damaged_segments_;
  } else {
    // As young as can be: others come first.
    segment.state = SegmentState::kSealed;
    segment.sealed_us = now_us;
  }
  Reconsider(number);
}

void ValueLogStore::UpdateRoom() {
  // A cleaner that finds no place to move records to for so long is no reason to wait for room.
  constexpr int64_t kStarvedUs = 1'000'000;
  const int64_t now_us = Clock::MonotonicUs();
  if (!cleaner_.starved() || OverBudget() || writer_.spares().making()) fed_us_ = now_us;
  checkpoint_leaves_no_room_ = false;
  snapshot_leaves_no_room_ = false;
  if (writer_.device_full(now_us) || !writer_.HasRoom()) {
    checkpoint_leaves_no_room_ = CheckpointLeavesNoRoom();
    snapshot_leaves_no_room_ = SnapshotLeavesNoRoom(now_us);
    const auto pinned = snapshot_ ? SegmentTable::Pinned::kNo : SegmentTable::Pinned::kToo;
    const bool can_clean =
        owner_ != nullptr && !earlier_ && now_us - fed_us_ < kStarvedUs &&
        (cleaner_.busy() || segments_.PickVictim(kWorthCleaning, now_us, pinned) != SegmentTable::kNone);
    const bool is_made = writer_.WillHaveRoom() && !writer_.device_full(now_us);
    const bool soon = can_clean || is_made || snapshot_leaves_no_room_ || device_->leaving_bytes() > 0;
    room_ = soon ? Room::kSoon : Room::kNo;
  } else {
    room_ = OverBudget() ? Room::kSoon : Room::kYes;
  }
  if (checkpoint_leaves_no_room_ && checkpoint_expected_) room_ = Room::kSoon;
}

bool ValueLogStore::CheckpointLeavesNoRoom() const {
  if (!held_ || earlier_) return false;
  const uint64_t dead = segments_.PinnedDeadBytes();
  if (dead < writer_.segment_bytes()) return false;
  return options_.max_bytes == 0 || writer_.device_full(Clock::MonotonicUs()) ||
         writer_.FreeBytes() + dead >= (LogWriter::kReservedSegments + 1) * writer_.segment_bytes();
}

bool ValueLogStore::SnapshotLeavesNoRoom(int64_t now_us) const {
  if (!snapshot_ || owner_ == nullptr || earlier_) return false;
  const bool by_limit = options_.max_bytes != 0 && !writer_.device_full(now_us);
  uint64_t free_bytes = by_limit ? writer_.FreeBytes() : writer_.spares().made_bytes();
  for (const uint32_t number : pins_.at(*snapshot_)) {
    const Segment& segment = segments_.at(number);
    if (segment.state == SegmentState::kDoomed && segment.pins == 1) free_bytes += segment.bytes;
  }
  if (free_bytes >= (LogWriter::kReservedSegments + 1) * writer_.segment_bytes()) return true;
  // The cleaner needs a segment to make more.
  return free_bytes >= writer_.segment_bytes() &&
         (cleaner_.busy() || segments_.PickVictim(kWorthCleaning, now_us) != SegmentTable::kNone);
}

}  // namespace tidemark::tiering
