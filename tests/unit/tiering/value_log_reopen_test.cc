// Goal: what a checkpoint of the value log names is there in a later process, whatever was written, freed, moved and
// flushed after it and however the earlier process ended; what is missing or was changed is refused by name.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store_harness.h"
#include "support/seed.h"
#include "tiering/device/simulated_device.h"
#include "tiering/valuelog/log_description.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

using testing::Test;

constexpr uint64_t kSegmentBytes = uint64_t{1} << 20;
constexpr uint8_t kTypeTag = 7;

struct Stored {
  Locator locator;
  std::string value;
};
using Dataset = std::map<uint64_t, Stored>;  // by key, which is its own owner

// One process with a value log on a device in memory, and the owner of its records. Ends as kill -9 would end it.
class Life : public RecordOwner {
 public:
  explicit Life(const ValueLogOptions& options) {
    auto simulated = std::make_unique<SimulatedDevice>();
    device = simulated.get();
    store = std::make_unique<ValueLogStore>(std::move(simulated), options);
    store->set_owner(this);
  }
  // The next one on what is in `files`, whose base file tells of `dataset`.
  Life(const ValueLogOptions& options, std::map<uint32_t, std::string> files, const std::string& description,
       const Dataset& dataset)
      : Life(options) {
    device->files() = std::move(files);
    const Status resumed = store->Resume(description);
    EXPECT_TRUE(resumed.ok()) << resumed.message();
    for (const auto& [key, stored] : dataset) {
      const Status adopted = store->Adopt(stored.locator);
      EXPECT_TRUE(adopted.ok()) << "key " << key << ": " << adopted.message();
    }
    store->EndAdoption();
    where = dataset;
    // As Open removes them.
    std::set<uint32_t> kept;
    const Result<LogDescription> described = DecodeDescription(description);
    for (const DescribedNumber& number : described->numbers) {
      if (number.segment) kept.insert(static_cast<uint32_t>(number.segment->file));
    }
    std::erase_if(device->files(), [&](const auto& file) { return !kept.contains(file.first); });
  }

  std::optional<uint64_t> OwnerOf(uint64_t owner, Locator locator) override {
    const auto it = where.find(owner);
    if (it == where.end() || it->second.locator != locator) return std::nullopt;
    return owner;
  }
  bool Moved(uint64_t owner, Locator from, Locator to) override {
    const auto it = where.find(owner);
    if (it == where.end() || it->second.locator != from) return false;
    it->second.locator = to;
    ++moves;
    return true;
  }

  void Put(uint64_t key, std::string value) {
    Drop(key);
    const Locator locator = store->SubmitWrites({{kTypeTag, value, key, 0}})[0];
    EXPECT_FALSE(given.contains(locator.raw())) << "a locator given twice";
    given.insert(locator.raw());
    writing[locator.raw()] = {key, std::move(value)};
    newest[key] = locator.raw();
  }
  // On the device, without what is made ahead.
  uint64_t HeldBytes() const { return device->total_bytes() - store->Stats().spare_bytes; }
  void Drop(uint64_t key) {
    newest.erase(key);
    if (const auto dropped = where.extract(key)) store->Free({&dropped.mapped().locator, 1});
  }
  void Turn(size_t steps = SIZE_MAX) {
    store->Kick();
    device->Step(steps);
    std::vector<FlashCompletion> done;
    store->Reap(done, SIZE_MAX);
    for (const FlashCompletion& completion : done) {
      auto written = writing.extract(completion.locator.raw());
      auto [key, value] = std::move(written.mapped());
      if (!completion.status.ok()) continue;
      if (const auto it = newest.find(key); it != newest.end() && it->second == completion.locator.raw()) {
        where[key] = {completion.locator, std::move(value)};
      } else {
        store->Free({&completion.locator, 1});
      }
    }
  }
  void Settle() {
    EXPECT_TRUE(Eventually([&] {
      Turn();
      return writing.empty() && device->in_flight() == 0;
    }));
  }
  // Until the cleaner finds nothing more to do.
  void Clean() {
    store->Compact();
    // It looks for more every few milliseconds, which are counted by turns: a pause of the machine is none of them.
    constexpr int kQuietTurns = 25;
    constexpr auto kTurn = std::chrono::milliseconds(2);
    uint64_t read = store->Stats().host_bytes_read;
    for (int quiet = 0; quiet < kQuietTurns;) {
      Turn();
      if (std::exchange(read, store->Stats().host_bytes_read) != read || store->Stats().cleaning) {
        quiet = 0;
      } else {
        ++quiet;
        std::this_thread::sleep_for(kTurn);
      }
    }
  }
  void ExpectAll() {
    for (const auto& [key, stored] : where) {
      const Result<FlashRecord> record = store->ReadNow(stored.locator);
      ASSERT_TRUE(record.has_value()) << "key " << key << ": " << record.error().message();
      ASSERT_EQ(record->payload, stored.value) << "key " << key;
      if (stored.value.size() != Device::kAlignment) {
        ASSERT_EQ(record->owner, key);
      }
    }
  }

  SimulatedDevice* device = nullptr;
  std::unique_ptr<ValueLogStore> store;
  Dataset where;
  std::map<uint64_t, std::pair<uint64_t, std::string>> writing;  // by locator
  std::map<uint64_t, uint64_t> newest;                           // locator of each key
  std::set<uint64_t> given;
  size_t moves = 0;
};

ValueLogOptions SmallSegments(uint64_t max_bytes = 0) {
  return {.max_bytes = max_bytes, .segment_bytes = kSegmentBytes, .compression = Compression::kNone};
}

// Of at most so many bytes, or now and then of a whole block, whose header lies elsewhere.
std::string AnyPayload(Random& random, size_t most) {
  return RandomPayload(random, random.Below(8) == 0 ? Device::kAlignment : random.Below(most));
}

void Fill(Life& life, Random& random, uint64_t first, uint64_t last, size_t bytes = 1000) {
  for (uint64_t key = first; key < last; ++key) {
    life.Put(key, AnyPayload(random, 2 * bytes));
    if (key % 50 == 0) life.Turn();
  }
  life.Settle();
}

TEST(ValueLogReopen, WhatACheckpointNamesIsThereInTheNextLife) {
  Random random(TestSeed());
  Life first(SmallSegments());
  Fill(first, random, 0, 8000);
  for (uint64_t key = 0; key < 8000; key += 3) first.Drop(key);
  const Result<StoreCheckpoint> checkpoint = first.store->BeginCheckpoint();
  ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
  const Dataset named = first.where;
  const FlashStats before = first.store->Stats();
  const std::string description = first.store->DescribeCheckpoint(*checkpoint);
  EXPECT_FALSE(first.store->BeginCheckpoint().has_value()) << "one at a time";
  EXPECT_FALSE(first.store->holds_checkpoint());
  first.store->CheckpointLanded(*checkpoint);
  EXPECT_TRUE(first.store->holds_checkpoint());

  // All of it is written anew, freed or moved.
  Fill(first, random, 1, 3000);
  for (uint64_t key = 4000; key < 8000; key += 2) first.Drop(key);
  first.Clean();
  EXPECT_GT(first.moves, 0u);
  EXPECT_GT(first.store->Stats().pinned_dead_bytes, 0u);

  Life second(SmallSegments(), first.device->files(), description, named);
  EXPECT_TRUE(second.store->holds_checkpoint());
  second.ExpectAll();
  const FlashStats after = second.store->Stats();
  EXPECT_EQ(after.records, before.records);
  EXPECT_EQ(after.live_payload_bytes, before.live_payload_bytes);
  EXPECT_EQ(after.pinned_dead_bytes, 0u);

  // The same locators are not given again, and the next checkpoint lets go of what this one held.
  for (const auto& [key, stored] : named) second.given.insert(stored.locator.raw());
  Fill(second, random, 1, 5000);
  second.Clean();
  second.ExpectAll();
  EXPECT_GT(second.store->Stats().pinned_dead_bytes, 0u);
  const Result<StoreCheckpoint> next = second.store->BeginCheckpoint();
  ASSERT_TRUE(next.has_value());
  second.store->CheckpointLanded(*next);
  EXPECT_EQ(second.store->Stats().pinned_dead_bytes, 0u);
  EXPECT_EQ(second.store->Stats().disk_bytes, second.device->total_bytes());
  second.ExpectAll();
  for (const auto& [key, stored] : Dataset(second.where)) second.Drop(key);
  EXPECT_EQ(second.store->Stats().records, 0u);
  EXPECT_EQ(second.store->Stats().live_payload_bytes, 0u);
  second.store->ForgetCheckpoint();
  second.Turn();
  EXPECT_EQ(second.device->total_bytes(), 0u);
}

TEST(ValueLogReopen, WhatNobodyAdoptsIsDead) {
  Random random(TestSeed());
  Life first(SmallSegments());
  Fill(first, random, 0, 4000);
  const StoreCheckpoint checkpoint = *first.store->BeginCheckpoint();
  const std::string description = first.store->DescribeCheckpoint(checkpoint);
  Dataset named = first.where;
  std::erase_if(named, [](const auto& stored) { return stored.first % 4 != 0; });
  Life second(SmallSegments(), first.device->files(), description, named);
  EXPECT_EQ(second.store->Stats().records, named.size());
  const uint64_t taken = second.HeldBytes();
  second.Clean();
  second.ExpectAll();
  second.store->CheckpointLanded(*second.store->BeginCheckpoint());
  EXPECT_LT(second.HeldBytes(), taken / 2);
  second.ExpectAll();
}

TEST(ValueLogReopen, AdoptRefusesWhatTheDescriptionDoesNotCover) {
  Random random(TestSeed());
  Life first(SmallSegments());
  Fill(first, random, 0, 1500);
  const StoreCheckpoint checkpoint = *first.store->BeginCheckpoint();
  const std::string description = first.store->DescribeCheckpoint(checkpoint);
  const Dataset named = first.where;
  Fill(first, random, 1500, 1600);

  auto device = std::make_unique<SimulatedDevice>();
  device->files() = first.device->files();
  ValueLogStore store(std::move(device), SmallSegments());
  ASSERT_TRUE(store.Resume(description).ok());
  EXPECT_FALSE(store.BeginCheckpoint().has_value()) << "it is not known yet what lives";
  for (uint64_t key = 1500; key < 1600; ++key) {
    EXPECT_EQ(store.Adopt(first.where.at(key).locator).code(), StatusCode::kNotFound);
  }
  EXPECT_FALSE(store.Adopt(Locator()).ok());
  EXPECT_FALSE(store.Adopt(Locator(UINT64_MAX)).ok());
  Place behind = Place::Of(named.begin()->second.locator);
  behind.offset = kSegmentBytes;
  EXPECT_FALSE(store.Adopt(Locator::Make(behind.EngineBits(), 1)).ok());
  ++behind.generation;
  behind.offset = 0;
  EXPECT_FALSE(store.Adopt(Locator::Make(behind.EngineBits(), 1)).ok());
  for (const auto& [key, stored] : named) EXPECT_TRUE(store.Adopt(stored.locator).ok());
  for (const auto& [key, stored] : named) EXPECT_FALSE(store.Adopt(stored.locator).ok()) << "given twice";
  EXPECT_EQ(store.Stats().records, named.size());
  store.EndAdoption();
  EXPECT_FALSE(store.Adopt(named.begin()->second.locator).ok());
}

// A server that loads more than fits into RAM spills, and may free, before all of the base file has been read.
TEST(ValueLogReopen, WritesAndFreesMayComeBeforeAllIsAdopted) {
  Random random(TestSeed());
  Life first(SmallSegments());
  Fill(first, random, 0, 3000);
  const StoreCheckpoint checkpoint = *first.store->BeginCheckpoint();
  const std::string description = first.store->DescribeCheckpoint(checkpoint);
  Life second(SmallSegments());
  second.device->files() = first.device->files();
  ASSERT_TRUE(second.store->Resume(description).ok());
  // The first of every segment, and it is given up again: what is left is wanted all the same.
  std::set<uint32_t> seen;
  std::set<uint64_t> dropped;
  for (const auto& [key, stored] : first.where) {
    if (!seen.insert(Place::Of(stored.locator).segment).second) continue;
    ASSERT_TRUE(second.store->Adopt(stored.locator).ok());
    second.store->Free({&stored.locator, 1});
    dropped.insert(key);
  }
  EXPECT_GT(dropped.size(), 2u);
  Fill(second, random, 10'000, 13'000);
  // So that every segment is worth cleaning.
  for (uint64_t key = 10'000; key < 13'000; ++key) {
    if (key % 3 != 0) second.Drop(key);
  }
  second.Clean();
  EXPECT_EQ(second.moves, 0u) << "whose the other records are is not known yet";
  for (const auto& [key, stored] : first.where) {
    if (dropped.contains(key)) continue;
    ASSERT_TRUE(second.store->Adopt(stored.locator).ok());
    second.where[key] = stored;
  }
  second.store->EndAdoption();
  second.ExpectAll();
  second.Clean();
  EXPECT_GT(second.moves, 0u);
  second.ExpectAll();
  EXPECT_EQ(second.store->Stats().records, second.where.size());
}

TEST(ValueLogReopen, AFailedCheckpointLeavesTheOneBeforeInForce) {
  Random random(TestSeed());
  Life life(SmallSegments());
  Fill(life, random, 0, 3000);
  const StoreCheckpoint good = *life.store->BeginCheckpoint();
  const std::string description = life.store->DescribeCheckpoint(good);
  const Dataset named = life.where;
  life.store->CheckpointLanded(good);
  Fill(life, random, 1000, 4000);
  const StoreCheckpoint failed = *life.store->BeginCheckpoint();
  Fill(life, random, 0, 2000);
  life.store->CheckpointFailed(failed);
  life.Clean();
  EXPECT_TRUE(life.store->holds_checkpoint());
  Life next(SmallSegments(), life.device->files(), description, named);
  next.ExpectAll();
}

TEST(ValueLogReopen, FlushedRecordsStayUntilTheNextCheckpoint) {
  Random random(TestSeed());
  Life life(SmallSegments());
  Fill(life, random, 0, 2000);
  const StoreCheckpoint checkpoint = *life.store->BeginCheckpoint();
  const std::string description = life.store->DescribeCheckpoint(checkpoint);
  const Dataset named = life.where;
  life.store->CheckpointLanded(checkpoint);
  life.store->Clear();
  life.where.clear();
  life.newest.clear();
  Fill(life, random, 0, 100);
  {
    Life next(SmallSegments(), life.device->files(), description, named);
    next.ExpectAll();
  }
  life.store->CheckpointLanded(*life.store->BeginCheckpoint());
  EXPECT_LE(life.HeldBytes(), kSegmentBytes);
  life.ExpectAll();
}

// A buffer that could not be written leaves a segment whose beginning holds nothing.
TEST(ValueLogReopen, ASegmentWhoseFirstWriteFailedIsFoundAgain) {
  Random random(TestSeed());
  Life life(SmallSegments());
  life.device->fault = [](const DeviceOperation&) { return EIO; };
  Fill(life, random, 0, 200);
  life.device->fault = nullptr;
  EXPECT_TRUE(life.where.empty());
  Fill(life, random, 200, 700);
  const StoreCheckpoint checkpoint = *life.store->BeginCheckpoint();
  const std::string description = life.store->DescribeCheckpoint(checkpoint);
  Life next(SmallSegments(), life.device->files(), description, life.where);
  EXPECT_EQ(next.where.size(), 500u);
  next.ExpectAll();
}

TEST(ValueLogReopen, ATierThatACheckpointFillsSaysSoAndIsMendedByTheNext) {
  constexpr uint64_t kLimit = 32 * kSegmentBytes;
  constexpr uint64_t kKeys = 14'000;  // about 20 MB
  Random random(TestSeed());
  Life life(SmallSegments(kLimit));
  Fill(life, random, 0, kKeys);
  life.store->CheckpointLanded(*life.store->BeginCheckpoint());
  // The same keys again and again: what lives would fit.
  uint64_t key = 0;
  ASSERT_TRUE(Eventually([&] {
    for (int i = 0; i < 100 && life.store->room() == Room::kYes; ++i) {
      life.Put(key++ % kKeys, RandomPayload(random, 1000));
    }
    life.Turn();
    return life.store->Stats().checkpoint_leaves_no_room;
  }));
  EXPECT_EQ(life.store->room(), Room::kSoon);
  EXPECT_GE(life.store->Stats().pinned_dead_bytes, kSegmentBytes);
  life.store->ExpectCheckpoint(false);
  ASSERT_TRUE(Eventually([&] {
    life.Turn();
    return life.store->room() == Room::kNo;
  }));
  EXPECT_TRUE(life.store->Stats().checkpoint_leaves_no_room);
  life.store->ExpectCheckpoint(true);
  // As long as there are checkpoints, writes go on.
  const uint64_t until = key + 40'000;
  size_t checkpoints = 0;
  ASSERT_TRUE(Eventually([&] {
    for (int i = 0; i < 100 && life.store->room() == Room::kYes; ++i) {
      life.Put(key++ % kKeys, RandomPayload(random, 1000));
    }
    life.Turn();
    if (life.store->Stats().checkpoint_leaves_no_room) {
      life.store->CheckpointLanded(*life.store->BeginCheckpoint());
      ++checkpoints;
    }
    return key >= until;
  }));
  EXPECT_LE(life.device->total_bytes(), kLimit);
  EXPECT_GT(checkpoints, 0u);
  life.Settle();
  life.ExpectAll();
}

TEST(ValueLogReopen, ADescriptionThatWasChangedIsRefused) {
  Random random(TestSeed());
  Life life(SmallSegments());
  Fill(life, random, 0, 2500);
  for (uint64_t key = 0; key < 1000; ++key) life.Drop(key);
  const std::string description = life.store->DescribeCheckpoint(*life.store->BeginCheckpoint());
  ASSERT_TRUE(DecodeDescription(description).has_value());
  EXPECT_EQ(EncodeDescription(*DecodeDescription(description)), description);
  for (size_t i = 0; i < description.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = description;
      flipped[i] ^= static_cast<char>(1 << bit);
      EXPECT_FALSE(DecodeDescription(flipped).has_value()) << "byte " << i;
    }
    EXPECT_FALSE(DecodeDescription(std::string_view(description).substr(0, i)).has_value()) << "cut to " << i;
  }
  EXPECT_FALSE(DecodeDescription(description + "x").has_value());
}

// Checksums do not keep out what was made up: fields that cannot be are refused, others name nothing that is there.
TEST(ValueLogReopen, ADescriptionThatWasMadeUpDoesNoHarm) {
  Random random(TestSeed());
  Life life(SmallSegments());
  Fill(life, random, 0, 2500);
  const std::string description = life.store->DescribeCheckpoint(*life.store->BeginCheckpoint());
  const LogDescription good = *DecodeDescription(description);
  for (int round = 0; round < 3000; ++round) {
    LogDescription made_up = good;
    const uint64_t number = random.Below(4) == 0 ? random.Next() : random.Below(3) * kSegmentBytes;
    DescribedNumber& changed = made_up.numbers[random.Below(made_up.numbers.size())];
    DescribedSegment& segment = changed.segment ? *changed.segment : changed.segment.emplace();
    switch (random.Below(9)) {
      case 0:
        changed.generation = static_cast<uint32_t>(number);
        break;
      case 1:
        segment.file = number % 8;
        break;
      case 2:
        segment.bytes = number;
        break;
      case 3:
        segment.written = number;
        break;
      case 4:
        segment.first = number;
        break;
      case 5:
        segment.live_records = number;
        break;
      case 6:
        segment.total_weight = number;
        break;
      case 7: {
        // Now and then out of order or behind the end; else what they say of the body is wrong.
        const uint64_t blocks = segment.written / Device::kAlignment + random.Below(2);
        segment.detached.clear();
        for (uint64_t block = 1; block < blocks; block += 1 + random.Below(20)) {
          segment.detached.push_back(block << 50 | random.Next() >> 14);
        }
        if (random.Below(4) == 0) segment.detached.push_back(random.Next());
        break;
      }
      default:
        made_up.account.Set(static_cast<int>(random.Below(256)), number, random.Next());
    }
    auto device = std::make_unique<SimulatedDevice>();
    device->files() = life.device->files();
    ValueLogStore store(std::move(device), SmallSegments());
    if (!store.Resume(EncodeDescription(made_up)).ok()) continue;
    for (const auto& [key, stored] : life.where) {
      if (store.Adopt(stored.locator).ok()) static_cast<void>(store.ReadNow(stored.locator).has_value());
    }
    store.EndAdoption();
    for (const auto& [key, stored] : life.where) store.Free({&stored.locator, 1});
  }
}

// --- at random

struct Landed {
  std::string description;
  Dataset dataset;
};

// Lives that follow one another, each ending at a random moment with writes and moves under way.
void RunLives(uint64_t seed) {
  constexpr uint64_t kKeys = 3000;
  constexpr int kLives = 5;
  constexpr int kSteps = 4000;
  Random random(seed);
  const auto options = [&] {
    return SmallSegments(random.Below(2) == 0 ? 0 : (10 + random.Below(16)) * kSegmentBytes);
  };
  auto life = std::make_unique<Life>(options());
  std::optional<Landed> landed;
  std::optional<Landed> begun;
  std::optional<PinToken> pin;
  StoreCheckpoint checkpoint;
  for (int lives = 0; lives < kLives && !Test::HasFailure(); ++lives) {
    const auto fault_chance = random.Below(2) * 10;
    life->device->fault = [&, fault_chance](const DeviceOperation&) {
      return random.Below(1000) < fault_chance ? EIO : 0;
    };
    const int steps = static_cast<int>(random.Below(kSteps)) + 100;
    for (int step = 0; step < steps; ++step) {
      switch (random.Below(12)) {
        case 0:
        case 1:
          life->Drop(random.Below(kKeys));
          break;
        case 2:
          life->Turn(random.Below(4));
          break;
        case 3:
          if (random.Below(100) == 0) life->store->Compact();
          if (random.Below(100) == 0) {
            // A snapshot beside it.
            if (pin) {
              life->store->Unpin(*std::exchange(pin, std::nullopt));
            } else {
              pin = life->store->Pin();
            }
          }
          if (random.Below(400) == 0) {
            life->store->Clear();
            life->where.clear();
            life->newest.clear();
          }
          life->Turn();
          break;
        case 4:
          if (random.Below(60) != 0 && !life->store->Stats().checkpoint_leaves_no_room) break;
          if (begun) {
            if (random.Below(4) == 0) {
              life->store->CheckpointFailed(checkpoint);
            } else {
              life->store->CheckpointLanded(checkpoint);
              landed = std::move(begun);
            }
            begun.reset();
          } else {
            auto made = life->store->BeginCheckpoint();
            ASSERT_TRUE(made.has_value());
            checkpoint = *made;
            begun = {life->store->DescribeCheckpoint(*made), life->where};
          }
          break;
        default:
          if (life->store->room() == Room::kYes) {
            life->Put(random.Below(kKeys), AnyPayload(random, 3000));
          }
          life->Turn(random.Below(3));
      }
    }
    life->device->fault = nullptr;
    life->ExpectAll();
    if (begun && !landed) life->store->CheckpointFailed(checkpoint);
    begun.reset();
    if (!landed) continue;
    pin.reset();
    const auto files = life->device->files();
    life = std::make_unique<Life>(options(), files, landed->description, landed->dataset);
    life->ExpectAll();
    EXPECT_EQ(life->store->Stats().records, landed->dataset.size());
    uint64_t bytes = 0;
    for (const auto& [key, stored] : landed->dataset) bytes += stored.value.size();
    // Frees take off the mean of a size class.
    EXPECT_NEAR(static_cast<double>(life->store->Stats().live_payload_bytes), static_cast<double>(bytes),
                static_cast<double>(bytes) / 8 + 4096);
  }
}

TEST(ValueLogReopen, LivesThatFollowOneAnother) {
  const char* const wanted = std::getenv("TIDEMARK_VALUELOG_SEEDS");
  const int seeds = wanted == nullptr ? 20 : std::atoi(wanted);
  const uint64_t first = TestSeed();
  for (int round = 0; round < seeds && !Test::HasFailure(); ++round) {
    SCOPED_TRACE("seed " + std::to_string(first + static_cast<uint64_t>(round)));
    RunLives(first + static_cast<uint64_t>(round));
  }
}

}  // namespace
}  // namespace tidemark::tiering
