// Goal: a data set saved to a file and loaded again is the same, wherever its values were; a file that is damaged, or
// cannot be written, is an error that names it and leaves everything else in place; a child's end is told as it was.
#include <gtest/gtest.h>
#include <poll.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "base/clock.h"
#include "persistence/persistence.h"
#include "tiering/simulated_store.h"

namespace tidemark::persistence {
namespace {

using keyspace::EntryRef;
using keyspace::Keyspace;
using tiering::Locator;

class Host : public LoadHost {
 public:
  Status OnLoadProgress() override {
    ++turns;
    return turns > turns_allowed ? Status::Unavailable("enough") : Status::Ok();
  }
  Status MakeRoom() override {
    ++rooms;
    return Status::Ok();
  }
  int turns = 0;
  int turns_allowed = 1 << 30;
  int rooms = 0;
};

// No command of a file is run here, and nothing is appended.
class NoCommands : public CommandRunner, public EffectSource, public LatencySink {
 public:
  void BeginFile() override {}
  Status Run(const commands::CommandBatch&) override { return Status::InvalidArgument("no commands here"); }
  void WantEffects(bool) override {}
  void DeliverEffects() override {}
  void RestartEffects() override {}
  void NoteLatency(std::string_view, int64_t) override {}
};

class SnapshotTest : public testing::Test {
 protected:
  static constexpr int64_t kNowMs = 1'700'000'000'000;

  SnapshotTest() : store_({}), keyspace_({}, StartClock(), 1) {
    std::string pattern = (std::filesystem::temp_directory_path() / "tidemark-snapshot-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    options_.dir = pattern;
    options_.dbfilename = "dump.rdb";
    LogOptions log;
    log.file = options_.dir + "/log";
    log_ = std::make_unique<Logger>(log);
    persistence_ = Make(keyspace_);
  }
  ~SnapshotTest() override {
    persistence_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(options_.dir, ignored);
  }

  std::unique_ptr<Persistence> Make(Keyspace& keyspace) {
    static MemoryAccount account;
    return std::make_unique<Persistence>(PersistenceParts{keyspace, store_, clock_, account, options_, host_,
                                                          no_commands_, no_commands_, no_commands_, *log_});
  }
  std::string path() const { return options_.dir + "/" + options_.dbfilename; }
  std::string LogText() const {
    std::ifstream file(options_.dir + "/log");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  size_t FilesNamedRdb() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.dir)) {
      count += entry.path().extension() == ".rdb" ? 1 : 0;
    }
    return count;
  }

  void Set(std::string_view key, std::string_view value, int database = 0) {
    const keyspace::HashedKey hashed = keyspace_.Hash(key);
    keyspace_.database(database).SetString({}, hashed, value);
    ++keyspace_.stats().dirty;
  }
  // Puts the value on flash, as the tier would.
  void Spill(std::string_view key) {
    EntryRef ref = keyspace_.database(0).Find(keyspace_.Hash(key));
    tiering::FlashRecord record;
    char scratch[32];
    record.type_tag = formats::kRdbTypeString;
    record.payload = ref->StringView(scratch);
    std::vector<tiering::FlashRecord> records;
    records.push_back(std::move(record));
    const Locator locator = store_.SubmitWrites(std::move(records))[0];
    keyspace_.database(0).MarkSpilling(ref);
    keyspace_.database(0).MakeCold(ref, locator.raw());
    last_locator_ = locator;
  }
  static std::string Get(const Keyspace& keyspace, std::string_view key, int database = 0) {
    const EntryRef ref = keyspace.database(database).Find(keyspace.Hash(key));
    if (!ref) return "(none)";
    char scratch[32];
    return std::string(ref->StringView(scratch));
  }
  void RunUntilSaved() {
    const int64_t deadline_us = Clock::MonotonicUs() + 60'000'000;
    while (persistence_->Figures().saving && Clock::MonotonicUs() < deadline_us) {
      clock_.AdvanceMs(200);
      persistence_->Cron();
      poll(nullptr, 0, 2);
    }
    ASSERT_FALSE(persistence_->Figures().saving);
  }

  const Clock& StartClock() {
    clock_.Set(kNowMs * 1000, 1'000'000);
    return clock_;
  }

  Clock clock_;
  tiering::SimulatedStore store_;
  Keyspace keyspace_;
  PersistenceOptions options_;
  Host host_;
  NoCommands no_commands_;
  std::unique_ptr<Logger> log_;
  std::unique_ptr<Persistence> persistence_;
  Locator last_locator_;
};

TEST_F(SnapshotTest, WhatIsSavedIsLoaded) {
  Set("hot", "in RAM");
  Set("cold", std::string(100, 'x'));
  Set("12", "-5");
  Set("elsewhere", "v", 9);
  Spill("cold");
  EntryRef expires = keyspace_.database(0).Find(keyspace_.Hash("hot"));
  keyspace_.database(0).SetExpiry(expires, kNowMs + 5000);
  EXPECT_EQ(persistence_->changes_since_save(), 4u);
  ASSERT_TRUE(persistence_->Save().ok());
  EXPECT_EQ(persistence_->changes_since_save(), 0u);
  EXPECT_EQ(persistence_->last_save_unix_seconds(), kNowMs / 1000);

  Keyspace other({}, clock_, 2);
  const auto loader = Make(other);
  const Status loaded = loader->LoadAtStart();
  ASSERT_TRUE(loaded.ok()) << loaded.message();
  EXPECT_EQ(Get(other, "hot"), "in RAM");
  EXPECT_EQ(Get(other, "cold"), std::string(100, 'x'));
  EXPECT_EQ(Get(other, "12"), "-5");
  EXPECT_EQ(Get(other, "elsewhere", 9), "v");
  EXPECT_EQ(other.database(0).Find(other.Hash("hot"))->expiry_ms(), kNowMs + 5000);
  EXPECT_EQ(loader->Figures().last_load_keys, 4u);
  EXPECT_FALSE(loader->Figures().load.loading);
  EXPECT_EQ(loader->changes_since_save(), 0u);

  clock_.AdvanceMs(6000);
  Keyspace later({}, clock_, 3);
  const auto late = Make(later);
  ASSERT_TRUE(late->LoadAtStart().ok());
  EXPECT_EQ(Get(later, "hot"), "(none)");
  EXPECT_EQ(late->Figures().last_load_expired_keys, 1u);
  EXPECT_EQ(later.total_keys(), 3u);
}

TEST_F(SnapshotTest, NoFileIsAnEmptyDataSet) {
  EXPECT_TRUE(persistence_->LoadAtStart().ok());
  EXPECT_EQ(keyspace_.total_keys(), 0u);
}

TEST_F(SnapshotTest, AChildSavesTheDataSetOfItsMoment) {
  for (int i = 0; i < 2000; ++i) Set("key:" + std::to_string(i), "before");
  for (int i = 0; i < 50; ++i) {
    Set("cold:" + std::to_string(i), "cold before " + std::to_string(i));
    Spill("cold:" + std::to_string(i));
  }
  ASSERT_TRUE(persistence_->SaveInBackground(commands::SaveWhen::kNow).has_value());
  EXPECT_FALSE(persistence_->Save().ok());
  EXPECT_FALSE(persistence_->SaveInBackground(commands::SaveWhen::kLater).has_value());
  EXPECT_EQ(persistence_->Figures().current_keys_total, 2050u);
  keyspace_.FlushAll(keyspace::FreeMode::kNow);
  ++keyspace_.stats().dirty;
  RunUntilSaved();
  const PersistenceFigures figures = persistence_->Figures();
  EXPECT_TRUE(figures.last_save_ok) << LogText();
  EXPECT_EQ(figures.saves, 1u);
  EXPECT_EQ(figures.forks, 1u);
  EXPECT_EQ(figures.changes_since_save, 1u) << "what came after the fork";
  ASSERT_TRUE(persistence_->LoadAtStart().ok());
  EXPECT_EQ(Get(keyspace_, "key:1999"), "before");
  EXPECT_EQ(Get(keyspace_, "cold:49"), "cold before 49");
}

TEST_F(SnapshotTest, AnUnreadableValueIsAnErrorThatNamesIt) {
  Set("lost", std::string(100, 'x'));
  Spill("lost");
  store_.FailRead(last_locator_, StatusCode::kCorruption);
  options_.save_points = {{1, 1}};
  EXPECT_FALSE(persistence_->Save().ok());
  ASSERT_TRUE(persistence_->SaveInBackground(commands::SaveWhen::kNow).has_value());
  RunUntilSaved();
  EXPECT_FALSE(persistence_->Figures().last_save_ok);
  EXPECT_TRUE(persistence_->SnapshotsFail());
  EXPECT_NE(LogText().find("the value of 'lost' on flash"), std::string::npos) << LogText();
  EXPECT_EQ(FilesNamedRdb(), 0u);
  store_.HealRead(last_locator_);
  ASSERT_TRUE(persistence_->Save().ok());
  EXPECT_FALSE(persistence_->SnapshotsFail());
}

TEST_F(SnapshotTest, SavePointsAndTheirRetries) {
  options_.save_points = {{10, 2}};
  Set("a", "1");
  clock_.AdvanceMs(11'000);
  persistence_->Cron();
  EXPECT_FALSE(persistence_->Figures().saving) << "too few changes";
  Set("b", "2");
  clock_.AdvanceMs(200);
  persistence_->Cron();
  ASSERT_TRUE(persistence_->Figures().saving);
  EXPECT_NE(LogText().find("2 changes in 10 seconds. Saving..."), std::string::npos);
  RunUntilSaved();
  EXPECT_EQ(persistence_->changes_since_save(), 0u);

  // After a failure it is tried again, but not at once.
  options_.dir += "/missing";
  Set("c", "3");
  Set("d", "4");
  clock_.AdvanceMs(11'000);
  persistence_->Cron();
  RunUntilSaved();
  EXPECT_FALSE(persistence_->Figures().last_save_ok);
  const uint64_t forks = persistence_->Figures().forks;
  clock_.AdvanceMs(1000);
  persistence_->Cron();
  EXPECT_EQ(persistence_->Figures().forks, forks);
  clock_.AdvanceMs(6000);
  persistence_->Cron();
  EXPECT_EQ(persistence_->Figures().forks, forks + 1);
  RunUntilSaved();
  options_.dir.resize(options_.dir.size() - std::string("/missing").size());
}

TEST_F(SnapshotTest, EndsAsItIsTold) {
  Set("k", "v");
  ASSERT_TRUE(persistence_->SaveAtEnd({}).ok());
  EXPECT_EQ(FilesNamedRdb(), 0u) << "there are no save points";
  options_.save_points = {{3600, 1}};
  ASSERT_TRUE(persistence_->SaveAtEnd({.no_save = true}).ok());
  EXPECT_EQ(FilesNamedRdb(), 0u);
  options_.key_save_delay = 100'000;
  ASSERT_TRUE(persistence_->SaveInBackground(commands::SaveWhen::kNow).has_value());
  options_.key_save_delay = 0;
  ASSERT_TRUE(persistence_->SaveAtEnd({}).ok());
  EXPECT_FALSE(persistence_->Figures().saving);
  EXPECT_EQ(FilesNamedRdb(), 1u);
  const std::string dir = options_.dir;
  options_.dir += "/missing";
  EXPECT_FALSE(persistence_->SaveAtEnd({}).ok());
  EXPECT_TRUE(persistence_->SaveAtEnd({.force = true}).ok());
  options_.dir = dir;
}

TEST_F(SnapshotTest, ADamagedFileIsNamedWithItsOffset) {
  Set("k", std::string(1000, 'v'));
  ASSERT_TRUE(persistence_->Save().ok());
  std::filesystem::resize_file(path(), 60);
  const Status loaded = Make(keyspace_)->LoadAtStart();
  EXPECT_EQ(loaded.code(), StatusCode::kCorruption);
  EXPECT_NE(loaded.message().find(path()), std::string::npos) << loaded.message();
  EXPECT_NE(loaded.message().find("at offset 60"), std::string::npos) << loaded.message();
}

TEST_F(SnapshotTest, TheHostIsAskedNowAndThenAndMayEndTheLoading) {
  for (int i = 0; i < 1000; ++i) Set("key:" + std::to_string(i), std::string(200, 'x') + std::to_string(i));
  options_.rdb_compression = false;
  ASSERT_TRUE(persistence_->Save().ok());
  options_.events_interval_bytes = 1024;
  Keyspace other({}, clock_, 2);
  ASSERT_TRUE(Make(other)->LoadAtStart().ok());
  EXPECT_GE(host_.turns, 3);
  EXPECT_GE(host_.rooms, 1000 / 16);
  host_.turns = 0;
  host_.turns_allowed = 1;
  Keyspace another({}, clock_, 3);
  EXPECT_EQ(Make(another)->LoadAtStart().code(), StatusCode::kUnavailable);
}

TEST_F(SnapshotTest, ReloadAndItsOptions) {
  Set("k", "saved");
  ASSERT_TRUE(persistence_->Reload({}).ok());
  EXPECT_EQ(Get(keyspace_, "k"), "saved");
  EXPECT_FALSE(persistence_->Reload({.save = false, .flush = false}).ok()) << "every key is there already";
  EXPECT_TRUE(persistence_->Reload({.save = false, .flush = false, .merge = true}).ok());
  EXPECT_EQ(keyspace_.total_keys(), 1u);
  std::filesystem::remove(path());
  EXPECT_FALSE(persistence_->Reload({.save = false}).ok());
}

}  // namespace
}  // namespace tidemark::persistence
