// Goal: one line of the log for each change of the tier's state, however many records it concerns and however often the
// state is looked at.
#include "engine/tier_monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace tidemark::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using tiering::Room;

constexpr int64_t kTickUs = 100'000;

struct TierMonitorTest : testing::Test {
  TierMonitorTest() : path(testing::TempDir() + "tier_monitor_" + std::to_string(getpid()) + ".log") {
    std::remove(path.c_str());
    EXPECT_TRUE(log.Configure({.file = path}).ok());
  }
  ~TierMonitorTest() override { std::remove(path.c_str()); }

  void Pass(int64_t us) {
    for (const int64_t end = now_us + us; now_us < end; now_us += kTickUs) monitor.Observe(state, now_us);
  }
  // The lines since the last call.
  std::vector<std::string> Lines() {
    std::ifstream file(path);
    std::vector<std::string> lines;
    size_t number = 0;
    for (std::string line; std::getline(file, line); ++number) {
      if (number >= taken) lines.push_back(line);
    }
    taken = number;
    return lines;
  }

  std::string path;
  Logger log;
  TierMonitor monitor{log};
  TierSnapshot state;
  int64_t now_us = 1'000'000'000;
  size_t taken = 0;
};

TEST_F(TierMonitorTest, SaysNothingOfATierThatIsWell) {
  state.health.good_writes = 5;
  Pass(60'000'000);
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(TierMonitorTest, FullAndRoomAgain) {
  state.room = Room::kNo;
  state.store.max_bytes = 1 << 20;
  Pass(3'000'000);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("full, tier-max-size (1.00M) is reached")));
  EXPECT_TRUE(monitor.full());
  // A device is tried now and then; that is no room yet.
  for (int i = 0; i < 20; ++i) {
    state.room = i % 2 == 0 ? Room::kYes : Room::kNo;
    Pass(kTickUs);
  }
  EXPECT_THAT(Lines(), IsEmpty());
  state.room = Room::kYes;
  ++state.health.good_writes;
  Pass(kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("has room again")));
  EXPECT_FALSE(monitor.full());
}

TEST_F(TierMonitorTest, RoomThatNobodyUsesIsRoomAfterAWhile) {
  state.room = Room::kNo;
  state.store.device_full = true;
  Pass(kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("no space left")));
  state.room = Room::kYes;
  Pass(TierMonitor::kQuietUs - 2 * kTickUs);
  EXPECT_THAT(Lines(), IsEmpty());
  Pass(3 * kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("has room again")));
}

TEST_F(TierMonitorTest, DeviceErrorsAreOneLineAtTheirBeginningAndOneAtTheirEnd) {
  state.health.last_device_error = "writing to the flash device failed: Input/output error";
  for (int i = 0; i < 100; ++i) {
    state.health.device_errors += 50;
    Pass(kTickUs);
  }
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("Input/output error")));
  EXPECT_TRUE(monitor.failing());
  Pass(TierMonitor::kQuietUs + kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("no error of the device for 5.0 s, after 5000 in")));
  EXPECT_FALSE(monitor.failing());
}

TEST_F(TierMonitorTest, AnOperationThatIsUnderWayForLong) {
  state.health.oldest_read_us = 900'000;
  Pass(1'000'000);
  EXPECT_THAT(Lines(), IsEmpty());
  state.health.oldest_read_us = 1'100'000;
  Pass(1'000'000);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("stalled, a read has been under way for 1.1 s")));
  EXPECT_TRUE(monitor.stalled());
  // One that is merely slow is told of once.
  for (int i = 0; i < 20; ++i) {
    state.health.oldest_read_us = i % 2 == 0 ? 0 : 1'200'000;
    Pass(500'000);
  }
  EXPECT_THAT(Lines(), IsEmpty());
  state.health.oldest_read_us = 0;
  Pass(TierMonitor::kQuietUs - kTickUs);
  EXPECT_TRUE(monitor.stalled());
  Pass(2 * kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("answers again, after up to 11.9 s")));
  EXPECT_FALSE(monitor.stalled());
}

TEST_F(TierMonitorTest, ASnapshotThatHoldsTheSpace) {
  state.room = tiering::Room::kSoon;
  state.store.max_bytes = uint64_t{64} << 20;
  state.store.pinned_dead_bytes = uint64_t{16} << 20;
  for (int i = 0; i < 50; ++i) {
    state.store.snapshot_leaves_no_room = i % 2 == 0;
    Pass(kTickUs);
  }
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("the snapshot under way holds 16.00M")));
  state.store.snapshot_leaves_no_room = false;
  Pass(TierMonitor::kQuietUs + kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("no snapshot holds")));
}

TEST_F(TierMonitorTest, BudgetAndDamage) {
  state.write_budget_bytes_per_second = 1 << 20;
  for (int i = 0; i < 50; ++i) {
    state.store.budget_reached = i % 2 == 0;
    Pass(kTickUs);
  }
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("tier-write-budget (1.00M per second) is reached")));
  state.store.budget_reached = false;
  Pass(TierMonitor::kQuietUs + kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("suffices again")));
  state.store.damaged_segments = 1;
  Pass(10 * kTickUs);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("1 segment")));
}

TEST_F(TierMonitorTest, OfManyValuesThatCannotBeReadTheFirstAreNamed) {
  for (int i = 0; i < 1000; ++i) monitor.NoteUnreadable("The value of key 'x' cannot be read", now_us);
  EXPECT_THAT(Lines(), SizeIs(TierMonitor::kUnreadableLinesPerSecond));
  Pass(2'000'000);
  EXPECT_THAT(Lines(), ElementsAre(HasSubstr("990 more values could not be read")));
  monitor.NoteUnreadable("The value of key 'y' cannot be read", now_us);
  EXPECT_THAT(Lines(), SizeIs(1));
}

}  // namespace
}  // namespace tidemark::engine
