// Goal: what only the RocksDB engine can get wrong: bytes damaged on disk, space that must come back, limits, a device
// that refuses, and the directory it may wipe.
#include "tiering/rocksdb/rocksdb_store.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "store_harness.h"
#include "support/seed.h"

namespace tidemark::tiering {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<RocksDbStore> OpenStore(RocksDbStoreOptions options) {
  auto store = RocksDbStore::Open(options);
  EXPECT_TRUE(store.has_value()) << store.error().message();
  return std::move(*store);
}

std::vector<FlashRecord> RandomRecords(Random& random, size_t count, size_t bytes) {
  std::vector<FlashRecord> records;
  for (size_t i = 0; i < count; ++i) records.push_back({1, RandomPayload(random, bytes)});
  return records;
}

std::vector<fs::path> FilesWithExtension(const fs::path& dir, const std::string& extension) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(dir)) {
    if (entry.path().extension() == extension) paths.push_back(entry.path());
  }
  return paths;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(RocksDbStore, CompressesOnlyWhatShrinks) {
  Random random(1);
  ScratchDirectory directory;
  auto store = OpenStore({.dir = directory.path().string()});
  WriteAll(*store, RandomRecords(random, 20, 1000));
  EXPECT_EQ(store->Stats().compressed_records, 0u);
  std::vector<FlashRecord> records;
  for (int i = 0; i < 20; ++i) records.push_back({1, CompressiblePayload(random, 1000)});
  WriteAll(*store, records);
  EXPECT_EQ(store->Stats().compressed_records, 20u);
}

TEST(RocksDbStore, DamagedBlobsAreReportedNeverReturned) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  ScratchDirectory directory;
  auto store = OpenStore({.dir = directory.path().string()});
  const auto records = RandomRecords(random, 300, 1000);
  const auto locators = WriteAll(*store, records);
  ASSERT_TRUE(store->Sync().ok());

  const auto blobs = FilesWithExtension(directory.path(), ".blob");
  ASSERT_FALSE(blobs.empty());
  for (const fs::path& blob : blobs) {
    std::fstream file(blob, std::ios::in | std::ios::out | std::ios::binary);
    const auto size = static_cast<int64_t>(fs::file_size(blob));
    for (int64_t at = 3000; at < size - 3000; at += 5000) {
      file.seekg(at);
      const int byte = file.get();
      file.seekp(at);
      file.put(static_cast<char>(byte ^ 0x40));
    }
  }

  size_t corrupt = 0;
  auto read = ReadAll(*store, locators);
  for (size_t i = 0; i < locators.size(); ++i) {
    const FlashCompletion& completion = read.at(locators[i].raw());
    if (completion.status.ok()) {
      ASSERT_TRUE(completion.payload == records[i].payload) << "wrong bytes returned";
    } else {
      EXPECT_EQ(completion.status.code(), StatusCode::kCorruption) << completion.status.message();
      corrupt += 1;
    }
  }
  EXPECT_GT(corrupt, 20u);
  EXPECT_EQ(store->Stats().corruptions, corrupt);

  // Cleaning meets the damaged values too; the store must go on, and the sound ones stay readable.
  std::vector<Locator> freed;
  for (size_t i = 0; i < locators.size(); i += 2) freed.push_back(locators[i]);
  store->Free(freed);
  EXPECT_TRUE(Eventually([&] {
    store->Compact();
    return ReadFile(directory.path() / "LOG").find("Compaction error: Corruption") != std::string::npos;
  }));
  EXPECT_TRUE(Eventually([&] { return store->Stats().damaged_segments > 0; }));
  const auto fresh = WriteAll(*store, RandomRecords(random, 100, 1000));
  ASSERT_TRUE(store->Sync().ok());
  for (const auto& [raw, completion] : ReadAll(*store, fresh)) EXPECT_TRUE(completion.status.ok());
  size_t sound = 0;
  read = ReadAll(*store, locators);
  for (size_t i = 1; i < locators.size(); i += 2) {
    const FlashCompletion& completion = read.at(locators[i].raw());
    if (!completion.status.ok()) continue;
    sound += 1;
    ASSERT_TRUE(completion.payload == records[i].payload);
  }
  EXPECT_GT(sound, 50u);
}

struct Churn {
  const char* name;
  bool ask_for_it;
};

class RocksDbSpaceTest : public testing::TestWithParam<Churn> {};

TEST_P(RocksDbSpaceTest, SpaceOfFreedRecordsComesBack) {
  const uint64_t seed = TestSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  ScratchDirectory directory;
  auto store = OpenStore({.dir = directory.path().string()});
  constexpr uint64_t kRecordBytes = 4096;
  constexpr uint64_t kTotalBytes = 100 << 20;
  std::vector<std::pair<Locator, std::string>> kept;
  std::vector<Locator> freed;
  for (uint64_t bytes = 0; bytes < kTotalBytes; bytes += 256 * kRecordBytes) {
    const auto records = RandomRecords(random, 256, kRecordBytes);
    const auto locators = WriteAll(*store, records);
    for (size_t i = 0; i < locators.size(); ++i) {
      if (random.Below(10) == 0) {
        kept.emplace_back(locators[i], records[i].payload);
      } else {
        freed.push_back(locators[i]);
      }
    }
  }
  ASSERT_TRUE(store->Sync().ok());
  ASSERT_GT(directory.FileBytes(), kTotalBytes * 9 / 10);
  store->Free(freed);
  if (GetParam().ask_for_it) store->Compact();
  EXPECT_TRUE(Eventually([&] { return directory.FileBytes() < kTotalBytes / 5; })) << directory.FileBytes();
  EXPECT_TRUE(Eventually([&] { return store->Stats().disk_bytes < kTotalBytes / 5; }));
  EXPECT_GT(store->Stats().segments_cleaned, 0u);
  EXPECT_GT(store->Stats().moved_bytes, kept.size() * kRecordBytes / 2);
  for (const auto& [locator, payload] : kept) {
    const auto record = store->ReadNow(locator);
    ASSERT_TRUE(record.has_value()) << record.error().message();
    ASSERT_TRUE(record->payload == payload);
  }
  store->Clear();
  EXPECT_TRUE(Eventually([&] { return directory.FileBytes() < kTotalBytes / 50; })) << directory.FileBytes();
}

INSTANTIATE_TEST_SUITE_P(Passes, RocksDbSpaceTest, testing::Values(Churn{"asked", true}, Churn{"by_itself", false}),
                         [](const auto& test) { return test.param.name; });

TEST(RocksDbStore, MaxSizeFillsAndEmpties) {
  Random random(5);
  ScratchDirectory directory;
  constexpr uint64_t kMaxBytes = 16 << 20;
  auto store = OpenStore({.dir = directory.path().string(), .max_bytes = kMaxBytes});
  std::vector<Locator> kept;
  size_t refused = 0;
  for (int i = 0; i < 200 && refused == 0; ++i) {
    store->SubmitWrites(RandomRecords(random, 32, 8192));
    for (const FlashCompletion& completion : Await(*store, 32)) {
      if (completion.status.ok()) {
        kept.push_back(completion.locator);
      } else {
        EXPECT_EQ(completion.status.code(), StatusCode::kNoSpace);
        refused += 1;
      }
    }
  }
  EXPECT_GT(refused, 0u);
  EXPECT_TRUE(store->full());
  EXPECT_EQ(store->Stats().max_bytes, kMaxBytes);
  EXPECT_EQ(store->Stats().records, kept.size());
  EXPECT_LT(directory.FileBytes(), kMaxBytes + (2 << 20));
  EXPECT_GT(kept.size() * 8192, kMaxBytes / 2);
  for (const auto& [raw, completion] : ReadAll(*store, kept)) EXPECT_TRUE(completion.status.ok());
  store->Free(kept);
  EXPECT_TRUE(Eventually([&] { return !store->full(); }));
  WriteAll(*store, RandomRecords(random, 32, 8192));
}

// Fails appends to table and blob files on demand, as a full or dying device does.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  enum class Fault { kNone, kNoSpace, kIoError };

  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }
  void set_fault(Fault fault) { fault_ = fault; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewWritableFile(path, options, result, debug);
    if (status.ok() && (path.ends_with(".sst") || path.ends_with(".blob"))) {
      *result = std::make_unique<File>(std::move(*result), fault_);
    }
    return status;
  }

 private:
  class File final : public rocksdb::FSWritableFileWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<Fault>& fault)
        : FSWritableFileWrapper(file.get()), file_(std::move(file)), fault_(fault) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      const auto status = Check();
      return status.ok() ? file_->Append(data, options, debug) : status;
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& info, rocksdb::IODebugContext* debug) override {
      const auto status = Check();
      return status.ok() ? file_->Append(data, options, info, debug) : status;
    }

   private:
    rocksdb::IOStatus Check() const {
      switch (fault_.load()) {
        case Fault::kNone:
          return rocksdb::IOStatus::OK();
        case Fault::kNoSpace:
          return rocksdb::IOStatus::NoSpace("injected");
        case Fault::kIoError:
          break;
      }
      return rocksdb::IOStatus::IOError("injected");
    }

    std::unique_ptr<rocksdb::FSWritableFile> file_;
    const std::atomic<Fault>& fault_;
  };

  std::atomic<Fault> fault_ = Fault::kNone;
};

class RocksDbFaultTest : public testing::TestWithParam<FaultyFileSystem::Fault> {};

TEST_P(RocksDbFaultTest, ADeviceThatRefusesLosesNothingAndRecovers) {
  Random random(6);
  ScratchDirectory directory;
  auto file_system = std::make_shared<FaultyFileSystem>();
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(file_system);
  auto store = OpenStore({.dir = directory.path().string(), .env = env.get()});
  std::map<uint64_t, std::string> kept;
  const auto write_some = [&] {
    std::vector<StatusCode> refusals;
    const auto records = RandomRecords(random, 64, 4096);
    const auto locators = store->SubmitWrites(records);
    std::map<uint64_t, std::string> submitted;
    for (size_t i = 0; i < locators.size(); ++i) submitted.emplace(locators[i].raw(), records[i].payload);
    for (const FlashCompletion& completion : Await(*store, locators.size())) {
      if (completion.status.ok()) {
        kept.emplace(completion.locator.raw(), submitted.at(completion.locator.raw()));
      } else {
        refusals.push_back(completion.status.code());
      }
    }
    return refusals;
  };
  EXPECT_TRUE(write_some().empty());

  file_system->set_fault(GetParam());
  const StatusCode expected =
      GetParam() == FaultyFileSystem::Fault::kNoSpace ? StatusCode::kNoSpace : StatusCode::kIoError;
  std::vector<StatusCode> refusals;
  EXPECT_TRUE(Eventually([&] {
    refusals = write_some();
    return !refusals.empty();
  }));
  for (const StatusCode code : refusals) EXPECT_EQ(code, expected);
  if (expected == StatusCode::kNoSpace) {
    EXPECT_TRUE(store->full());
  }
  EXPECT_FALSE(store->Sync().ok());
  // A record freed and one cleared while nothing can be written must be gone later all the same.
  const Locator freed(kept.begin()->first);
  kept.erase(kept.begin());
  store->Free({&freed, 1});
  for (const auto& [raw, payload] : kept) ASSERT_TRUE(store->ReadNow(Locator(raw))->payload == payload);

  file_system->set_fault(FaultyFileSystem::Fault::kNone);
  EXPECT_TRUE(Eventually([&] { return !store->full() && write_some().empty(); }));
  EXPECT_TRUE(Eventually([&] { return store->Sync().ok(); }));
  EXPECT_TRUE(Eventually([&] { return !store->ReadNow(freed).has_value(); }));
  for (const auto& [raw, payload] : kept) ASSERT_TRUE(store->ReadNow(Locator(raw))->payload == payload);
  EXPECT_EQ(store->Stats().records, kept.size());
  store.reset();
}

INSTANTIATE_TEST_SUITE_P(Faults, RocksDbFaultTest,
                         testing::Values(FaultyFileSystem::Fault::kNoSpace, FaultyFileSystem::Fault::kIoError),
                         [](const auto& test) {
                           return test.param == FaultyFileSystem::Fault::kNoSpace ? "no_space" : "io_error";
                         });

TEST(RocksDbStore, DirectoryOfAnEarlierLifeIsEmptied) {
  Random random(7);
  ScratchDirectory directory;
  const fs::path dir = directory.path() / "tier";
  Locator old;
  {
    auto store = OpenStore({.dir = dir.string()});
    old = WriteAll(*store, RandomRecords(random, 2000, 4096))[0];
    ASSERT_TRUE(store->Sync().ok());
  }
  ASSERT_GT(directory.FileBytes(), 7u << 20);
  auto store = OpenStore({.dir = dir.string()});
  EXPECT_LT(directory.FileBytes(), 1u << 20);
  EXPECT_EQ(store->ReadNow(old).error().code(), StatusCode::kNotFound);
}

TEST(RocksDbStore, AForeignDirectoryIsLeftAlone) {
  ScratchDirectory directory;
  const fs::path precious = directory.path() / "CURRENT";
  std::ofstream(precious) << "somebody's database";
  const auto store = RocksDbStore::Open({.dir = directory.path().string()});
  ASSERT_FALSE(store.has_value());
  EXPECT_NE(store.error().message().find("tier-dir"), std::string::npos);
  EXPECT_TRUE(fs::exists(precious));
}

TEST(RocksDbStore, TwoStoresCannotShareADirectory) {
  Random random(8);
  ScratchDirectory directory;
  auto store = OpenStore({.dir = directory.path().string()});
  const auto locators = WriteAll(*store, RandomRecords(random, 10, 1000));
  const auto second = RocksDbStore::Open({.dir = directory.path().string()});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code(), StatusCode::kUnavailable) << second.error().message();
  EXPECT_NE(second.error().message().find("in use"), std::string::npos) << second.error().message();
  ASSERT_TRUE(store->Sync().ok());
  for (const auto& [raw, completion] : ReadAll(*store, locators)) EXPECT_TRUE(completion.status.ok());
}

TEST(RocksDbStore, ClosesWithWorkUnderWay) {
  Random random(9);
  ScratchDirectory directory;
  auto store = OpenStore({.dir = directory.path().string(), .write_budget_bytes_per_second = 1 << 20});
  const auto locators = store->SubmitWrites(RandomRecords(random, 20'000, 1000));
  store->SubmitReads(locators, ReadPriority::kBackground);
  store->Free({locators.data(), 5000});
  store->Compact();
  store.reset();
}

}  // namespace
}  // namespace tidemark::tiering
