// Goal: of a directory that a killed process left, the value log keeps the files that a checkpoint names and no others;
// one that is missing, short or another's is refused by name, and then nothing is removed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "store_harness.h"
#include "support/seed.h"
#include "tiering/valuelog/log_description.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kSegmentBytes = uint64_t{1} << 20;
constexpr uint8_t kTypeTag = 7;

class ValueLogFiles : public testing::TestWithParam<DeviceChoice> {
 protected:
  // What kill -9 leaves of the directory of a store that goes on.
  fs::path Killed(const ScratchDirectory& dir, const std::string& name) {
    const fs::path copy = fs::path(copies_.path()) / name;
    fs::copy(dir.path(), copy);
    return copy;
  }
  static std::vector<fs::path> Segments(const fs::path& dir) {
    std::vector<fs::path> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(dir)) {
      if (entry.path().extension() == ".segment") found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
  static Result<std::unique_ptr<ValueLogStore>> Open(const fs::path& dir, const std::string& description,
                                                     std::vector<std::string>* notices = nullptr) {
    return ValueLogStore::Open(
        {.dir = dir.string(), .segment_bytes = kSegmentBytes, .device = GetParam(), .keep = description}, notices);
  }

  void SetUp() override {
    Result<std::unique_ptr<ValueLogStore>> opened =
        ValueLogStore::Open({.dir = dir_.path(), .segment_bytes = kSegmentBytes, .device = GetParam()});
    ASSERT_TRUE(opened.has_value());
    store_ = std::move(*opened);
    Random random(TestSeed());
    std::vector<FlashRecord> records;
    for (uint64_t key = 0; key < 3000; ++key) {
      values_.push_back(RandomPayload(random, random.Below(2000)));
      records.push_back({kTypeTag, values_.back(), key, 0});
    }
    locators_ = WriteAll(*store_, std::move(records));
    checkpoint_ = *store_->BeginCheckpoint();
    description_ = store_->DescribeCheckpoint(checkpoint_);
    ASSERT_TRUE(SyncCheckpoint(checkpoint_).ok());
    // What comes after it is not kept.
    WriteAll(*store_, {{kTypeTag, "later", 1, 0}});
  }

  ScratchDirectory dir_;
  ScratchDirectory copies_;
  std::unique_ptr<ValueLogStore> store_;
  std::vector<std::string> values_;
  std::vector<Locator> locators_;
  StoreCheckpoint checkpoint_;
  std::string description_;
};

TEST_P(ValueLogFiles, AreKeptAndOthersRemoved) {
  const fs::path dir = Killed(dir_, "killed");
  std::ofstream(dir / "stray") << "x";
  const LogDescription described = *DecodeDescription(description_);
  const auto named = std::count_if(described.numbers.begin(), described.numbers.end(),
                                   [](const DescribedNumber& number) { return number.segment.has_value(); });
  ASSERT_LT(named, std::ssize(Segments(dir)));
  std::vector<std::string> notices;
  auto opened = Open(dir, description_, &notices);
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_EQ(std::ssize(Segments(dir)), named);
  EXPECT_FALSE(fs::exists(dir / "stray"));
  EXPECT_EQ(notices.size(), 2u);
  ValueLogStore& store = **opened;
  for (const Locator locator : locators_) ASSERT_TRUE(store.Adopt(locator).ok());
  store.EndAdoption();
  EXPECT_EQ(store.Stats().live_payload_bytes, store_->Stats().live_payload_bytes - 5);
  const auto read = ReadAll(store, locators_);
  for (size_t i = 0; i < locators_.size(); ++i) ASSERT_EQ(read.at(locators_[i].raw()).payload, values_[i]);
  // New files do not take the names of those that were removed.
  const std::set<fs::path> earlier = [&] {
    const std::vector<fs::path> all = Segments(dir_.path());
    std::set<fs::path> names;
    for (const fs::path& path : all) names.insert(path.filename());
    return names;
  }();
  const std::vector<fs::path> kept = Segments(dir);
  WriteAll(store, {{kTypeTag, "new", 1, 0}});
  size_t fresh = 0;
  for (const fs::path& path : Segments(dir)) {
    if (std::find(kept.begin(), kept.end(), path) != kept.end()) continue;
    ++fresh;
    EXPECT_FALSE(earlier.contains(path.filename()));
  }
  EXPECT_EQ(fresh, 1u);
}

TEST_P(ValueLogFiles, ThatAreMissingShortOrOthersAreRefusedAndNothingIsRemoved) {
  const std::vector<fs::path> names = Segments(dir_.path());
  const auto expect_refused = [&](const fs::path& dir, const std::string& file, const std::string& why) {
    SCOPED_TRACE(why);
    const size_t before = Segments(dir).size();
    const auto opened = Open(dir, description_);
    ASSERT_FALSE(opened.has_value());
    EXPECT_NE(opened.error().message().find(file), std::string::npos) << opened.error().message();
    EXPECT_NE(opened.error().message().find(why), std::string::npos) << opened.error().message();
    EXPECT_NE(opened.error().message().find("tier-dir"), std::string::npos) << opened.error().message();
    EXPECT_EQ(Segments(dir).size(), before);
  };
  const std::string second = names[1].filename();
  const fs::path missing = Killed(dir_, "missing");
  fs::remove(missing / second);
  expect_refused(missing, second, "is not there");
  const fs::path cut = Killed(dir_, "cut");
  fs::resize_file(cut / second, fs::file_size(cut / second) - 4096);
  expect_refused(cut, second, "bytes of");
  const fs::path empty = Killed(dir_, "empty");
  fs::resize_file(empty / second, 0);
  expect_refused(empty, second, "bytes of");
  const fs::path other = Killed(dir_, "other");
  {
    std::fstream file(other / second, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(2);
    file.put(9);
  }
  expect_refused(other, second, "generation");
  description_.clear();
  expect_refused(Killed(dir_, "no description"), "description", "damaged");
}

TEST_P(ValueLogFiles, ThatAreLongerAreShrunk) {
  const fs::path dir = Killed(dir_, "longer");
  const fs::path file = Segments(dir)[0];
  const uint64_t bytes = fs::file_size(file);
  fs::resize_file(file, bytes + (1 << 20));
  auto opened = Open(dir, description_);
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_TRUE(Eventually([&] { return fs::file_size(file) == bytes; }));
}

TEST_P(ValueLogFiles, ThatCannotBeSyncedAreAnError) {
  StoreCheckpoint checkpoint = checkpoint_;
  EXPECT_GE(checkpoint.unsynced.size(), 2u);
  EXPECT_EQ(checkpoint.unsynced.back(), dir_.path());
  checkpoint.unsynced.push_back((dir_.path() / "not there").string());
  const Status status = SyncCheckpoint(checkpoint);
  EXPECT_EQ(status.code(), StatusCode::kIoError);
  EXPECT_NE(status.message().find("not there"), std::string::npos);
  // What is on stable storage need not be synced again.
  store_->CheckpointLanded(checkpoint_);
  EXPECT_EQ(store_->BeginCheckpoint()->unsynced.size(), 2u) << "the segment that was written since, and the directory";
}

// io_uring where there is one.
INSTANTIATE_TEST_SUITE_P(Devices, ValueLogFiles, testing::Values(DeviceChoice::kThreads, DeviceChoice::kAuto),
                         [](const auto& device) {
                           return device.param == DeviceChoice::kThreads ? "threads" : "auto";
                         });

}  // namespace
}  // namespace tidemark::tiering
