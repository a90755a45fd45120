// Goal: looking through a segment's file finds every record, and names each place that is damaged and no other; looking
// for what a checkpoint names tells each key whose record is not there.
#include "tiering/valuelog/segment_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/siphash.h"
#include "formats/checkpoint_head.h"
#include "formats/rdb_writer.h"
#include "store_harness.h"
#include "support/byte_streams.h"
#include "support/seed.h"
#include "tiering/space/segment_table.h"
#include "tiering/valuelog/checkpoint_check.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBlock = Device::kAlignment;

// A checkpoint on real files: keys are "0", "1"... and their records what the store keeps of them.
class CheckpointCheck : public testing::Test {
 protected:
  void SetUp() override {
    auto opened =
        ValueLogStore::Open({.dir = dir_.path(), .segment_bytes = uint64_t{1} << 20, .device = DeviceChoice::kThreads});
    ASSERT_TRUE(opened.has_value());
    Random random(TestSeed());
    std::vector<FlashRecord> records;
    for (uint64_t key = 0; key < kKeys; ++key) {
      records.push_back({0, RandomPayload(random, Detached(key) ? kBlock : 2000), OwnerOf(key), 0});
    }
    locators_ = WriteAll(**opened, std::move(records));
    const StoreCheckpoint checkpoint = *(*opened)->BeginCheckpoint();
    head_ = {(*opened)->DescribeCheckpoint(checkpoint), kSeed};
    WriteAll(**opened, {{0, "later", 1, 0}});
    opened->reset();
  }
  std::string BaseFile(const std::function<void(uint64_t key, formats::ColdValue&)>& change = {}) const {
    formats::StringSink sink;
    formats::RdbWriter writer(sink, {});
    writer.Begin();
    formats::AddCheckpointHead(head_, writer);
    writer.SelectDatabase(3, kKeys, 0);
    for (uint64_t key = 0; key < kKeys; ++key) {
      formats::ColdValue value{.locator = locators_[key].raw()};
      if (change) change(key, value);
      EXPECT_TRUE(writer.AddColdKey(std::to_string(key), {}, value).ok());
    }
    EXPECT_TRUE(writer.End().ok());
    return sink.text;
  }
  // The header lies apart from the body.
  static bool Detached(uint64_t key) { return key % 10 == 7; }
  static uint64_t OwnerOf(uint64_t key) { return SipHash13(std::to_string(key), kSeed); }
  CheckpointReport Check(const std::string& base) {
    formats::StringSource source(base);
    Result<CheckpointReport> report =
        CheckCheckpoint(dir_.path(), head_, source, [&](const std::string& line) { lines_.push_back(line); });
    EXPECT_TRUE(report.has_value());
    return *report;
  }

  static constexpr uint64_t kKeys = 2000;
  static constexpr HashSeed kSeed{1, 2};
  ScratchDirectory dir_;
  formats::CheckpointHead head_;
  std::vector<Locator> locators_;
  std::vector<std::string> lines_;
};

TEST_F(CheckpointCheck, FindsTheRecordOfEachKey) {
  const CheckpointReport report = Check(BaseFile());
  EXPECT_TRUE(report.whole());
  EXPECT_EQ(report.cold_keys, kKeys);
  EXPECT_EQ(report.records(), kKeys);
  EXPECT_EQ(report.live_bytes(), kKeys / 10 * (9 * RecordBytes(2000) + sizeof(DetachedHeader) + kBlock));
  EXPECT_GT(report.segments.size(), 2u);
  EXPECT_THAT(lines_, testing::IsEmpty());
}

TEST_F(CheckpointCheck, NamesTheKeysWhoseRecordsAreNotThere) {
  const CheckpointReport report = Check(BaseFile([&](uint64_t key, formats::ColdValue& value) {
    const Place place = Place::Of(locators_[key]);
    if (key == 7) value.locator = locators_[17].raw();
    if (key == 10) value.locator = locators_[11].raw();
    if (key == 20) value.locator = Locator::Make(Place{9, place.segment, place.offset}.EngineBits(), 2000).raw();
    if (key == 30) {
      value.locator = Locator::Make(Place{place.generation, place.segment, place.offset + 16}.EngineBits(), 2000).raw();
    }
    if (key == 40) value.locator = Locator::Make(place.EngineBits(), 100).raw();
    if (key == 50) value = {.locator = locators_[51].raw(), .renamed = true};
    if (key == 57) value = {.locator = locators_[67].raw(), .renamed = true};
    if (key == 77) value.locator = Locator::Make(place.EngineBits(), 2 * kBlock).raw();
  }));
  EXPECT_EQ(report.bad_keys, 6u);
  EXPECT_FALSE(report.whole());
  using testing::HasSubstr;
  EXPECT_THAT(lines_, testing::ElementsAre(HasSubstr("the record of another key"), HasSubstr("'10' in database 3"),
                                           HasSubstr("does not name the segment"), HasSubstr("no record here"),
                                           HasSubstr("another size"), HasSubstr("checksum mismatch")));
}

TEST_F(CheckpointCheck, NamesWhatIsNamedTwice) {
  const Place first = Place::Of(locators_[0]);
  const CheckpointReport report = Check(BaseFile([&](uint64_t key, formats::ColdValue& value) {
    if (Place::Of(locators_[key]).segment != first.segment) value = {.locator = locators_[0].raw(), .renamed = true};
  }));
  EXPECT_FALSE(report.whole());
  EXPECT_EQ(lines_.size(), 100u) << "the others are counted";
}

TEST_F(CheckpointCheck, NamesTheFilesThatAreMissingOrShort) {
  const std::string dir = dir_.path();
  const auto whole = Check(BaseFile());
  fs::remove(dir + "/" + whole.segments[0].name);
  fs::resize_file(dir + "/" + whole.segments[1].name, 4096);
  const CheckpointReport report = Check(BaseFile());
  EXPECT_EQ(report.bad_files, 2u);
  EXPECT_GT(report.bad_keys, whole.segments[0].records);
  EXPECT_THAT(lines_[0], testing::HasSubstr(whole.segments[0].name));
  EXPECT_THAT(lines_[1], testing::HasSubstr("4096 bytes of"));
}

class SegmentCheck : public testing::Test {
 protected:
  void SetUp() override {
    // So much that all lies in one segment.
    auto opened =
        ValueLogStore::Open({.dir = dir_.path(), .max_bytes = uint64_t{1} << 30, .device = DeviceChoice::kThreads});
    ASSERT_TRUE(opened.has_value());
    Random random(TestSeed());
    std::vector<FlashRecord> records;
    for (uint64_t key = 0; key < kRecords; ++key) {
      const size_t bytes = key == 100 ? 3'000'000 : FillsABlock(key) ? kBlock : random.Below(3000);
      records.push_back({1, RandomPayload(random, bytes), key, 0});
    }
    locators_ = WriteAll(**opened, std::move(records));
    opened->reset();
    // The first one: what has been made ahead has later names.
    for (const fs::directory_entry& entry : fs::directory_iterator(dir_.path())) {
      if (entry.path().extension() != ".segment") continue;
      if (path_.empty() || entry.path() < path_) path_ = entry.path();
    }
  }
  static bool FillsABlock(uint64_t key) { return key % 9 == 3; }
  // Between others such a value is detached where that wastes no space.
  bool Detached(uint64_t key) const { return FillsABlock(key) && OffsetOf(key) % kBlock == 0; }
  uint64_t OffsetOf(size_t record) const { return Place::Of(locators_[record]).offset; }
  void Flip(uint64_t offset) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(byte ^ 0x40));
  }
  SegmentReport Check(uint32_t generation = 0) {
    Result<SegmentFile> file = SegmentFile::Open(path_, window_);
    EXPECT_TRUE(file.has_value());
    Result<SegmentReport> report = CheckSegment(*file, generation);
    EXPECT_TRUE(report.has_value());
    return *report;
  }

  static constexpr uint64_t kRecords = 500;
  ScratchDirectory dir_;
  std::string path_;
  std::vector<Locator> locators_;
  size_t window_ = SegmentFile::kToWalk;
};

TEST_F(SegmentCheck, FindsEveryRecord) {
  for (const size_t window : {size_t{1}, SegmentFile::kToLookUp, SegmentFile::kToWalk}) {
    window_ = window;
    const SegmentReport report = Check();
    EXPECT_EQ(report.generation, 1u);
    EXPECT_EQ(report.records, kRecords);
    EXPECT_GT(report.record_bytes, 3'000'000u);
    EXPECT_TRUE(report.damage.empty());
  }
}

TEST_F(SegmentCheck, NamesWhatIsDamagedAndGoesOnBehindIt) {
  Flip(OffsetOf(0) + 2);                       // the generation of the first record
  Flip(OffsetOf(50) + 4);                      // a length
  Flip(OffsetOf(100) + sizeof(RecordHeader));  // a body
  Flip(OffsetOf(101) + 13);                    // its neighbour's checksum
  Flip(OffsetOf(kRecords - 1) + 8);            // a length, at the end
  const SegmentReport report = Check();
  EXPECT_EQ(report.generation, 1u);
  EXPECT_EQ(report.records, kRecords - 5);
  ASSERT_EQ(report.damage.size(), 4u) << "two that are neighbours are one place";
  EXPECT_EQ(report.damage[0].offset, OffsetOf(0));
  EXPECT_EQ(report.damage[1].offset, OffsetOf(50));
  EXPECT_EQ(report.damage[2].offset, OffsetOf(100));
  EXPECT_EQ(report.damage[2].what, "checksum mismatch");
  EXPECT_EQ(report.damage[3].offset, OffsetOf(kRecords - 1));
}

TEST_F(SegmentCheck, TellsWhoseTheDetachedBodiesAre) {
  const SegmentReport report = Check();
  std::vector<std::pair<uint64_t, uint64_t>> expected;
  for (uint64_t key = 0; key < kRecords; ++key) {
    if (Detached(key)) expected.emplace_back(OffsetOf(key), key);
  }
  EXPECT_EQ(report.detached_owners, expected);
  EXPECT_GT(expected.size(), kRecords / 9 / 4);
}

TEST_F(SegmentCheck, NamesDamagedDetachedBodiesEachByItself) {
  const auto bodies = Check().detached_owners;
  Flip(bodies[4].first);
  Flip(bodies[5].first + kBlock - 1);
  const SegmentReport report = Check();
  EXPECT_EQ(report.records, kRecords - 2);
  ASSERT_EQ(report.damage.size(), 2u);
  EXPECT_EQ(report.damage[0].offset, bodies[4].first);
  EXPECT_EQ(report.damage[1].offset, bodies[5].first);
  EXPECT_EQ(report.damage[1].what, "checksum mismatch");
}

TEST_F(SegmentCheck, FindsTheWayBehindADamagedDetachedHeader) {
  Result<SegmentFile> file = SegmentFile::Open(path_, SegmentFile::kToWalk);
  const std::string_view bytes = *file->At(0, file->bytes());
  // One behind which the next header follows at once, and whose body does not begin like a row without a record.
  std::optional<DetachedHeader> header;
  uint64_t at = 0;
  const auto is_fit = [&] {
    header = ReadDetachedHeader(bytes.substr(at), 1);
    return header && bytes[header->body_offset()] != 0 && PeekHeader(bytes.substr(at + sizeof(*header)), 1);
  };
  while (!is_fit()) at += Place::kGranuleBytes;
  const uint64_t body = header->body_offset();
  Flip(at + 9);
  const SegmentReport report = Check();
  EXPECT_EQ(report.records, kRecords - 1);
  ASSERT_EQ(report.damage.size(), 2u) << "the header, and what nothing tells of";
  EXPECT_EQ(report.damage[0].offset, at);
  EXPECT_EQ(report.damage[1].offset, body);
}

TEST_F(SegmentCheck, RecordsOfAnotherGenerationAreDamage) {
  const SegmentReport report = Check(2);
  EXPECT_EQ(report.records, 0u);
  EXPECT_EQ(report.damage.size(), 1u);
}

TEST_F(SegmentCheck, AFileThatIsCutIsDamagedAtItsEnd) {
  fs::resize_file(path_, OffsetOf(100) + 10'000);
  const SegmentReport report = Check();
  EXPECT_EQ(report.records, 100u);
  ASSERT_EQ(report.damage.size(), 1u);
  EXPECT_EQ(report.damage[0].offset, OffsetOf(100));
  EXPECT_EQ(report.damage[0].what, "a record of a wrong length");
}

TEST_F(SegmentCheck, OneRecordIsLookedUpByItsPlace) {
  Result<SegmentFile> file = SegmentFile::Open(path_, SegmentFile::kToLookUp);
  ASSERT_TRUE(file.has_value());
  for (size_t i = 0; i < kRecords; i += 7) {
    if (Detached(i)) continue;
    const Result<RecordHeader> header = CheckRecordAt(*file, OffsetOf(i), 1);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->owner, i);
    EXPECT_FALSE(CheckRecordAt(*file, OffsetOf(i), 2).has_value());
    EXPECT_FALSE(CheckRecordAt(*file, OffsetOf(i) + 16, 1).has_value());
  }
  EXPECT_FALSE(CheckRecordAt(*file, file->bytes(), 1).has_value());
  EXPECT_FALSE(CheckRecordAt(*file, UINT64_MAX - 4, 1).has_value());
  EXPECT_FALSE(SegmentFile::Open(path_ + "x", 1).has_value());
}

}  // namespace
}  // namespace tidemark::tiering
