// Goal: commands come back from the log as they were written, through sources that give it in any pieces, behind an RDB
// file too. A log that was cut off is told apart from one that is damaged, and both from a source that fails.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "formats/command_reader.h"
#include "formats/command_writer.h"
#include "formats/rdb_reader.h"
#include "formats/rdb_writer.h"
#include "support/byte_streams.h"

namespace tidemark::formats {
namespace {

using namespace std::string_literals;
using Item = CommandReader::Item;
using Lines = std::vector<std::string>;

struct Read {
  Lines lines;  // the words of a command with bars between them; annotations with their "#"
  std::vector<uint64_t> ends;
  Item last = Item::kCommand;
  uint64_t begin = 0;
  uint64_t end = 0;
  std::string error;
};

Read ReadAll(ByteSource& source, const CommandReader::Options& options = {}) {
  CommandReader reader(source, options);
  Read read;
  uint64_t end = options.offset;
  for (;;) {
    read.last = reader.Next();
    EXPECT_EQ(reader.begin_offset(), end);
    end = reader.end_offset();
    std::string line;
    if (read.last == Item::kCommand) {
      EXPECT_FALSE(reader.words().empty());
      for (const std::string_view word : reader.words()) line.append(word).append("|");
    } else if (read.last == Item::kAnnotation) {
      line.append("#").append(reader.annotation());
    } else {
      break;
    }
    read.lines.push_back(line);
    read.ends.push_back(end);
  }
  EXPECT_EQ(reader.Next(), read.last) << "the end is final";
  read.begin = reader.begin_offset();
  read.end = reader.end_offset();
  read.error = reader.error();
  EXPECT_EQ(reader.status().ok(), read.last != Item::kFailed);
  EXPECT_EQ(read.error.empty(), read.last == Item::kEnd);
  return read;
}

Read ReadAll(std::string_view log, size_t piece = SIZE_MAX, const CommandReader::Options& options = {}) {
  StringSource source(log, piece);
  return ReadAll(source, options);
}

std::string SampleLog() {
  std::string log;
  AppendTimestamp(log, 1700000000);
  AppendCommand(log, {"SELECT", "0"});
  AppendCommand(log, {"set", "key\r\n", ""});
  log += "#a comment\n";
  AppendCommandHeader(log, 3);
  AppendWord(log, "APPEND");
  AppendIntegerWord(log, -12);
  AppendWord(log, "*$#0123456789");
  return log;
}

const Lines kSampleLines = {"#TS:1700000000", "SELECT|0|", "set|key\r\n||", "#a comment", "APPEND|-12|*$#0123456789|"};

// The other side of what is read: gives what it has, then fails.
class FailingSource : public StringSource {
 public:
  using StringSource::StringSource;
  Result<size_t> Read(char* to, size_t room) override {
    Result<size_t> read = StringSource::Read(to, room);
    if (read && *read == 0) return Status::IoError("Input/output error");
    return read;
  }
};

TEST(CommandLog, HasTheBytesOfRedis) {
  EXPECT_EQ(
      SampleLog(),
      "#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nset\r\n$5\r\nkey\r\n\r\n$0\r\n\r\n#a comment\n"
      "*3\r\n$6\r\nAPPEND\r\n$3\r\n-12\r\n$13\r\n*$#0123456789\r\n");
}

TEST(CommandLog, ComesBackInAnyPieces) {
  const std::string log = SampleLog();
  for (size_t piece = 1; piece <= log.size(); ++piece) {
    const Read read = ReadAll(log, piece);
    EXPECT_EQ(read.last, Item::kEnd);
    EXPECT_EQ(read.lines, kSampleLines);
    EXPECT_EQ(read.end, log.size());
  }
  EXPECT_EQ(ReadAll("").last, Item::kEnd);
}

TEST(CommandLog, RandomCommandsOfAllSizesComeBack) {
  constexpr uint32_t kSeed = 20251;
  std::mt19937 random(kSeed);
  const auto below = [&](uint32_t limit) { return std::uniform_int_distribution<uint32_t>(0, limit - 1)(random); };
  std::string log;
  Lines expected;
  for (int i = 0; i < 300; ++i) {
    const bool large = below(30) == 0;
    std::vector<std::string> words(1 + below(large ? 3000 : 5));
    for (std::string& word : words) {
      word.resize(below(large && words.size() < 10 ? 400000 : 50));
      for (char& c : word) c = static_cast<char>(below(256));
    }
    const std::vector<std::string_view> views(words.begin(), words.end());
    AppendCommand(log, views);
    std::string line;
    for (const std::string& word : words) line += word + "|";
    expected.push_back(line);
  }
  for (const size_t piece : {size_t{1000}, size_t{65536}, SIZE_MAX}) {
    const Read read = ReadAll(log, piece);
    ASSERT_EQ(read.last, Item::kEnd) << read.error;
    ASSERT_TRUE(read.lines == expected) << "seed " << kSeed << " piece " << piece;
  }
}

TEST(CommandLog, GoesOnBehindAnRdbFile) {
  class Ignore : public RdbHandler {
    Status OnAux(std::string_view, std::string_view) override { return Status::Ok(); }
    Status OnDatabase(uint64_t) override { return Status::Ok(); }
    Status OnFunction(std::string_view) override { return Status::Ok(); }
    Status OnKey(const RdbKey&) override { return Status::Ok(); }
    void OnSkipped(const std::string&) override {}
  };
  StringSink sink;
  RdbWriter writer(sink, {});
  writer.Begin();
  writer.AddAux("aof-base", "1");
  ASSERT_TRUE(writer.End().ok());
  const size_t rdb_bytes = sink.text.size();
  const std::string file = sink.text + SampleLog() + "*1\r\n$4\r\nPI";
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{50}, SIZE_MAX}) {
    StringSource source(file, piece);
    Ignore handler;
    RdbReader rdb(source, handler, {});
    ASSERT_TRUE(rdb.Run().ok());
    const Read read = ReadAll(source, {.offset = rdb.offset(), .prefix = rdb.rest()});
    EXPECT_EQ(read.lines, kSampleLines);
    EXPECT_EQ(read.last, Item::kTruncated);
    EXPECT_EQ(read.begin, rdb_bytes + SampleLog().size());
  }
}

TEST(CommandLog, EveryCutIsATruncation) {
  const std::string log = SampleLog();
  const Read whole = ReadAll(log);
  for (size_t bytes = 0; bytes < log.size(); ++bytes) {
    const Read read = ReadAll(std::string_view(log).substr(0, bytes));
    const bool between = bytes == 0 || std::ranges::count(whole.ends, bytes) > 0;
    ASSERT_EQ(read.last, between ? Item::kEnd : Item::kTruncated) << bytes << " " << read.error;
    ASSERT_EQ(read.begin, read.ends.empty() ? 0 : read.ends.back());
    ASSERT_EQ(read.end, bytes);
    ASSERT_TRUE(std::equal(read.lines.begin(), read.lines.end(), kSampleLines.begin()));
  }
}

TEST(CommandLog, EveryFlippedBitDoesNoHarm) {
  const std::string log = SampleLog();
  for (size_t at = 0; at < log.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = log;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      const Read read = ReadAll(damaged);
      // Only the text of words and annotations may change without anybody's noticing.
      if (read.last == Item::kEnd) {
        EXPECT_EQ(read.lines.size(), kSampleLines.size()) << at << " bit " << bit;
      }
      ASSERT_EQ(ReadAll(damaged, 3).lines, read.lines);
      ASSERT_EQ(ReadAll(damaged, 3).error, read.error);
    }
  }
}

TEST(CommandLog, WhatIsWrongIsNamedWithItsPlace) {
  const auto error_of = [](const std::string& log, Item last) {
    const Read read = ReadAll(log);
    EXPECT_EQ(read.last, last) << log;
    return read.error;
  };
  EXPECT_EQ(error_of("x", Item::kMalformed), "Expected prefix '*', got: 'x', at offset 0");
  EXPECT_EQ(error_of("*1\r\n$1\r\na\r\n\0"s, Item::kMalformed), "Expected prefix '*', got: 0x00, at offset 11");
  EXPECT_EQ(error_of("*1\r\n:1\r\n", Item::kMalformed), "Expected prefix '$', got: ':', at offset 4");
  EXPECT_EQ(error_of("*1\n$1\r\na\r\n", Item::kMalformed), "Expected \\r\\n, got: 0a24, at offset 2");
  EXPECT_EQ(error_of("*1\r\n$1\r\nabc", Item::kMalformed), "Expected \\r\\n, got: 6263, at offset 9");
  EXPECT_EQ(error_of("*1\r\n$1\r\nab", Item::kMalformed), "Expected \\r\\n, got: 62, at offset 9");
  EXPECT_EQ(error_of("*0\r\n", Item::kMalformed), "Expected a command, got one without words, at offset 0");
  EXPECT_EQ(error_of("*-1\r\n", Item::kMalformed), "Expected a number, got: '-', at offset 1");
  EXPECT_EQ(error_of("*1\r\n$-1\r\n", Item::kMalformed), "Expected a number, got: '-', at offset 5");
  EXPECT_EQ(error_of("*01\r\n", Item::kMalformed), "Expected a number without zeros in front, at offset 1");
  EXPECT_EQ(error_of("*99999999999", Item::kMalformed), "Expected a number of at most 2147483647, at offset 1");
  EXPECT_EQ(error_of("*1\r\n$68719476737", Item::kMalformed), "Expected a number of at most 68719476736, at offset 5");
  EXPECT_EQ(error_of("*1\r\n$5\r\nab", Item::kTruncated), "Expected to read 7 bytes, got 2 bytes, at offset 8");
  EXPECT_EQ(error_of("*1\r\n$5\r", Item::kTruncated), "Expected \\r\\n, got the end of the file, at offset 7");
  EXPECT_EQ(error_of("*1\r\n", Item::kTruncated), "Expected prefix '$', got the end of the file, at offset 4");
  EXPECT_EQ(error_of("#TS:1", Item::kTruncated), "Expected the end of a line, got the end of the file, at offset 5");
}

TEST(CommandLog, LinesOfAnnotationsHaveABound) {
  const std::string fits = "#" + std::string(CommandReader::kMaxAnnotationBytes - 3, 'x') + "\r\n";
  EXPECT_EQ(ReadAll(fits).last, Item::kEnd);
  const Read over = ReadAll("#" + fits);
  EXPECT_EQ(over.last, Item::kMalformed);
  EXPECT_EQ(over.error, "Expected a line of at most 1024 bytes, at offset 0");
}

TEST(CommandLog, LengthsThatLieTakeNoMemory) {
  const Read words = ReadAll("*2147483647\r\n$1\r\na\r\n");
  EXPECT_EQ(words.last, Item::kTruncated);
  const Read bytes = ReadAll("*1\r\n$536870912\r\nabc");
  EXPECT_EQ(bytes.last, Item::kTruncated);
  EXPECT_EQ(bytes.error, "Expected to read 536870914 bytes, got 3 bytes, at offset 16");
}

TEST(CommandLog, BoundsAreThoseGiven) {
  EXPECT_EQ(ReadAll("*3\r\n", 1, {.max_words = 2}).last, Item::kMalformed);
  EXPECT_EQ(ReadAll("*1\r\n$3\r\n", 1, {.max_word_bytes = 2}).last, Item::kMalformed);
  std::string log;
  AppendCommand(log, {"ab", "cd"});
  EXPECT_EQ(ReadAll(log, 1, {.max_command_bytes = log.size()}).last, Item::kEnd);
  EXPECT_EQ(ReadAll(log, 1, {.max_command_bytes = 16}).last, Item::kMalformed);
}

TEST(CommandLog, ASourceThatFailsIsNoTruncation) {
  const std::string log = SampleLog();
  for (size_t bytes = 0; bytes <= log.size(); ++bytes) {
    FailingSource source(std::string_view(log).substr(0, bytes), 5);
    const Read read = ReadAll(source);
    ASSERT_EQ(read.last, Item::kFailed) << bytes;
    ASSERT_EQ(read.error, "Input/output error");
    ASSERT_EQ(read.begin, read.ends.empty() ? 0 : read.ends.back());
  }
}

TEST(CommandLog, CountsTheLinesOfCommands) {
  const std::string log = SampleLog();
  StringSource source(log);
  CommandReader reader(source, {});
  while (reader.Next() != Item::kEnd) {
  }
  EXPECT_EQ(reader.command_lines(), 5u + 7u + 7u);
}

}  // namespace
}  // namespace tidemark::formats
