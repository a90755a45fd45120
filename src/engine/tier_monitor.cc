#include "engine/tier_monitor.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/numbers.h"

namespace tidemark::engine {
namespace {

std::string Seconds(int64_t us) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f s", static_cast<double>(us) / 1e6);
  return text;
}

}  // namespace

void TierMonitor::Observe(const TierSnapshot& now, int64_t now_us) {
  ObserveRoom(now, now_us);
  ObserveErrors(now, now_us);
  ObserveDamage(now);
  ObserveSpeed(now, now_us);
  ObserveSnapshot(now, now_us);
  ObserveBudget(now, now_us);
  ObserveUnreadable(now_us);
}

void TierMonitor::ObserveRoom(const TierSnapshot& now, int64_t now_us) {
  if (now.room == tiering::Room::kNo) {
    last_full_us_ = now_us;
    writes_when_full_ = now.health.good_writes;
    if (full_) return;
    full_ = true;
    full_since_us_ = now_us;
    Warn("full, " +
         (now.store.device_full ? std::string("the device has no space left")
                                : "tier-max-size (" + FormatMemory(now.store.max_bytes) + ") is reached") +
         ". Values stay in RAM until there is room again.");
    return;
  }
  // A device is taken to have space until the next write: only one that succeeds shows it.
  const bool proven = now.room == tiering::Room::kYes && now.health.good_writes > writes_when_full_;
  if (!full_ || (!proven && now_us - last_full_us_ < kQuietUs)) return;
  full_ = false;
  Note("has room again after " + Seconds(now_us - full_since_us_));
}

void TierMonitor::ObserveErrors(const TierSnapshot& now, int64_t now_us) {
  const uint64_t errors = now.health.device_errors;
  if (errors != seen_errors_) {
    if (!failing_) {
      failing_ = true;
      failing_since_us_ = now_us;
      errors_before_ = seen_errors_;
      Warn(now.health.last_device_error +
           ". What cannot be written stays in RAM, and commands that need what cannot be read answer an error.");
    }
    seen_errors_ = errors;
    last_error_us_ = now_us;
    return;
  }
  if (!failing_ || now_us - last_error_us_ < kQuietUs) return;
  failing_ = false;
  Note("no error of the device for " + Seconds(now_us - last_error_us_) + ", after " +
       std::to_string(errors - errors_before_) + " in " + Seconds(last_error_us_ - failing_since_us_));
}

void TierMonitor::ObserveDamage(const TierSnapshot& now) {
  if (now.store.damaged_segments > seen_damaged_) {
    Warn(std::to_string(now.store.damaged_segments) + (now.store.damaged_segments == 1 ? " segment" : " segments") +
         " with damaged records that cannot be cleaned: the space comes back when nothing in there is wanted");
  }
  seen_damaged_ = now.store.damaged_segments;
}

void TierMonitor::ObserveSpeed(const TierSnapshot& now, int64_t now_us) {
  const int64_t age_us = std::max(now.health.oldest_read_us, now.health.oldest_write_us);
  // Twice, since a busy turn of this thread may just not have taken in what is finished.
  const bool slow_before = std::exchange(slow_, age_us >= kSlowUs);
  if (slow_) last_slow_us_ = now_us;
  if (slow_ && slow_before && !stalled_) {
    stalled_ = true;
    stalled_since_us_ = now_us - age_us;
    const bool read = now.health.oldest_read_us >= now.health.oldest_write_us;
    Warn(std::string("stalled, a ") + (read ? "read" : "write") + " has been under way for " + Seconds(age_us) +
         ". Commands that need no cold value go on.");
  } else if (stalled_ && now_us - last_slow_us_ >= kQuietUs) {
    stalled_ = false;
    Note("answers again, after up to " + Seconds(last_slow_us_ - stalled_since_us_));
  }
}

void TierMonitor::ObserveSnapshot(const TierSnapshot& now, int64_t now_us) {
  if (now.store.snapshot_leaves_no_room) {
    last_held_by_snapshot_us_ = now_us;
    if (std::exchange(held_by_snapshot_, true)) return;
    Warn("tier-max-size (" + FormatMemory(now.store.max_bytes) + ") is reached, and the snapshot under way holds " +
         FormatMemory(now.store.pinned_dead_bytes) +
         " that are dead: writers near maxmemory wait until its child has ended");
  } else if (held_by_snapshot_ && now_us - last_held_by_snapshot_us_ >= kQuietUs) {
    held_by_snapshot_ = false;
    Note("no snapshot holds the space that is needed any more");
  }
}

void TierMonitor::ObserveBudget(const TierSnapshot& now, int64_t now_us) {
  if (now.store.budget_reached) {
    last_over_budget_us_ = now_us;
    if (over_budget_) return;
    over_budget_ = true;
    Note("tier-write-budget (" + FormatMemory(now.write_budget_bytes_per_second) +
         " per second) is reached: spilling and cleaning wait for it, and writers near maxmemory with them");
  } else if (over_budget_ && now_us - last_over_budget_us_ >= kQuietUs) {
    over_budget_ = false;
    Note("tier-write-budget suffices again");
  }
}

void TierMonitor::NoteUnreadable(std::string_view line, int64_t now_us) {
  ObserveUnreadable(now_us);
  if (unreadable_lines_ == 0) unreadable_second_us_ = now_us;
  if (unreadable_lines_ == kUnreadableLinesPerSecond) {
    ++unreadable_left_out_;
  } else {
    ++unreadable_lines_;
    log_.Log(LogLevel::kWarning, line);
  }
}

void TierMonitor::ObserveUnreadable(int64_t now_us) {
  if (now_us - unreadable_second_us_ < 1'000'000) return;
  unreadable_lines_ = 0;
  if (unreadable_left_out_ == 0) return;
  Warn(std::to_string(std::exchange(unreadable_left_out_, 0)) + " more values could not be read");
}

}  // namespace tidemark::engine
