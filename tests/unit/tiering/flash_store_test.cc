// Goal: every flash store that keeps anything behaves alike behind the interface. The same tests run over each engine.
#include "tiering/flash_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>

#include "store_harness.h"
#include "support/seed.h"
#include "tiering/rocksdb/rocksdb_store.h"
#include "tiering/simulated_store.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

struct Engine {
  std::string name;
  // A read of a freed record never finds it. (Others may find it until its space is used again.)
  bool forgets_at_once;
  std::function<std::unique_ptr<FlashStore>(const std::string& dir)> open;
};

std::unique_ptr<FlashStore> OpenSimulated(const std::string&) {
  return std::make_unique<SimulatedStore>(SimulatedStore::Options{});
}

std::unique_ptr<FlashStore> OpenRocksDb(const std::string& dir, Compression compression) {
  auto store = RocksDbStore::Open({.dir = dir, .compression = compression});
  EXPECT_TRUE(store.has_value()) << store.error().message();
  return std::move(*store);
}

std::unique_ptr<FlashStore> OpenValueLog(const ValueLogOptions& options) {
  auto store = ValueLogStore::Open(options);
  EXPECT_TRUE(store.has_value()) << store.error().message();
  return std::move(*store);
}

class FlashStoreTest : public testing::TestWithParam<Engine> {
 protected:
  FlashStoreTest() : seed_(TestSeed()), random_(seed_), store_(GetParam().open(directory_.path().string())) {}

  FlashRecord RandomRecord(size_t max_bytes) {
    const size_t bytes = random_.Below(max_bytes + 1);
    return {static_cast<uint8_t>(random_.Next()),
            random_.Below(2) == 0 ? RandomPayload(random_, bytes) : CompressiblePayload(random_, bytes)};
  }

  void ExpectFreed(Locator locator) {
    if (GetParam().forgets_at_once) {
      EXPECT_TRUE(Eventually([&] { return ReadCode(*store_, locator) == StatusCode::kNotFound; }));
    } else {
      const StatusCode code = ReadCode(*store_, locator);
      EXPECT_TRUE(code == StatusCode::kOk || code == StatusCode::kNotFound);
    }
  }

  const uint64_t seed_;
  testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  Random random_;
  ScratchDirectory directory_;
  std::unique_ptr<FlashStore> store_;
};

TEST_P(FlashStoreTest, RoundTripOfManySizes) {
  EXPECT_TRUE(store_->enabled());
  EXPECT_FALSE(store_->full());
  std::vector<FlashRecord> records = {{0, ""}, {255, std::string(1, '\0')}};
  for (const size_t max_bytes : {64, 130, 1000, 10'000, 100'000, 1 << 20}) {
    for (int i = 0; i < 12; ++i) records.push_back(RandomRecord(max_bytes));
  }
  records.push_back({3, RandomPayload(random_, 1 << 20)});
  records.push_back({4, CompressiblePayload(random_, 1 << 20)});
  const auto locators = WriteAll(*store_, records);
  ASSERT_EQ(locators.size(), records.size());

  std::set<uint64_t> raws;
  for (size_t i = 0; i < locators.size(); ++i) {
    EXPECT_TRUE(locators[i].valid());
    EXPECT_TRUE(raws.insert(locators[i].raw()).second);
    EXPECT_GE(locators[i].max_payload_bytes(), records[i].payload.size());
  }
  auto read = ReadAll(*store_, locators);
  for (size_t i = 0; i < locators.size(); ++i) {
    const FlashCompletion& completion = read.at(locators[i].raw());
    ASSERT_TRUE(completion.status.ok()) << completion.status.message();
    EXPECT_EQ(completion.type_tag, records[i].type_tag);
    ASSERT_TRUE(completion.payload == records[i].payload) << "record " << i;
    const auto now = store_->ReadNow(locators[i]);
    ASSERT_TRUE(now.has_value());
    EXPECT_EQ(now->type_tag, records[i].type_tag);
    ASSERT_TRUE(now->payload == records[i].payload) << "record " << i;
  }
}

TEST_P(FlashStoreTest, ReadBeforeTheWriteCompletes) {
  for (int round = 0; round < 50; ++round) {
    const std::vector<FlashRecord> records = {RandomRecord(5000), RandomRecord(5000)};
    const auto locators = store_->SubmitWrites(records);
    store_->SubmitReads(locators, ReadPriority::kBackground);
    EXPECT_TRUE(store_->ReadNow(locators[1])->payload == records[1].payload);
    size_t reads = 0;
    for (const FlashCompletion& completion : Await(*store_, 4)) {
      ASSERT_TRUE(completion.status.ok()) << completion.status.message();
      if (completion.kind != FlashCompletion::Kind::kRead) continue;
      reads += 1;
      const FlashRecord& record = records[completion.locator == locators[0] ? 0 : 1];
      EXPECT_EQ(completion.type_tag, record.type_tag);
      EXPECT_TRUE(completion.payload == record.payload);
    }
    EXPECT_EQ(reads, 2u);
  }
}

TEST_P(FlashStoreTest, FreedRecordsAreGone) {
  const auto locators = WriteAll(*store_, {{1, "first"}, {2, "second"}, {3, "third"}});
  store_->Free({&locators[1], 1});
  ExpectFreed(locators[1]);
  const auto gone = store_->ReadNow(locators[1]);
  if (gone) {
    EXPECT_FALSE(GetParam().forgets_at_once);
    EXPECT_EQ(gone->payload, "second");
  } else {
    EXPECT_EQ(gone.error().code(), StatusCode::kNotFound);
  }
  EXPECT_EQ(store_->ReadNow(locators[0])->payload, "first");
  EXPECT_EQ(store_->ReadNow(locators[2])->payload, "third");
}

TEST_P(FlashStoreTest, FreeBeforeTheWriteCompletes) {
  for (int round = 0; round < 50; ++round) {
    const auto locators = store_->SubmitWrites({RandomRecord(3000), RandomRecord(3000)});
    if (round % 3 == 0) std::this_thread::yield();
    store_->Free(locators);
    for (const FlashCompletion& completion : Await(*store_, 2)) EXPECT_TRUE(completion.status.ok());
    ExpectFreed(locators[0]);
    ExpectFreed(locators[1]);
  }
  EXPECT_EQ(store_->Stats().records, 0u);
  EXPECT_EQ(store_->Stats().live_payload_bytes, 0u);
}

TEST_P(FlashStoreTest, FreeWhileAReadIsUnderWay) {
  const auto locators = WriteAll(*store_, std::vector<FlashRecord>(200, FlashRecord{1, std::string(500, 'x')}));
  store_->SubmitReads(locators, ReadPriority::kClient);
  store_->Free(locators);
  for (const FlashCompletion& completion : Await(*store_, locators.size())) {
    if (completion.status.ok()) {
      EXPECT_EQ(completion.payload, std::string(500, 'x'));
    } else {
      EXPECT_EQ(completion.status.code(), StatusCode::kNotFound);
    }
  }
}

TEST_P(FlashStoreTest, LargeBatches) {
  constexpr size_t kRecords = 10'000;
  std::vector<FlashRecord> records;
  for (size_t i = 0; i < kRecords; ++i) records.push_back(RandomRecord(600));
  const auto locators = WriteAll(*store_, records);
  std::vector<size_t> order(kRecords);
  for (size_t i = 0; i < kRecords; ++i) order[i] = i;
  for (size_t i = kRecords - 1; i > 0; --i) std::swap(order[i], order[random_.Below(i + 1)]);
  for (size_t at = 0; at < kRecords; at += 100) {
    std::vector<Locator> wanted;
    for (size_t i = at; i < at + 100; ++i) wanted.push_back(locators[order[i]]);
    const auto read = ReadAll(*store_, wanted);
    for (size_t i = at; i < at + 100; ++i) {
      const FlashCompletion& completion = read.at(locators[order[i]].raw());
      ASSERT_TRUE(completion.status.ok()) << completion.status.message();
      ASSERT_TRUE(completion.payload == records[order[i]].payload);
    }
  }
}

TEST_P(FlashStoreTest, ReapTakesAtMostWhatIsAsked) {
  const auto locators = store_->SubmitWrites(std::vector<FlashRecord>(10, FlashRecord{1, "x"}));
  std::vector<FlashCompletion> done;
  ASSERT_TRUE(Eventually([&] {
    const size_t before = done.size();
    store_->Kick();
    EXPECT_LE(store_->Reap(done, 3), 3u);
    EXPECT_LE(done.size() - before, 3u);
    return done.size() == locators.size();
  }));
  EXPECT_EQ(store_->Reap(done, 3), 0u);
  pollfd waiting{.fd = store_->completion_fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&waiting, 1, 0), 0) << "nothing to reap, but readable";
}

TEST_P(FlashStoreTest, ClearGivesUpEverythingAndTheStoreGoesOn) {
  const auto old = WriteAll(*store_, std::vector<FlashRecord>(2000, FlashRecord{1, std::string(300, 'a')}));
  const auto under_way = store_->SubmitWrites({{1, "b"}, {1, "c"}});
  store_->SubmitReads(under_way, ReadPriority::kClient);
  store_->Clear();
  const auto fresh = store_->SubmitWrites({{9, "fresh"}});
  for (const FlashCompletion& completion : Await(*store_, 5)) {
    EXPECT_TRUE(completion.status.ok() || completion.kind == FlashCompletion::Kind::kRead);
  }
  EXPECT_EQ(ReadCode(*store_, old[0]), StatusCode::kNotFound);
  EXPECT_EQ(ReadCode(*store_, old[1999]), StatusCode::kNotFound);
  EXPECT_EQ(ReadCode(*store_, under_way[0]), StatusCode::kNotFound);
  EXPECT_FALSE(store_->ReadNow(old[5]).has_value());
  EXPECT_EQ(store_->ReadNow(fresh[0])->payload, "fresh");
  EXPECT_EQ(store_->Stats().records, 1u);
  EXPECT_EQ(store_->Stats().live_payload_bytes, 5u);
  store_->Free(old);  // late frees of what Clear has taken do no harm
  EXPECT_EQ(store_->Stats().records, 1u);
  EXPECT_EQ(store_->ReadNow(fresh[0])->payload, "fresh");
}

TEST_P(FlashStoreTest, PinKeepsFreedRecordsReadable) {
  const auto before = WriteAll(*store_, {{1, "old"}, {2, std::string(4000, 'v')}});
  const auto under_way = store_->SubmitWrites({{3, "under way"}});
  const PinToken first = store_->Pin();
  const auto between = store_->SubmitWrites({{4, "between"}});
  Await(*store_, 2);
  const PinToken second = store_->Pin();
  store_->Free(before);
  store_->Free(under_way);
  store_->Free(between);
  store_->Clear();
  EXPECT_TRUE(Eventually([&] { return ReadCode(*store_, before[0]) == StatusCode::kNotFound; })) << "cleared";
  EXPECT_EQ(store_->ReadNow(before[0])->payload, "old");
  EXPECT_EQ(store_->ReadNow(before[1])->payload, std::string(4000, 'v'));
  EXPECT_EQ(store_->ReadNow(under_way[0])->payload, "under way");
  EXPECT_EQ(store_->ReadNow(between[0])->payload, "between");
  store_->Unpin(first);
  EXPECT_EQ(store_->ReadNow(between[0])->payload, "between");
  store_->Unpin(second);
  EXPECT_TRUE(Eventually([&] { return !store_->ReadNow(before[0]).has_value(); }));
  EXPECT_TRUE(Eventually([&] { return !store_->ReadNow(between[0]).has_value(); }));
}

TEST_P(FlashStoreTest, StatsMove) {
  const auto locators = WriteAll(*store_, std::vector<FlashRecord>(10, FlashRecord{1, RandomPayload(random_, 1000)}));
  EXPECT_TRUE(store_->Sync().ok());
  FlashStats stats = store_->Stats();
  EXPECT_EQ(stats.records, 10u);
  EXPECT_EQ(stats.live_payload_bytes, 10'000u);
  EXPECT_EQ(stats.writes, 10u);
  EXPECT_EQ(stats.payload_bytes_written, 10'000u);
  EXPECT_EQ(stats.writes_in_flight, 0u);
  EXPECT_EQ(stats.write_bytes_in_flight, 0u);
  EXPECT_TRUE(Eventually([&] { return store_->Stats().disk_bytes >= 10'000; }));
  EXPECT_TRUE(Eventually([&] { return store_->Stats().host_bytes_written >= 10'000; }));

  ReadAll(*store_, locators);
  store_->Free({locators.data(), 4});
  stats = store_->Stats();
  EXPECT_EQ(stats.reads, 10u);
  EXPECT_EQ(stats.reads_in_flight, 0u);
  EXPECT_EQ(stats.frees, 4u);
  EXPECT_EQ(stats.records, 6u);
  EXPECT_EQ(stats.live_payload_bytes, 6000u);
  EXPECT_EQ(stats.write_errors + stats.read_errors + stats.corruptions, 0u);
}

// A model of what must be there, against long random work with reads of everything that is live.
TEST_P(FlashStoreTest, RandomWorkAgainstAModel) {
  std::map<uint64_t, FlashRecord> model;
  for (int round = 0; round < 150; ++round) {
    std::vector<FlashRecord> records;
    const size_t count = random_.Below(60);
    for (size_t i = 0; i < count; ++i) records.push_back(RandomRecord(random_.Below(10) == 0 ? 60'000 : 400));
    const auto locators = store_->SubmitWrites(records);
    for (size_t i = 0; i < count; ++i) model.emplace(locators[i].raw(), records[i]);
    std::vector<Locator> freed;
    for (auto it = model.begin(); it != model.end();) {
      if (random_.Below(3) == 0) {
        freed.push_back(Locator(it->first));
        it = model.erase(it);
      } else {
        ++it;
      }
    }
    store_->Free(freed);
    if (round % 40 == 20) store_->Compact();
    if (round % 60 == 50) {
      store_->Clear();
      model.clear();
    }
    std::vector<Locator> wanted;
    for (const auto& [raw, record] : model) wanted.push_back(Locator(raw));
    store_->SubmitReads(wanted, ReadPriority::kClient);
    for (const FlashCompletion& completion : Await(*store_, count + wanted.size())) {
      ASSERT_TRUE(completion.status.ok()) << completion.status.message();
      if (completion.kind == FlashCompletion::Kind::kWrite) continue;
      const FlashRecord& record = model.at(completion.locator.raw());
      ASSERT_EQ(completion.type_tag, record.type_tag);
      ASSERT_TRUE(completion.payload == record.payload);
    }
    ASSERT_EQ(store_->Stats().records, model.size());
  }
}

// Forks; the child ends with what `look` answers. Returns its pid.
pid_t ForkToLook(ForkedReader& reader, const std::function<bool()>& look) {
  const pid_t pid = fork();
  if (pid == 0) {
    reader.InChild();
    _exit(look() ? 0 : 1);
  }
  reader.InParent();
  return pid;
}

bool AllAre(const std::vector<Result<FlashRecord>>& found, const FlashRecord* wanted) {
  return std::all_of(found.begin(), found.end(), [&](const Result<FlashRecord>& record) {
    const FlashRecord& want = *wanted++;
    return record && record->payload == want.payload && record->type_tag == want.type_tag;
  });
}

bool SawWell(pid_t pid) {
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_P(FlashStoreTest, AForkedChildReadsWhatWasPinned) {
  std::vector<FlashRecord> records;
  for (int i = 0; i < 50; ++i) records.push_back(RandomRecord(20'000));
  std::vector<Locator> locators = WriteAll(*store_, records);
  // Handed over, and not waited for.
  for (int i = 0; i < 50; ++i) records.push_back(RandomRecord(20'000));
  const std::vector<Locator> fresh = store_->SubmitWrites({records.begin() + 50, records.end()});
  locators.insert(locators.end(), fresh.begin(), fresh.end());
  store_->Kick();
  const PinToken pin = store_->Pin();
  const std::unique_ptr<ForkedReader> reader = store_->PrepareFork(pin);
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t pid = ForkToLook(*reader, [&] {
    // Not before the parent has given everything up.
    char go = 0;
    bool well = read(pipe_ends[0], &go, 1) == 1;
    for (const size_t at_a_time : {locators.size(), size_t{1}}) {
      for (size_t i = 0; i < locators.size() && well; i += at_a_time) {
        well = AllAre(reader->Read({&locators[i], at_a_time}), &records[i]);
      }
    }
    return well;
  });
  Await(*store_, fresh.size());
  store_->Free(locators);
  WriteAll(*store_, {RandomRecord(100'000), RandomRecord(100'000)});
  store_->Compact();
  store_->Kick();
  ASSERT_EQ(write(pipe_ends[1], "g", 1), 1);
  EXPECT_TRUE(SawWell(pid));
  store_->Unpin(pin);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_P(FlashStoreTest, ManyAreReadAtOnce) {
  std::vector<FlashRecord> records;
  for (int i = 0; i < 300; ++i) records.push_back(RandomRecord(20'000));
  const std::vector<Locator> locators = WriteAll(*store_, records);
  const std::unique_ptr<BulkReader> reader = store_->OpenBulkReader();
  for (int round = 0; round < 3; ++round) EXPECT_TRUE(AllAre(reader->Read(locators), records.data()));
  EXPECT_TRUE(reader->Read({}).empty());
}

TEST_P(FlashStoreTest, AForkedChildIsToldOfWhatIsNotThere) {
  const std::vector<Locator> locators = WriteAll(*store_, {RandomRecord(100)});
  store_->Clear();
  const PinToken pin = store_->Pin();
  const std::unique_ptr<ForkedReader> reader = store_->PrepareFork(pin);
  const Locator nowhere = Locator::Make(uint64_t{1} << 50 | 12345, 100);
  EXPECT_TRUE(SawWell(ForkToLook(*reader, [&] { return !reader->Read({&nowhere, 1})[0]; })));
  store_->Unpin(pin);
}

INSTANTIATE_TEST_SUITE_P(
    Engines, FlashStoreTest,
    testing::Values(
        Engine{"simulated", true, OpenSimulated},
        Engine{"rocksdb", true, [](const std::string& dir) { return OpenRocksDb(dir, Compression::kSnappy); }},
        Engine{"rocksdb_uncompressed", true,
               [](const std::string& dir) { return OpenRocksDb(dir, Compression::kNone); }},
        Engine{"valuelog", false, [](const std::string& dir) { return OpenValueLog({.dir = dir}); }},
        Engine{"valuelog_uncompressed", false,
               [](const std::string& dir) { return OpenValueLog({.dir = dir, .compression = Compression::kNone}); }},
        Engine{"valuelog_threads", false,
               [](const std::string& dir) {
                 return OpenValueLog({.dir = dir, .device = DeviceChoice::kThreads, .io_threads = 3});
               }},
        Engine{"valuelog_small_segments", false,
               [](const std::string& dir) { return OpenValueLog({.dir = dir, .segment_bytes = size_t{1} << 20}); }}),
    [](const auto& test) { return test.param.name; });

TEST(Locator, SizeClassIsATightBound) {
  for (size_t bytes = 0; bytes < 100'000; ++bytes) {
    const Locator locator = Locator::Make(1, bytes);
    ASSERT_GE(locator.max_payload_bytes(), bytes);
    if (bytes > 64) {
      ASSERT_LE(locator.max_payload_bytes(), bytes + bytes / 8) << bytes;
    }
    ASSERT_EQ(locator.engine_bits(), 1u);
  }
  for (int shift = 17; shift < 37; ++shift) {
    for (const size_t bytes : {(size_t{1} << shift) - 1, size_t{1} << shift, (size_t{1} << shift) + 1}) {
      ASSERT_GE(Locator::Make(7, bytes).max_payload_bytes(), bytes);
      ASSERT_LE(Locator::Make(7, bytes).max_payload_bytes(), bytes + bytes / 8);
    }
  }
}

}  // namespace
}  // namespace tidemark::tiering
