// Goal: values that fill whole blocks are read as those blocks and no more, take no more space for it, and are as safe
// as others from cleaning, forks and damage.
#include "tiering/space/detached_bodies.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "support/seed.h"
#include "tiering/valuelog/bodies_ahead.h"
#include "tiering/valuelog/record.h"
#include "value_log_rig.h"

namespace tidemark::tiering {
namespace {

constexpr size_t kBlock = Device::kAlignment;
using Rig = ValueLogRig;

void FillWithBlocks(Rig& rig, Random& random, uint64_t keys) {
  for (uint64_t key = 0; key < keys; ++key) rig.Put(key, RandomPayload(random, kBlock));
  rig.Settle();
}

// Where in the file the header lies of the body at this offset.
size_t HeaderOf(const std::string& file, const Place& body) {
  for (size_t at = 0; at < body.offset; at += Place::kGranuleBytes) {
    const auto header = ReadDetachedHeader(std::string_view(file).substr(at), body.generation);
    if (header && header->body_offset() == body.offset) return at;
  }
  ADD_FAILURE() << "no header of the body at " << body.offset;
  return 0;
}

TEST(DetachedBodies, AreFoundByTheirOffset) {
  DetachedBodies bodies;
  EXPECT_FALSE(bodies.Find(0));
  const DetachedBody last{DetachedBodies::kOffsetEnd - kBlock, DetachedBodies::kPaddingMax, 0xff, 0xffffffff};
  for (const DetachedBody& body : {DetachedBody{kBlock, 0, 0, 0}, {3 * kBlock, 10, 20, 30}, last}) bodies.Add(body);
  bodies.Close();
  EXPECT_TRUE(bodies.Find(kBlock));
  EXPECT_EQ(bodies.Find(3 * kBlock)->padding, 10u);
  EXPECT_EQ(bodies.Find(3 * kBlock)->type_tag, 20u);
  EXPECT_EQ(bodies.Find(3 * kBlock)->crc, 30u);
  EXPECT_EQ(bodies.Find(last.offset)->padding, last.padding);
  EXPECT_EQ(bodies.Find(last.offset)->crc, last.crc);
  for (const uint64_t none : {uint64_t{0}, kBlock + 16, 2 * kBlock, DetachedBodies::kOffsetEnd, UINT64_MAX}) {
    EXPECT_FALSE(bodies.Find(none)) << none;
  }
  ASSERT_TRUE(DetachedBodies::AreWords(bodies.Words(), DetachedBodies::kOffsetEnd));
  EXPECT_TRUE(DetachedBodies::FromWords(bodies.Words()).Find(3 * kBlock));
  EXPECT_FALSE(DetachedBodies::AreWords(bodies.Words(), last.offset)) << "one lies behind the end";
  std::vector<uint64_t> twice = bodies.Words();
  twice.insert(twice.begin(), twice.front());
  EXPECT_FALSE(DetachedBodies::AreWords(twice, DetachedBodies::kOffsetEnd));
  EXPECT_FALSE(DetachedBodies::AreWords({5}, DetachedBodies::kOffsetEnd)) << "there is a header in the first block";
}

TEST(BodiesAhead, TakesOnlyWhatCanLieThere) {
  BodiesAhead ahead;
  const auto add = [&](uint32_t block, uint32_t bytes, uint64_t at) {
    DetachedHeader header{};
    header.body_block = block;
    header.record.body_bytes = bytes;
    return ahead.Add(header, at, 10 * kBlock);
  };
  EXPECT_FALSE(add(1, kBlock, kBlock)) << "in front of its header";
  EXPECT_FALSE(add(1, kBlock, kBlock - 16)) << "on its header";
  EXPECT_FALSE(add(9, kBlock + 1, 0)) << "behind the end";
  EXPECT_FALSE(add(UINT32_MAX, UINT32_MAX, 0));
  EXPECT_TRUE(add(2, kBlock + 1, 0));
  EXPECT_FALSE(add(3, kBlock, 32)) << "where the one before it is";
  EXPECT_TRUE(add(4, kBlock, 32));
  EXPECT_TRUE(ahead.IsAt(2 * kBlock));
  EXPECT_EQ(ahead.NextOr(0), 2 * kBlock);
  ahead.Pop();
  EXPECT_TRUE(ahead.IsAt(4 * kBlock));
  ahead.Pop();
  EXPECT_EQ(ahead.NextOr(7), 7u);
}

TEST(DetachedRecords, AreReadAsTheirBlocksAndNoMore) {
  Rig rig({.compression = Compression::kNone});
  Random random(TestSeed());
  const std::vector<size_t> sizes = {kBlock, kBlock - 1, 3900, 2 * kBlock, 4 * kBlock, 16 * kBlock, 16 * kBlock - 500};
  for (uint64_t key = 0; key < 10 * sizes.size(); ++key) rig.Put(key, RandomPayload(random, sizes[key % sizes.size()]));
  for (const auto& [key, locator] : rig.pending) {
    EXPECT_EQ(rig.store->ReadNow(locator)->payload, rig.values.at(key)) << "from the write buffer";
  }
  rig.Settle();
  for (const auto& [key, locator] : rig.where) {
    const FlashStats before = rig.store->Stats();
    rig.store->SubmitReads({&locator, 1}, ReadPriority::kClient);
    rig.Turn();
    const FlashCompletion& read = rig.reads.at(locator.raw());
    ASSERT_TRUE(read.status.ok()) << read.status.message();
    EXPECT_EQ(read.payload, rig.values.at(key));
    EXPECT_EQ(read.type_tag, 7);
    const FlashStats after = rig.store->Stats();
    EXPECT_EQ(after.device_reads - before.device_reads, 1u);
    EXPECT_EQ(after.device_read_bytes - before.device_read_bytes, AlignUp(rig.values.at(key).size()));
  }
  rig.ExpectAll();
}

TEST(DetachedRecords, TakeHardlyMoreSpaceThanTheirBytes) {
  Random random(TestSeed());
  const auto space = [&](const std::function<size_t()>& size) {
    Rig rig({.compression = Compression::kNone});
    uint64_t bytes = 0;
    for (uint64_t key = 0; key < 3000; ++key) {
      rig.Put(key, RandomPayload(random, size()));
      bytes += rig.values.at(key).size();
      if (key % 50 == 0) rig.Turn();
    }
    rig.Settle();
    rig.ExpectAll();
    return static_cast<double>(rig.store->Stats().host_bytes_written) / static_cast<double>(bytes);
  };
  EXPECT_LT(space([] { return kBlock; }), 1.05);
  EXPECT_LT(space([&] { return kBlock - random.Below(200); }), 1.08);
  EXPECT_LT(space([&] { return random.Below(2) == 0 ? kBlock : 600; }), 1.10);
  EXPECT_LT(space([&] { return random.Below(2) == 0 ? kBlock : 3000; }), 1.10);
  EXPECT_LT(space([&] { return 1 + random.Below(4) * kBlock; }), 1.10);
  EXPECT_LT(space([&] { return 1 + random.Below(10'000); }), 1.08);
}

TEST(DetachedRecords, MayBeFreedBeforeTheyAreWrittenAmongOthers) {
  Rig rig({.compression = Compression::kNone});
  Random random(TestSeed());
  const auto put = [&](uint64_t key) { rig.Put(key, RandomPayload(random, key % 3 == 0 ? 100 : kBlock)); };
  for (uint64_t key = 0; key < 400; ++key) put(key);
  rig.Settle();
  // Freed while they are in a buffer, and failed by the device: given up once.
  rig.device->fault = [](const DeviceOperation& operation) {
    return operation.kind == DeviceOperation::Kind::kWrite ? EIO : 0;
  };
  for (uint64_t key = 1000; key < 1400; ++key) put(key);
  for (uint64_t key = 1000; key < 1400; key += 2) {
    rig.store->Free({&rig.pending.at(key), 1});
    rig.values.erase(key);
  }
  rig.Settle();
  EXPECT_EQ(rig.failed_writes, 400u);
  EXPECT_EQ(rig.store->Stats().records, 400u);
  rig.ExpectAll();
}

TEST(DetachedRecords, AreMovedByCleaning) {
  Rig rig({.compression = Compression::kNone});
  Random random(TestSeed());
  for (uint64_t key = 0; key < 3000; ++key) {
    rig.Put(key, RandomPayload(random, key % 4 == 0 ? 700 : kBlock * (1 + key % 3)));
    rig.Turn();
  }
  rig.Settle();
  const uint64_t full = rig.HeldBytes();
  for (uint64_t key = 0; key < 3000; ++key) {
    if (key % 5 > 1) rig.Drop(key);
  }
  rig.store->Compact();
  ASSERT_TRUE(Eventually([&] {
    rig.Turn();
    return rig.HeldBytes() < full / 2;
  }));
  EXPECT_GT(rig.moves, 100u);
  EXPECT_EQ(rig.store->Stats().damaged_segments, 0u);
  rig.ExpectAll();
}

TEST(DetachedRecords, AreReadUnderAPinAsAForkedChildReads) {
  Rig rig({.compression = Compression::kNone});
  Random random(TestSeed());
  FillWithBlocks(rig, random, 300);
  for (uint64_t key = 300; key < 310; ++key) rig.Put(key, RandomPayload(random, kBlock));  // still in the buffer
  const auto held = rig.pending;
  const auto values = rig.values;
  const PinToken pin = rig.store->Pin();
  for (uint64_t key = 0; key < 300; ++key) rig.Drop(key);
  const auto reader = rig.store->PrepareFork(pin);
  for (const auto& [key, locator] : held) {
    const auto read = reader->Read({&locator, 1});
    ASSERT_TRUE(read[0].has_value()) << key;
    EXPECT_EQ(read[0]->payload, values.at(key));
    EXPECT_EQ(read[0]->type_tag, 7);
  }
  rig.store->Unpin(pin);
}

TEST(DetachedRecords, ADamagedBodyIsAnErrorAndItsNeighboursAreNot) {
  Rig rig({.compression = Compression::kNone});
  Random random(TestSeed());
  FillWithBlocks(rig, random, 300);
  std::string& file = rig.device->files().begin()->second;
  const uint64_t damaged = random.Below(100);
  file[Place::Of(rig.where.at(damaged)).offset + random.Below(kBlock)] ^= static_cast<char>(1 << random.Below(8));
  for (const auto& [key, locator] : rig.where) {
    const auto record = rig.store->ReadNow(locator);
    ASSERT_EQ(record.has_value(), key != damaged) << key;
    if (!record) {
      EXPECT_EQ(record.error().code(), StatusCode::kCorruption);
    }
  }
  EXPECT_EQ(rig.store->Stats().corruptions, 1u);
}

// What reads need is in RAM; the cleaner finds that it cannot tell whose the body is.
TEST(DetachedRecords, CleaningLosesNothingToADamagedHeaderOrBody) {
  for (const bool body : {false, true}) {
    SCOPED_TRACE(body);
    Rig rig({.compression = Compression::kNone});
    Random random(TestSeed());
    FillWithBlocks(rig, random, 600);
    std::string& file = rig.device->files().begin()->second;
    const Place place = Place::Of(rig.where.at(50));
    const size_t at =
        body ? place.offset + random.Below(kBlock) : HeaderOf(file, place) + random.Below(sizeof(DetachedHeader));
    file[at] ^= static_cast<char>(1 << random.Below(8));
    for (uint64_t key = 0; key < 600; ++key) {
      if (key % 5 != 0) rig.Drop(key);
    }
    rig.store->Compact();
    ASSERT_TRUE(Eventually([&] {
      rig.Turn();
      return rig.store->Stats().damaged_segments == 1 && !rig.store->Stats().cleaning;
    }));
    for (const auto& [key, locator] : rig.where) {
      const auto record = rig.store->ReadNow(locator);
      ASSERT_EQ(record.has_value(), !body || key != 50) << key;
      if (record) {
        EXPECT_EQ(record->payload, rig.values.at(key));
      }
    }
    // The space comes back with the last of them.
    for (uint64_t key = 0; key < 600; key += 5) rig.Drop(key);
    rig.Settle();
    EXPECT_LE(rig.HeldBytes(), 2 * kSegmentBytes);
  }
}

}  // namespace
}  // namespace tidemark::tiering
