// Goal: what only the value log can get wrong: where records lie, segments that are cleaned while their records are
// read, freed and renamed, limits, and a device that fails in every way.
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <set>

#include "base/clock.h"
#include "support/seed.h"
#include "tiering/valuelog/record.h"
#include "value_log_rig.h"

namespace tidemark::tiering {
namespace {

using Rig = ValueLogRig;

TEST(Place, SurvivesALocator) {
  for (const uint64_t offset : {uint64_t{0}, uint64_t{16}, Place::kMaxSegmentBytes - 16}) {
    const Place place{9, 12345, offset};
    const Place back = Place::Of(Locator::Make(place.EngineBits(), 100));
    EXPECT_EQ(back.generation, 9u);
    EXPECT_EQ(back.segment, 12345u);
    EXPECT_EQ(back.offset, offset);
  }
}

TEST(SegmentTable, ALocatorOfAnEarlierLifeIsKnown) {
  SegmentTable table;
  const uint32_t segment = table.Add(1, kSegmentBytes);
  const Place place{table.at(segment).generation, segment, 0};
  EXPECT_NE(table.Find(place), nullptr);
  table.Remove(segment);
  EXPECT_EQ(table.Find(place), nullptr);
  EXPECT_EQ(table.Add(2, kSegmentBytes), segment);
  EXPECT_EQ(table.Find(place), nullptr);
}

TEST(SegmentTable, PicksTheEmptierOfEqualAge) {
  SegmentTable table;
  for (const int live : {9, 2, 5}) {
    const uint32_t segment = table.Add(1, kSegmentBytes);
    const Locator locator = Locator::Make(Place{1, segment, 0}.EngineBits(), 100);
    for (int i = 0; i < 10; ++i) table.AddRecord(segment, locator);
    for (int i = live; i < 10; ++i) table.RemoveRecord(segment, locator);
    table.at(segment).state = SegmentState::kSealed;
  }
  EXPECT_EQ(table.PickVictim(0.05, 1'000), 1u);
  EXPECT_EQ(table.PickVictim(0.9, 1'000), SegmentTable::kNone);
}

TEST(RecordFormat, EveryFlippedBitIsFound) {
  const std::string payload = "what is to be kept";
  std::string bytes(RecordBytes(payload.size()), '\0');
  RecordHeader header{};
  header.type_tag = 3;
  header.generation = 5;
  header.owner = 42;
  WriteRecord(header, payload, false, payload.size(), bytes.data());
  ASSERT_EQ(ViewRecord(bytes, 5)->body, payload);
  EXPECT_FALSE(ViewRecord(bytes, 6).has_value()) << "of another life of the segment";
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(ViewRecord(damaged, 5).has_value()) << "bit " << bit;
  }
  for (size_t cut = 0; cut < bytes.size(); ++cut) EXPECT_FALSE(ViewRecord({bytes.data(), cut}, 5).has_value());
}

TEST(ValueLog, AColdReadIsOneReadOfTheDevice) {
  Rig rig({.compression = Compression::kNone});
  Random random(3);
  for (uint64_t key = 0; key < 2000; ++key) rig.Put(key, RandomPayload(random, 1 + random.Below(3500)));
  rig.Settle();
  const FlashStats before = rig.store->Stats();
  size_t most = 0;
  rig.device->fault = [&](const DeviceOperation& operation) {
    most = std::max(most, operation.bytes);
    return 0;
  };
  for (const auto& [key, locator] : rig.where) rig.store->SubmitReads({&locator, 1}, ReadPriority::kClient);
  while (rig.reads.size() < rig.where.size()) rig.Turn();
  EXPECT_EQ(rig.store->Stats().device_reads - before.device_reads, rig.where.size());
  EXPECT_LE(most, 2 * Device::kAlignment);
}

TEST(ValueLog, CleaningMovesWhatIsWantedAndGivesTheRestBack) {
  Rig rig;
  Random random(4);
  for (uint64_t key = 0; key < 20'000; ++key) {
    rig.Put(key, RandomPayload(random, 500));
    if (key % 100 == 0) rig.Turn();
  }
  rig.Settle();
  const uint64_t full = rig.HeldBytes();
  for (uint64_t key = 0; key < 20'000; ++key) {
    if (key % 4 != 0) rig.Drop(key);
  }
  rig.store->Compact();
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.HeldBytes() < full / 2;
  }));
  EXPECT_GT(rig.moves, 4000u);
  rig.ExpectAll();
  EXPECT_EQ(rig.store->Stats().records, rig.values.size());
  EXPECT_EQ(rig.store->Stats().live_payload_bytes, rig.values.size() * 500);
}

TEST(ValueLog, CleaningTakesRecordsOfEverySize) {
  Rig rig({.compression = Compression::kNone});
  Random random(11);
  // Some larger than a piece that the cleaner reads, some than a segment.
  for (uint64_t key = 0; key < 600; ++key) {
    const size_t bytes = key % 60 == 7 ? 300'000 + random.Below(400'000) : key == 301 ? 2'500'000 : random.Below(3000);
    rig.Put(key, RandomPayload(random, bytes));
    rig.Turn();
  }
  rig.Settle();
  for (uint64_t key = 0; key < 600; ++key) {
    if (key % 3 == 0) rig.Drop(key);
  }
  rig.store->Compact();
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->Stats().segments_cleaned > 3;
  }));
  rig.Settle();
  rig.ExpectAll();
  EXPECT_EQ(rig.store->Stats().records, rig.values.size());
}

TEST(ValueLog, ARecordIsReadFromItsOldPlaceWhileItIsMoved) {
  Rig rig;
  Random random(5);
  for (uint64_t key = 0; key < 4000; ++key) rig.Put(key, RandomPayload(random, 500));
  rig.Settle();
  for (uint64_t key = 1; key < 4000; ++key) {
    if (key % 5 != 0) rig.Drop(key);
  }
  const auto old_places = rig.where;
  rig.store->Compact();
  size_t asked = 0;
  for (int i = 0; i < 2000 && rig.moves < 300; ++i) {
    if (i % 3 == 0) {
      // Of the place that is its own now, though it may not be when the read is done.
      const auto it = std::next(rig.where.begin(), static_cast<ptrdiff_t>(random.Below(rig.where.size())));
      rig.store->SubmitReads({&it->second, 1}, ReadPriority::kClient);
      ++asked;
    }
    rig.Turn(1);
  }
  rig.Settle();
  EXPECT_GT(asked, 10u);
  for (const auto& [raw, completion] : rig.reads) EXPECT_TRUE(completion.status.ok()) << completion.status.message();
  rig.ExpectAll();
}

TEST(ValueLog, KeepsToItsLimitUnderOverwriting) {
  constexpr uint64_t kMax = 32 * kSegmentBytes;
  Rig rig({.max_bytes = kMax, .compression = Compression::kNone});
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  // Sixty in a hundred of the limit are wanted at all times.
  const uint64_t keys = kMax * 6 / 10 / 1040;
  uint64_t spilled = 0;
  const auto put = [&](uint64_t key) {
    ASSERT_TRUE(Eventually([&] {
      if (rig.store->room() == Room::kYes) return true;
      rig.Turn();
      return false;
    }));
    rig.Put(key, RandomPayload(random, 1000));
    spilled += 1000;
    rig.Turn();
    ASSERT_LE(rig.device->total_bytes(), kMax);
  };
  for (uint64_t key = 0; key < keys; ++key) put(key);
  const uint64_t written_before = rig.store->Stats().host_bytes_written;
  spilled = 0;
  for (uint64_t i = 0; i < 4 * keys; ++i) put(random.Below(keys));
  rig.Settle();
  rig.ExpectAll();
  const double amplification =
      static_cast<double>(rig.store->Stats().host_bytes_written - written_before) / static_cast<double>(spilled);
  // It is 1.82 whatever the seed.
  EXPECT_GT(amplification, 1.0);
  EXPECT_LT(amplification, 2.0);
  EXPECT_EQ(rig.failed_writes, 0u);
}

TEST(ValueLog, CleaningKeepsToTheBudget) {
  constexpr uint64_t kRate = uint64_t{1} << 20;
  // Steps of the cleaner between two looks, and what waits in a buffer.
  constexpr double kSlack = uint64_t{1} << 19;
  Rig rig({.compression = Compression::kNone});
  Random random(3);
  for (uint64_t key = 0; key < 8000; ++key) rig.Put(key, RandomPayload(random, 1000));
  rig.Settle();
  rig.store->Tune({.write_budget_bytes_per_second = kRate, .compression = Compression::kNone});
  const uint64_t before = rig.store->Stats().host_bytes_written;
  const int64_t begun_us = Clock::MonotonicUs();
  for (uint64_t key = 0; key < 8000; key += 2) rig.Drop(key);
  rig.store->Compact();
  uint64_t waits = 0;
  ASSERT_TRUE(Eventually([&] {
    for (int turn = 0; turn < 16; ++turn) rig.Turn();
    const auto written = static_cast<double>(rig.store->Stats().host_bytes_written - before);
    const double took_s = static_cast<double>(Clock::MonotonicUs() - begun_us) / 1e6;
    // What a second allows may be written at once.
    EXPECT_LE(written, static_cast<double>(kRate) * (took_s + 1) + kSlack);
    if (rig.store->Stats().budget_reached) ++waits;
    return HasFailure() || rig.moves > 3000;
  }));
  EXPECT_GT(waits, 0u);
  rig.ExpectAll();
}

TEST(ValueLog, RecordsNearlyAsLargeAsASegmentWasteNoSpace) {
  constexpr uint64_t kMax = 64 * kSegmentBytes;
  constexpr size_t kValueBytes = 650'000;
  Rig rig({.max_bytes = kMax, .compression = Compression::kNone});
  Random random(8);
  uint64_t key = 0;
  while (rig.store->room() != Room::kNo && key < 1'000) {
    if (rig.store->room() == Room::kYes) rig.Put(key++, RandomPayload(random, kValueBytes));
    rig.Turn();
    ASSERT_LE(rig.device->total_bytes(), kMax);
  }
  rig.Settle();
  EXPECT_GT(rig.where.size() * kValueBytes, kMax * 9 / 10);
  EXPECT_EQ(rig.store->Stats().disk_bytes, rig.device->total_bytes());
  rig.ExpectAll();
}

TEST(ValueLog, WaitsForSpaceThatIsYetToLeaveTheDisk) {
  constexpr uint64_t kMax = 16 * kSegmentBytes;
  Rig rig({.max_bytes = kMax, .compression = Compression::kNone});
  Random random(10);
  rig.device->leaving = 12 * kSegmentBytes;
  for (uint64_t key = 0; key < 10'000 && rig.store->room() == Room::kYes; ++key) {
    rig.Put(key, RandomPayload(random, 2000));
    rig.Turn();
    ASSERT_LE(rig.device->total_bytes() + rig.device->leaving, kMax);
  }
  rig.Settle();
  EXPECT_EQ(rig.failed_writes, 0U);
  EXPECT_EQ(rig.store->room(), Room::kSoon);
  rig.device->leaving = 0;
  EXPECT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->room() == Room::kYes;
  }));
}

// What a segment has left is given back when it is sealed. A locator tells a record's size not exactly.
TEST(ValueLog, ARecordIsReadWhileItsSegmentIsSealed) {
  Random random(TestSeed());
  for (uint64_t keys = 1; keys <= 40; ++keys) {
    Rig rig({.compression = Compression::kNone});
    for (uint64_t key = 0; key < keys; ++key) rig.Put(key, RandomPayload(random, 3000 + random.Below(500)));
    rig.Settle();
    const Locator last = rig.where.at(keys - 1);
    rig.store->SubmitReads({&last, 1}, ReadPriority::kClient);
    const uint64_t before = rig.HeldBytes();
    rig.Put(1000, RandomPayload(random, kSegmentBytes - 8192));
    ASSERT_LT(rig.HeldBytes(), before + kSegmentBytes) << "nothing was given back";
    rig.Settle();
    const FlashCompletion& read = rig.reads.at(last.raw());
    ASSERT_TRUE(read.status.ok()) << read.status.message();
    ASSERT_EQ(std::string_view(read.payload), rig.values.at(keys - 1));
  }
}

// While the device makes no file, writers wait and all else goes on.
TEST(ValueLog, WaitsForAFileThatTheDeviceIsSlowToMake) {
  Rig rig({.compression = Compression::kNone});
  Random random(TestSeed());
  rig.device->hangs_preparing = true;
  uint64_t key = 0;
  for (; key < 10'000 && rig.store->room() == Room::kYes; ++key) {
    rig.Put(key, RandomPayload(random, 2000));
    rig.Turn();
  }
  rig.Settle();
  EXPECT_EQ(rig.store->room(), Room::kSoon);
  EXPECT_LE(rig.device->total_bytes(), kSegmentBytes);
  EXPECT_EQ(rig.failed_writes, 0u);
  rig.ExpectAll();
  rig.device->hangs_preparing = false;
  EXPECT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->room() == Room::kYes;
  }));
  rig.Put(key, "more");
  rig.Settle();
  rig.ExpectAll();
}

// The device, not a limit, leaves no room: what is dead is cleaned with what was set aside for that.
TEST(ValueLog, CleansOnAFullDevice) {
  Rig rig({.compression = Compression::kNone});
  rig.device->capacity_bytes = 24 * kSegmentBytes;
  Random random(TestSeed());
  constexpr uint64_t kKeys = 12'000;  // half of the capacity
  for (uint64_t write = 0; write < 5 * kKeys; ++write) {
    ASSERT_TRUE(Eventually([&] {
      if (rig.store->room() == Room::kYes) return true;
      rig.Turn();
      return false;
    })) << "after "
        << write;
    rig.Put(write < kKeys ? write : random.Below(kKeys), RandomPayload(random, 1000));
    if (write % 16 == 0) rig.Turn();
  }
  rig.Settle();
  EXPECT_EQ(rig.failed_writes, 0u);
  EXPECT_GT(rig.store->Stats().segments_cleaned, 0u);
  rig.ExpectAll();
}

TEST(ValueLog, ManyReadsAtOnceTakeLittleMemory) {
  constexpr uint64_t kKeys = 5'000;
  Rig rig;
  Random random(9);
  for (uint64_t key = 0; key < kKeys; ++key) rig.Put(key, RandomPayload(random, 100));
  rig.Settle();
  std::vector<Locator> locators;
  for (const auto& [key, locator] : rig.where) locators.push_back(locator);
  const std::map<uint64_t, std::string> values = rig.values;
  const uint64_t memory_before = rig.store->Stats().memory_bytes;
  rig.store->SubmitReads(locators, ReadPriority::kClient);
  EXPECT_LE(rig.store->Stats().memory_bytes - memory_before, uint64_t{8} << 20);
  EXPECT_EQ(rig.store->Stats().reads_in_flight, kKeys);
  // What is given up meanwhile is read all the same.
  for (uint64_t key = 0; key < kKeys; ++key) rig.Drop(key);
  while (rig.device->in_flight() > 0) rig.Turn(100);
  ASSERT_EQ(rig.reads.size(), kKeys);
  for (uint64_t key = 0; key < kKeys; ++key) {
    const FlashCompletion& read = rig.reads.at(locators[key].raw());
    ASSERT_TRUE(read.status.ok()) << read.status.message();
    ASSERT_EQ(read.payload, values.at(key));
  }
  EXPECT_EQ(rig.store->Stats().reads_in_flight, 0U);
}

// Values may be held where they were read to, but for those that would hide RAM from its account, and never so many
// that none is left to read into.
TEST(ValueLog, WhatIsReadAndHeldTakesNoMemoryOfTheStore) {
  Rig rig;
  Random random(11);
  constexpr uint64_t kSmall = 600;
  for (uint64_t key = 0; key < kSmall; ++key) rig.Put(key, RandomPayload(random, 100));
  for (uint64_t key = kSmall; key < kSmall + 8; ++key) rig.Put(key, RandomPayload(random, 50'000));
  rig.Settle();
  const uint64_t memory_before = rig.store->Stats().memory_bytes;
  std::vector<Locator> locators;
  for (const auto& [key, locator] : rig.where) locators.push_back(locator);
  rig.store->SubmitReads(locators, ReadPriority::kClient);
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.reads.size() == locators.size();
  }));
  EXPECT_EQ(rig.store->Stats().memory_bytes, memory_before);
  for (const auto& [key, locator] : rig.where) ASSERT_EQ(rig.reads.at(locator.raw()).payload, rig.values.at(key));
}

TEST(ValueLog, SaysNoWhenEverythingIsWanted) {
  Rig rig({.max_bytes = 8 * kSegmentBytes, .compression = Compression::kNone});
  Random random(6);
  uint64_t key = 0;
  while (rig.store->room() != Room::kNo && key < 100'000) {
    if (rig.store->room() == Room::kYes) rig.Put(key++, RandomPayload(random, 2000));
    rig.Turn();
  }
  EXPECT_EQ(rig.store->room(), Room::kNo);
  EXPECT_GT(key * 2000, 4 * kSegmentBytes);
  EXPECT_LE(rig.device->total_bytes(), 8 * kSegmentBytes);
  rig.Settle();
  rig.ExpectAll();
  for (uint64_t i = 0; i < key; i += 2) rig.Drop(i);
  EXPECT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->room() == Room::kYes;
  }));
  rig.ExpectAll();
}

TEST(ValueLog, PinsHoldWhatCleaningAndFreeingLeaveBehind) {
  Rig rig;
  Random random(7);
  for (uint64_t key = 0; key < 4000; ++key) rig.Put(key, RandomPayload(random, 500));
  rig.Settle();
  const auto at_pin = rig.where;
  const auto values_at_pin = rig.values;
  const PinToken pin = rig.store->Pin();
  for (uint64_t key = 0; key < 4000; ++key) {
    if (key % 3 != 0) rig.Drop(key);
  }
  rig.store->Compact();
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->Stats().segments_cleaned > 1;
  }));
  for (const auto& [key, locator] : at_pin) {
    const auto record = rig.store->ReadNow(locator);
    ASSERT_TRUE(record.has_value()) << record.error().message();
    ASSERT_EQ(record->payload, values_at_pin.at(key));
  }
  const uint64_t held = rig.HeldBytes();
  rig.store->Unpin(pin);
  EXPECT_LT(rig.HeldBytes(), held);
  rig.ExpectAll();
}

TEST(ValueLog, APinDoesNotHoldWhatCameAfterIt) {
  Rig rig;
  Random random(9);
  for (uint64_t key = 0; key < 4000; ++key) rig.Put(key, RandomPayload(random, 500));
  rig.Settle();
  const PinToken pin = rig.store->Pin();
  const uint64_t at_pin = rig.HeldBytes();
  // The same keys over and over: without giving anything back this would take ten times the space.
  for (int round = 0; round < 10; ++round) {
    for (uint64_t key = 0; key < 4000; ++key) rig.Put(key, RandomPayload(random, 500));
    rig.Settle();
  }
  EXPECT_LE(rig.HeldBytes(), 3 * at_pin);
  rig.store->Unpin(pin);
  rig.ExpectAll();
}

TEST(ValueLog, SettlesWithinATimeOrNot) {
  Rig rig;
  Random random(5);
  for (uint64_t key = 0; key < 2000; ++key) rig.Put(key, RandomPayload(random, 1000));
  EXPECT_FALSE(rig.store->SettleWithin(1'000)) << "the device has not done a thing";
  rig.Settle();
  EXPECT_TRUE(rig.store->SettleWithin(1'000));
  rig.ExpectAll();
}

TEST(ValueLog, WritersWaitForASnapshotThatHoldsTheSpace) {
  constexpr uint64_t kMax = 64 * kSegmentBytes;
  constexpr uint64_t kKeys = 14'000;  // about a fifth of that
  Rig rig({.max_bytes = kMax, .compression = Compression::kNone});
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const auto overwrite = [&](int times) {
    for (int i = 0; i < times && rig.store->room() == Room::kYes; ++i) {
      rig.Put(random.Below(kKeys), RandomPayload(random, 1000));
    }
    rig.Turn();
  };
  ASSERT_TRUE(Eventually([&] {
    overwrite(1000);
    return rig.store->Stats().segments_cleaned > 3;
  }));
  // While few are written, space is made ahead of need.
  ASSERT_TRUE(Eventually([&] {
    overwrite(1);
    return kMax - rig.HeldBytes() >= kMax / 10;
  }));
  rig.Settle();
  const PinToken pin = rig.store->Pin();
  const auto reader = rig.store->PrepareFork(pin);
  ASSERT_TRUE(Eventually([&] {
    overwrite(1000);
    return rig.store->Stats().snapshot_leaves_no_room;
  }));
  // Far longer than a cleaner is waited for that finds no place.
  const int64_t until_us = Clock::MonotonicUs() + 1'500'000;
  ASSERT_TRUE(Eventually([&] {
    overwrite(1000);
    EXPECT_NE(rig.store->room(), Room::kNo);
    return HasFailure() || Clock::MonotonicUs() >= until_us;
  }));
  EXPECT_LE(rig.device->total_bytes(), kMax);
  rig.store->Unpin(pin);
  rig.Turn();
  EXPECT_FALSE(rig.store->Stats().snapshot_leaves_no_room);
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->room() == Room::kYes;
  }));
  EXPECT_EQ(rig.failed_writes, 0u);
  rig.ExpectAll();
}

TEST(ValueLog, AWriteThatFailsIsToldAndHarmsNothingElse) {
  for (const bool tears : {false, true}) {
    Rig rig;
    Random random(8);
    for (uint64_t key = 0; key < 1000; ++key) rig.Put(key, RandomPayload(random, 500));
    rig.Settle();
    rig.device->tears = tears;
    rig.device->fault = [](const DeviceOperation& operation) {
      return operation.kind == DeviceOperation::Kind::kWrite ? EIO : 0;
    };
    for (uint64_t key = 1000; key < 1500; ++key) rig.Put(key, RandomPayload(random, 500));
    rig.Settle();
    EXPECT_EQ(rig.failed_writes, 500u);
    EXPECT_EQ(rig.store->Stats().records, 1000u);
    rig.device->fault = nullptr;
    for (uint64_t key = 2000; key < 2500; ++key) rig.Put(key, RandomPayload(random, 500));
    rig.Settle();
    EXPECT_EQ(rig.failed_writes, 500u);
    rig.ExpectAll();
  }
}

TEST(ValueLog, AReadThatFailsNamesTheFaultAndIsCounted) {
  Rig rig;
  rig.Put(1, std::string(1000, 'x'));
  rig.Settle();
  rig.device->fault = [](const DeviceOperation&) { return EIO; };
  rig.store->SubmitReads({&rig.where.at(1), 1}, ReadPriority::kClient);
  rig.Turn();
  ASSERT_EQ(rig.reads.size(), 1u);
  EXPECT_EQ(rig.reads.begin()->second.status.code(), StatusCode::kIoError);
  EXPECT_EQ(rig.store->Stats().read_errors, 1u);
  rig.device->fault = nullptr;
  EXPECT_TRUE(rig.Get(1).has_value());
}

TEST(ValueLog, ADeviceWithoutSpaceStopsWritesAndIsTriedAgain) {
  Rig rig;
  rig.device->capacity_bytes = 2 * kSegmentBytes;
  Random random(9);
  for (uint64_t key = 0; key < 4000; ++key) {
    rig.Put(key, RandomPayload(random, 1000));
    rig.Turn();
  }
  rig.Settle();
  EXPECT_GT(rig.failed_writes, 0u);
  EXPECT_EQ(rig.store->room(), Room::kNo);
  rig.ExpectAll();
  rig.device->capacity_bytes = UINT64_MAX;
  EXPECT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->room() == Room::kYes;
  }));
  rig.Put(99'999, "again");
  rig.Settle();
  EXPECT_EQ(rig.Get(99'999)->payload, "again");
}

TEST(ValueLog, ADamagedRecordIsAnErrorAndItsNeighboursAreNot) {
  Rig rig({.compression = Compression::kNone});
  Random random(10);
  for (uint64_t key = 0; key < 1000; ++key) rig.Put(key, RandomPayload(random, 500));
  rig.Settle();
  std::string& file = rig.device->files().begin()->second;
  const Place place = Place::Of(rig.where.at(500));
  file[place.offset + sizeof(RecordHeader) + 100] ^= 1;
  for (const auto& [key, locator] : rig.where) {
    const auto record = rig.store->ReadNow(locator);
    EXPECT_EQ(record.has_value(), key != 500);
    if (!record) {
      EXPECT_EQ(record.error().code(), StatusCode::kCorruption);
    }
  }
  EXPECT_EQ(rig.store->Stats().corruptions, 1u);
}

// A damaged header may hide whose the record is, and where the next one begins.
TEST(ValueLog, CleaningLosesNothingBehindADamagedHeader) {
  const size_t fields[] = {offsetof(RecordHeader, owner), offsetof(RecordHeader, body_bytes),
                           offsetof(RecordHeader, payload_bytes), offsetof(RecordHeader, type_tag)};
  for (const size_t field : fields) {
    SCOPED_TRACE(field);
    Rig rig({.compression = Compression::kNone});
    Random random(12);
    for (uint64_t key = 0; key < 3000; ++key) rig.Put(key, RandomPayload(random, 500));
    rig.Settle();
    const Locator damaged = rig.where.at(500);
    rig.device->files().begin()->second[Place::Of(damaged).offset + field] ^= 0x10;
    for (uint64_t key = 0; key < 3000; ++key) {
      if (key % 5 != 0) rig.Drop(key);
    }
    rig.store->Compact();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    while (std::chrono::steady_clock::now() < deadline) rig.Turn();
    for (const auto& [key, locator] : rig.where) {
      const auto record = rig.store->ReadNow(locator);
      ASSERT_EQ(record.has_value(), key != 500) << key;
      if (!record) {
        EXPECT_EQ(record.error().code(), StatusCode::kCorruption) << record.error().message();
      }
    }
    // The space comes back with the last of them.
    for (uint64_t key = 0; key < 3000; key += 5) rig.Drop(key);
    rig.Settle();
    EXPECT_LE(rig.HeldBytes(), 2 * kSegmentBytes);
  }
}

TEST(ValueLog, WhatFollowsARecordLargerThanASegmentCanBeIsFound) {
  Rig rig({.compression = Compression::kNone}, Place::kMaxSegmentBytes);
  Random random(TestSeed());
  for (const size_t bytes : {size_t{100}, Place::kMaxSegmentBytes + 100, size_t{200}, size_t{4096}, size_t{300}}) {
    rig.Put(rig.values.size(), RandomPayload(random, bytes));
  }
  rig.Settle();
  EXPECT_EQ(rig.where.size(), 5u);
  rig.ExpectAll();
}

// Too little is behind it for a header.
TEST(ValueLog, CleaningEndsAtAByteThatIsNoRecord) {
  Rig rig({.compression = Compression::kNone});
  Random random(TestSeed());
  // Two records that leave one granule of their block.
  constexpr size_t kFirst = 2032;
  constexpr size_t kEnd = Device::kAlignment - Place::kGranuleBytes;
  rig.Put(0, RandomPayload(random, kFirst - RecordBytes(0)));
  rig.Put(1, RandomPayload(random, kEnd - kFirst - RecordBytes(0)));
  rig.Settle();
  const auto checkpoint = rig.store->BeginCheckpoint();  // seals the segment
  rig.store->CheckpointFailed(*checkpoint);
  rig.device->files().begin()->second[kEnd] = 1;
  rig.Drop(0);
  rig.store->Compact();
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->Stats().damaged_segments == 1;
  }));
  EXPECT_FALSE(rig.store->Stats().cleaning);
  rig.ExpectAll();
}

TEST(ValueLog, CleaningGoesOnAfterTheDeviceHasFailed) {
  Rig rig;
  Random random(13);
  for (uint64_t key = 0; key < 20'000; ++key) {
    rig.Put(key, RandomPayload(random, 500));
    if (key % 100 == 0) rig.Turn();
  }
  rig.Settle();
  for (uint64_t key = 0; key < 20'000; ++key) {
    if (key % 4 != 0) rig.Drop(key);
  }
  const uint64_t full = rig.HeldBytes();
  bool failed = false;
  rig.device->fault = [&](const DeviceOperation& operation) {
    failed = true;
    return operation.kind == DeviceOperation::Kind::kRead ? EIO : ENOSPC;
  };
  rig.store->Compact();
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return failed;
  }));
  rig.device->fault = nullptr;
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    rig.store->Compact();
    return rig.HeldBytes() < full / 2;
  }));
  EXPECT_EQ(rig.store->Stats().damaged_segments, 0u);
  rig.ExpectAll();
}

// With new segments smaller than the old ones, what the cleaner has in reserve is less than it may have to move.
TEST(ValueLog, ALoweredLimitIsReachedAndKept) {
  constexpr uint64_t kLimit = 16 * kSegmentBytes;
  for (const uint64_t segment_bytes : {kSegmentBytes, 8 * kSegmentBytes}) {
    SCOPED_TRACE(segment_bytes);
    Rig rig({.compression = Compression::kNone}, segment_bytes);
    Random random(14);
    for (uint64_t key = 0; key < 6000; ++key) {
      rig.Put(key, RandomPayload(random, 4000));
      rig.Turn();
    }
    rig.Settle();
    EXPECT_GT(rig.device->total_bytes(), kLimit);
    rig.store->Tune({.max_bytes = kLimit});
    rig.ExpectAll();
    // A tenth of the limit is left to live, spread over all segments.
    for (uint64_t key = 0; key < 6000; ++key) {
      if (key % 15 != 0) rig.Drop(key);
    }
    ASSERT_TRUE(Eventually([&] {
      rig.Turn();
      return rig.store->room() == Room::kYes && rig.device->total_bytes() <= kLimit;
    }));
    // Overwriting half of what the limit holds goes on for ever.
    for (int i = 0; i < 5000; ++i) {
      ASSERT_TRUE(Eventually([&] {
        rig.Turn();
        return rig.store->room() == Room::kYes;
      }));
      rig.Put(random.Below(2000), RandomPayload(random, 4000));
      ASSERT_LE(rig.device->total_bytes(), kLimit);
    }
    rig.Settle();
    rig.ExpectAll();
  }
}

// As on a file system that cannot set space aside.
TEST(ValueLog, AWriteThatFindsNoSpaceStopsWritesForAWhile) {
  Rig rig;
  Random random(15);
  rig.device->fault = [](const DeviceOperation& operation) {
    return operation.kind == DeviceOperation::Kind::kWrite ? ENOSPC : 0;
  };
  for (uint64_t key = 0; key < 100; ++key) rig.Put(key, RandomPayload(random, 1000));
  rig.Settle();
  rig.Turn();
  EXPECT_EQ(rig.failed_writes, 100u);
  EXPECT_EQ(rig.store->room(), Room::kNo);
  EXPECT_TRUE(rig.store->Stats().device_full);
  rig.device->fault = nullptr;
  EXPECT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.store->room() == Room::kYes;
  }));
  rig.Put(1, "again");
  rig.Settle();
  EXPECT_EQ(rig.Get(1)->payload, "again");
}

}  // namespace
}  // namespace tidemark::tiering
