// Goal: the map's figures follow what was written, freed and cleaned, also after neighbouring chunks have been merged.
#include "tiering/rocksdb/space_map.h"

#include <gtest/gtest.h>

namespace tidemark::tiering {
namespace {

constexpr size_t kBytes = 128;

Locator At(uint64_t id) {
  return Locator::Make(id, kBytes);
}

void AddRange(SpaceMap& map, uint64_t first, uint64_t last) {
  for (uint64_t id = first; id <= last; ++id) map.Add(At(id), 100);
}

TEST(SpaceMap, LiveShareFollowsFrees) {
  SpaceMap map;
  AddRange(map, 1, 1000);
  EXPECT_DOUBLE_EQ(map.Total().stored_bytes, 100'000);
  EXPECT_DOUBLE_EQ(map.Total().dead_bytes(), 0);
  for (uint64_t id = 1; id <= 1000; id += 2) map.Remove(At(id));
  EXPECT_NEAR(map.Total().live_bytes, 50'000, 200);
  EXPECT_NEAR(map.Range(256, 511).dead_fraction(), 0.5, 0.01);
  EXPECT_NEAR(map.Range(256, 511).stored_bytes, 25'600, 1);
}

TEST(SpaceMap, SettleForgetsOnlyWhatWasDeadBeforeThePass) {
  SpaceMap map;
  AddRange(map, 1, 512);
  for (uint64_t id = 256; id < 384; ++id) map.Remove(At(id));
  map.BeginPass();
  for (uint64_t id = 384; id < 448; ++id) map.Remove(At(id));
  map.Settle(256, 511);
  EXPECT_NEAR(map.Range(256, 511).stored_bytes, 12'800, 1);
  EXPECT_NEAR(map.Range(256, 511).live_bytes, 6'400, 1);
}

TEST(SpaceMap, WhollyDeadChunksVanish) {
  SpaceMap map;
  AddRange(map, 1, 600);
  map.RemoveThrough(600);
  AddRange(map, 601, 700);
  EXPECT_NEAR(map.Total().live_bytes, 10'000, 1);
  map.BeginPass();
  map.SettleDead();
  EXPECT_LT(map.Total().stored_bytes, 20'000);
  EXPECT_NEAR(map.Total().live_bytes, 10'000, 1);
}

TEST(SpaceMap, MergingKeepsTheSumsAndBoundsTheMemory) {
  SpaceMap map(64);
  AddRange(map, 1, 200'000);
  for (uint64_t id = 1; id <= 100'000; ++id) map.Remove(At(id));
  EXPECT_DOUBLE_EQ(map.Total().stored_bytes, 20'000'000);
  EXPECT_NEAR(map.Total().live_bytes, 10'000'000, 1);
  EXPECT_LT(map.Range(1, 90'000).live_bytes, 1'000'000);
  EXPECT_LT(map.memory_bytes(), 16 * 1024u);
}

}  // namespace
}  // namespace tidemark::tiering
