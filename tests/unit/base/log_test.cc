// Goal: log lines have the form that tools parse, go where they should, and come whole from many threads.
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

namespace tidemark {
namespace {

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "tidemark-log-XXXXXX";
    directory_ = mkdtemp(pattern.data());
    file_ = directory_ / "server.log";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Text() const {
    std::ifstream file(file_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path directory_;
  std::filesystem::path file_;
};

TEST_F(LogTest, LineFormat) {
  Logger log({.file = file_});
  log.Log(LogLevel::kNotice, "Ready to accept connections");
  const std::regex form("^" + std::to_string(getpid()) +
                        R"(:M \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d\.\d{3} \* )"
                        "Ready to accept connections\n$");
  EXPECT_TRUE(std::regex_match(Text(), form)) << Text();
}

TEST_F(LogTest, LevelsAndRoles) {
  Logger log({.level = LogLevel::kDebug, .file = file_});
  log.set_role(LogRole::kChild);
  log.Log(LogLevel::kDebug, "a");
  log.Log(LogLevel::kVerbose, "b");
  log.Log(LogLevel::kWarning, "c");
  log.set_level(LogLevel::kWarning);
  log.Log(LogLevel::kNotice, "dropped");
  log.set_level(LogLevel::kNothing);
  log.Log(LogLevel::kWarning, "dropped");
  EXPECT_FALSE(log.Logs(LogLevel::kWarning));
  const std::string text = Text();
  EXPECT_THAT(text, testing::HasSubstr(" . a\n"));
  EXPECT_THAT(text, testing::HasSubstr(" - b\n"));
  EXPECT_THAT(text, testing::HasSubstr(" # c\n"));
  EXPECT_THAT(text, testing::HasSubstr(":C "));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("dropped")));
}

TEST_F(LogTest, RawTextHasNoStamp) {
  Logger log({.file = file_});
  log.LogRaw(LogLevel::kNotice, "banner\n");
  EXPECT_EQ(Text(), "banner\n");
}

TEST_F(LogTest, AFileThatWasMovedAwayIsMadeAnew) {
  Logger log({.file = file_});
  log.Log(LogLevel::kNotice, "first");
  std::filesystem::rename(file_, directory_ / "old.log");
  log.Log(LogLevel::kNotice, "second");
  EXPECT_THAT(Text(), testing::EndsWith("second\n"));
}

TEST_F(LogTest, ConfigureRefusesAFileThatCannotBeOpened) {
  Logger log({.file = file_});
  const Status done = log.Configure({.file = directory_ / "missing" / "x.log"});
  EXPECT_THAT(done.message(), testing::AllOf(testing::HasSubstr("Can't open the log file"),
                                             testing::HasSubstr("No such file or directory")));
  log.Log(LogLevel::kNotice, "still here");
  EXPECT_THAT(Text(), testing::HasSubstr("still here"));
}

TEST_F(LogTest, LinesOfManyThreadsStayWhole) {
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  Logger log({.file = file_});
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < kLines; ++i)
        log.Log(LogLevel::kNotice, "<" + std::string(100, static_cast<char>('a' + t)) + ">");
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::istringstream text(Text());
  const std::regex whole(R"(.* \* <(a+|b+|c+|d+)>)");
  int count = 0;
  for (std::string line; std::getline(text, line); ++count) EXPECT_TRUE(std::regex_match(line, whole)) << line;
  EXPECT_EQ(count, kThreads * kLines);
}

}  // namespace
}  // namespace tidemark
