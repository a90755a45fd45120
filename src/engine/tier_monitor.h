// Tells the log what becomes of the flash tier: one line when its state changes, not one for each record concerned.
// Main thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"
#include "tiering/flash_store.h"
#include "tiering/pager/pager.h"

namespace tidemark::engine {

struct TierSnapshot {
  tiering::Room room = tiering::Room::kYes;
  tiering::FlashStats store;
  tiering::PagerHealth health;
  uint64_t write_budget_bytes_per_second = 0;
};

class TierMonitor {
 public:
  // A read or write that is under way for longer makes the device slow.
  static constexpr int64_t kSlowUs = 1'000'000;
  // For so long nothing must have happened before an error or slowness counts as gone, and a tier nobody writes to as
  // not full.
  static constexpr int64_t kQuietUs = 5'000'000;
  static constexpr int kUnreadableLinesPerSecond = 10;

  explicit TierMonitor(Logger& log) : log_(log) {}

  // Call several times a second. Monotonic time, microseconds.
  void Observe(const TierSnapshot& now, int64_t now_us);
  // Logs the line about a value that could not be read; of many in one second, the first few.
  void NoteUnreadable(std::string_view line, int64_t now_us);

  bool full() const { return full_; }
  bool failing() const { return failing_; }
  bool stalled() const { return stalled_; }

 private:
  void ObserveRoom(const TierSnapshot& now, int64_t now_us);
  void ObserveErrors(const TierSnapshot& now, int64_t now_us);
  void ObserveDamage(const TierSnapshot& now);
  void ObserveSpeed(const TierSnapshot& now, int64_t now_us);
  void ObserveSnapshot(const TierSnapshot& now, int64_t now_us);
  void ObserveBudget(const TierSnapshot& now, int64_t now_us);
  void ObserveUnreadable(int64_t now_us);
  void Warn(const std::string& text) { log_.Log(LogLevel::kWarning, "Flash tier: " + text); }
  void Note(const std::string& text) { log_.Log(LogLevel::kNotice, "Flash tier: " + text); }

  Logger& log_;

  bool full_ = false;
  int64_t full_since_us_ = 0;
  int64_t last_full_us_ = 0;
  uint64_t writes_when_full_ = 0;  // good ones, when it was last seen full

  bool failing_ = false;
  int64_t failing_since_us_ = 0;
  int64_t last_error_us_ = 0;
  uint64_t errors_before_ = 0;  // when it began to fail
  uint64_t seen_errors_ = 0;

  uint64_t seen_damaged_ = 0;

  bool slow_ = false;     // at the last look
  bool stalled_ = false;  // slow at two looks in a row, the last not long ago
  int64_t stalled_since_us_ = 0;
  int64_t last_slow_us_ = 0;

  bool held_by_snapshot_ = false;
  int64_t last_held_by_snapshot_us_ = 0;

  bool over_budget_ = false;
  int64_t last_over_budget_us_ = 0;

  int64_t unreadable_second_us_ = 0;
  int unreadable_lines_ = 0;
  uint64_t unreadable_left_out_ = 0;
};

}  // namespace tidemark::engine
