// Goal: the files of the append-only file come and go so that the manifest always names a whole data set; what could
// not be written is kept and written later; what is loaded is run in order, and a tail that is not whole is cut.
#include "persistence/append_only_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "formats/command_writer.h"
#include "persistence/aof_load.h"
#include "tiering/null_store.h"

namespace tidemark::persistence {
namespace {

namespace fs = std::filesystem;

std::string Command(std::initializer_list<std::string_view> words) {
  std::string text;
  formats::AppendCommand(text, words);
  return text;
}

class AppendOnlyFileTest : public testing::Test,
                           public EffectSource,
                           public LatencySink,
                           public LoadHost,
                           public CommandRunner {
 protected:
  AppendOnlyFileTest() {
    std::string pattern = (fs::temp_directory_path() / "tidemark-aof-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    options_.dir = pattern;
    options_.append_filename = "appendonly.aof";
    options_.append_dir_name = "aof";
    LogOptions log;
    log.file = options_.dir + "/log";
    log_ = std::make_unique<Logger>(log);
    clock_.Set(1'700'000'000'000'000, 1'000'000);
  }
  ~AppendOnlyFileTest() override {
    file_.reset();
    std::error_code ignored;
    fs::remove_all(options_.dir, ignored);
  }

  void WantEffects(bool wanted) override { wanted_ = wanted; }
  void DeliverEffects() override {
    if (!gathered_.empty()) file_->OnEffects(std::move(gathered_));
    gathered_.clear();
  }
  void RestartEffects() override { ++restarts_; }
  void NoteLatency(std::string_view, int64_t) override {}
  Status OnLoadProgress() override { return Status::Ok(); }
  Status MakeRoom() override { return Status::Ok(); }
  void BeginFile() override { ran_.push_back("file"); }
  Status Run(const commands::CommandBatch& batch) override {
    Status done;
    batch.VisitWhile([&](std::span<const std::string_view> words) {
      if (words[0] == "bad") done = Status::InvalidArgument("Unknown command 'bad'");
      std::string line;
      for (const std::string_view word : words) line.append(line.empty() ? "" : " ").append(word);
      if (done.ok()) ran_.push_back(line);
      return done.ok();
    });
    return done;
  }

  std::string PathOf(const std::string& name) const { return options_.dir + "/aof/" + name; }
  std::string Read(const std::string& path) const {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void Write(const std::string& path, std::string_view bytes) const { std::ofstream(path) << bytes; }
  std::string Manifest() const { return Read(PathOf("appendonly.aof.manifest")); }
  // A base of commands that does not matter.
  std::string MakeBase() {
    const std::string path = PathOf("temp-base");
    Write(path, Command({"base"}));
    return path;
  }
  void Open() { file_ = std::make_unique<AppendOnlyFile>(options_, *this, clock_, *this, *log_); }
  // As a first start does.
  void Begin() {
    Open();
    ASSERT_TRUE(file_->directory().Make().ok());
    ASSERT_TRUE(file_->directory().Load().ok());
    ASSERT_TRUE(file_->directory().empty());
    ASSERT_TRUE(file_->AdoptBase(MakeBase(), formats::AofBaseForm::kCommands).ok());
    ASSERT_TRUE(file_->GoOn().ok());
  }
  Status Load() {
    Open();
    ran_.clear();
    TIDEMARK_RETURN_IF_ERROR(file_->directory().Load());
    AofLoad load(keyspace_, store_, options_, *this, *this, *log_, figures_);
    return load.Run(file_->directory());
  }

  PersistenceOptions options_;
  Clock clock_;
  keyspace::Keyspace keyspace_{{}, clock_, 1};
  tiering::NullStore store_;
  std::unique_ptr<Logger> log_;
  std::unique_ptr<AppendOnlyFile> file_;
  LoadFigures figures_;
  std::string gathered_;
  bool wanted_ = false;
  int restarts_ = 0;
  std::vector<std::string> ran_;
};

TEST_F(AppendOnlyFileTest, AFirstStartMakesABaseAndAnIncrement) {
  Begin();
  EXPECT_TRUE(wanted_);
  EXPECT_EQ(Manifest(), "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
  file_->OnEffects(Command({"set", "a", "1"}));
  EXPECT_EQ(Read(PathOf("appendonly.aof.1.incr.aof")), Command({"set", "a", "1"}));
}

TEST_F(AppendOnlyFileTest, ARewriteTurnsTheFiles) {
  Begin();
  file_->OnEffects(Command({"set", "a", "1"}));
  gathered_ = Command({"set", "b", "1"});  // before the fork, so not in the next increment
  ASSERT_TRUE(file_->BeginRewrite().ok());
  EXPECT_EQ(restarts_, 1);
  EXPECT_EQ(Read(PathOf("appendonly.aof.1.incr.aof")), Command({"set", "a", "1"}) + Command({"set", "b", "1"}));
  file_->OnEffects(Command({"set", "c", "1"}));
  EXPECT_EQ(Manifest(),
            "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n"
            "file appendonly.aof.2.incr.aof seq 2 type i\n");
  ASSERT_TRUE(file_->EndRewrite(MakeBase(), formats::AofBaseForm::kRdb).ok());
  EXPECT_EQ(Manifest(), "file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n");
  EXPECT_EQ(Read(PathOf("appendonly.aof.2.incr.aof")), Command({"set", "c", "1"}));
  file_.reset();  // waits for the files to go
  EXPECT_FALSE(fs::exists(PathOf("appendonly.aof.1.base.aof")));
  EXPECT_FALSE(fs::exists(PathOf("appendonly.aof.1.incr.aof")));
}

TEST_F(AppendOnlyFileTest, AfterAFailedRewriteBothIncrementsCount) {
  Begin();
  file_->OnEffects(Command({"one"}));
  ASSERT_TRUE(file_->BeginRewrite().ok());
  file_->OnEffects(Command({"two"}));
  file_->FailRewrite();
  file_->OnEffects(Command({"three"}));
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ(ran_, (std::vector<std::string>{"file", "base", "file", "one", "file", "two", "three"}));
  ASSERT_TRUE(file_->GoOn().ok());
  ASSERT_TRUE(file_->BeginRewrite().ok());
  ASSERT_TRUE(file_->EndRewrite(MakeBase(), formats::AofBaseForm::kCommands).ok());
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ(ran_, (std::vector<std::string>{"file", "base", "file"}));
}

TEST_F(AppendOnlyFileTest, RewritesThatFailHaveToWait) {
  Begin();
  for (int failures = 1; failures <= 3; ++failures) {
    EXPECT_FALSE(file_->RewriteHasToWait());
    file_->FailRewrite();
  }
  EXPECT_TRUE(file_->RewriteHasToWait());
  clock_.AdvanceMs(61'000);
  EXPECT_FALSE(file_->RewriteHasToWait());
  file_->FailRewrite();
  clock_.AdvanceMs(61'000);
  EXPECT_TRUE(file_->RewriteHasToWait());
}

TEST_F(AppendOnlyFileTest, TurnedOnWhileItRuns) {
  Open();
  ASSERT_TRUE(file_->TurnOn().ok());
  EXPECT_FALSE(wanted_) << "not before the fork";
  ASSERT_TRUE(file_->BeginRewrite().ok());
  EXPECT_TRUE(wanted_);
  file_->OnEffects(Command({"set", "a", "1"}));
  EXPECT_EQ(Manifest(), "") << "nothing counts without a base";
  ASSERT_TRUE(file_->EndRewrite(MakeBase(), formats::AofBaseForm::kRdb).ok());
  EXPECT_EQ(Manifest(), "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
  EXPECT_EQ(Read(PathOf("appendonly.aof.1.incr.aof")), Command({"set", "a", "1"}));
  file_->TurnOff();
  EXPECT_FALSE(wanted_);
}

TEST_F(AppendOnlyFileTest, GrowthAsksForARewrite) {
  options_.aof_rewrite_min_bytes = 1000;
  Begin();
  file_->OnEffects(std::string(900, 'x'));
  EXPECT_EQ(file_->GrowthThatAsksForRewrite(), 0);
  file_->OnEffects(std::string(900, 'x'));
  EXPECT_GT(file_->GrowthThatAsksForRewrite(), 100);
  options_.aof_rewrite_percentage = 0;
  EXPECT_EQ(file_->GrowthThatAsksForRewrite(), 0);
}

TEST_F(AppendOnlyFileTest, WhatCannotBeWrittenIsKept) {
  BackgroundWorker worker("test");
  AofWriter writer(options_, worker, clock_, *this, *log_);
  ASSERT_TRUE(writer.Open("/dev/full").ok());
  writer.Append(std::string("first"));
  writer.Write();
  EXPECT_EQ(writer.status().code(), StatusCode::kNoSpace);
  writer.Append(std::string(" second"));
  writer.Write();
  EXPECT_EQ(writer.buffered_bytes(), 12u);
  EXPECT_FALSE(writer.Sync().ok());
}

TEST_F(AppendOnlyFileTest, UnderEverySecondAThreadSyncsAfterOne) {
  BackgroundWorker worker("test");
  AofWriter writer(options_, worker, clock_, *this, *log_);
  ASSERT_TRUE(writer.Open(options_.dir + "/file").ok());
  writer.Append(std::string("a"));
  writer.Write();
  EXPECT_EQ(Read(options_.dir + "/file"), "a") << "written at once";
  EXPECT_EQ(worker.pending(), 0u);
  clock_.AdvanceMs(1100);
  writer.Cron();
  worker.Drain();
  EXPECT_TRUE(writer.status().ok());
}

TEST_F(AppendOnlyFileTest, TimestampsStandInFrontOfASecondsCommands) {
  options_.aof_timestamps = true;
  Begin();
  file_->OnEffects(Command({"one"}));
  file_->OnEffects(Command({"two"}));
  clock_.AdvanceMs(1000);
  file_->OnEffects(Command({"three"}));
  EXPECT_EQ(Read(PathOf("appendonly.aof.1.incr.aof")),
            "#TS:1700000000\r\n" + Command({"one"}) + Command({"two"}) + "#TS:1700000001\r\n" + Command({"three"}));
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ(ran_, (std::vector<std::string>{"file", "base", "file", "one", "two", "three"}));
}

TEST_F(AppendOnlyFileTest, ATailThatIsNotWholeIsCut) {
  Begin();
  const std::string whole = Command({"one", "1"}) + Command({"MULTI"}) + Command({"two"}) + Command({"EXEC"});
  const std::string last = Command({"multi"}) + Command({"three", "3"}) + Command({"exec"});
  file_.reset();
  const std::string path = PathOf("appendonly.aof.1.incr.aof");
  for (size_t bytes = 1; bytes < last.size(); ++bytes) {
    Write(path, whole + last.substr(0, bytes));
    options_.aof_load_truncated = false;
    const Status refused = Load();
    EXPECT_EQ(refused.code(), StatusCode::kCorruption);
    EXPECT_NE(refused.message().find(path), std::string::npos) << refused.message();
    options_.aof_load_truncated = true;
    ASSERT_TRUE(Load().ok()) << bytes;
    EXPECT_EQ(ran_, (std::vector<std::string>{"file", "base", "file", "one 1", "two"}));
    EXPECT_EQ(Read(path), whole);
  }
}

TEST_F(AppendOnlyFileTest, OnlyTheLastFileMayEndEarly) {
  Begin();
  ASSERT_TRUE(file_->BeginRewrite().ok());
  file_.reset();
  const std::string first = Command({"one", "1"});
  Write(PathOf("appendonly.aof.1.incr.aof"), first.substr(0, first.size() - 1));
  const Status refused = Load();
  EXPECT_EQ(refused.code(), StatusCode::kCorruption);
  EXPECT_NE(refused.message().find("appendonly.aof.1.incr.aof"), std::string::npos) << refused.message();
}

TEST_F(AppendOnlyFileTest, WhatIsDamagedIsRefused) {
  Begin();
  file_.reset();
  const std::string path = PathOf("appendonly.aof.1.incr.aof");
  for (const std::string& text : {std::string("*1\r\n$3\r\nabcde"), Command({"one"}) + "x", Command({"bad"})}) {
    Write(path, text);
    const Status refused = Load();
    EXPECT_EQ(refused.code(), StatusCode::kCorruption) << text;
    EXPECT_NE(refused.message().find(path), std::string::npos) << refused.message();
  }
  fs::remove(path);
  EXPECT_EQ(Load().code(), StatusCode::kCorruption);
  Write(PathOf("appendonly.aof.manifest"), "file a seq 1 type x\n");
  EXPECT_EQ(Load().code(), StatusCode::kCorruption);
}

TEST_F(AppendOnlyFileTest, TheOneFileOfOlderServersIsTakenOver) {
  const std::string single = options_.dir + "/appendonly.aof";
  Write(single, Command({"old"}));
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ(ran_, (std::vector<std::string>{"file", "old"}));
  EXPECT_FALSE(fs::exists(single));
  EXPECT_EQ(Manifest(), "file appendonly.aof seq 1 type b\n");
  // Ended between the manifest and the move.
  fs::rename(PathOf("appendonly.aof"), single);
  ASSERT_TRUE(Load().ok());
  EXPECT_EQ(ran_, (std::vector<std::string>{"file", "old"}));
  ASSERT_TRUE(file_->GoOn().ok());
  EXPECT_EQ(Manifest(), "file appendonly.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n");
}

}  // namespace
}  // namespace tidemark::persistence
