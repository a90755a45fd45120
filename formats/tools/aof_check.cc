#include "formats/tools/aof_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/numbers.h"
#include "base/quoting.h"
#include "formats/command_reader.h"
#include "formats/tools/rdb_check.h"
#include "formats/tools/stdio_source.h"

namespace tidemark::formats {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

bool HasRdbMagic(std::string_view text) {
  return text.starts_with("REDIS") || text.starts_with("VALKEY");
}

class Check {
 public:
  Check(const AofCheckTarget& target, const AofCheckOptions& options) : target_(target), options_(options) {}

  AofVerdict Run() {
    const bool cuts = options_.fix || options_.until.has_value();
    file_.reset(std::fopen(target_.path.c_str(), cuts ? "r+b" : "rb"));
    struct stat status = {};
    if (!file_ || fstat(fileno(file_.get()), &status) != 0) return Abort("Cannot open file " + target_.path + Why());
    size_ = static_cast<uint64_t>(status.st_size);
    if (size_ == 0) return AofVerdict::kEmpty;
    StdioSource source(file_.get());
    RdbEnd behind;
    if (BeginsAsRdb(target_.path)) {
      std::optional<RdbEnd> end = CheckRdb(source, target_.name);
      if (!end) {
        std::printf("RDB preamble of AOF file is not sane, aborting.\n");
        return AofVerdict::kCannotCheck;
      }
      std::printf("RDB preamble is OK, proceeding with AOF tail...\n");
      behind = std::move(*end);
    }
    CommandReader reader(source, {.offset = behind.offset, .prefix = behind.rest});
    return ReadCommands(reader);
  }

 private:
  AofVerdict ReadCommands(CommandReader& reader) {
    for (;;) {
      if (!in_transaction_) sound_bytes_ = reader.end_offset();
      switch (reader.Next()) {
        case CommandReader::Item::kCommand:
          if (!FollowTransaction(reader)) return Conclude(reader);
          continue;
        case CommandReader::Item::kAnnotation: {
          const std::optional<AofVerdict> verdict = FollowTime(reader);
          if (verdict) return *verdict;
          continue;
        }
        case CommandReader::Item::kEnd:
          if (in_transaction_) SayProblem(reader.end_offset(), "Reached EOF before reading EXEC for MULTI");
          return Conclude(reader);
        case CommandReader::Item::kMalformed:
          if (reader.problem_offset() == reader.begin_offset()) {
            std::printf("AOF %s format error\n", target_.name.c_str());
            return Conclude(reader);
          }
          [[fallthrough]];
        case CommandReader::Item::kTruncated:
          SayProblem(reader.problem_offset(), reader.problem());
          return Conclude(reader);
        case CommandReader::Item::kFailed:
          return Abort("Failed to read from AOF " + target_.name + ": " + reader.error());
      }
    }
  }

  bool FollowTransaction(const CommandReader& reader) {
    const std::string_view command = reader.words()[0];
    const bool multi = SameWord(command, "multi");
    if (!multi && !SameWord(command, "exec")) return true;
    if (multi == in_transaction_) {
      SayProblem(reader.begin_offset(),
                 (multi ? "Unexpected MULTI in AOF " : "Unexpected EXEC in AOF ") + target_.path);
      return false;
    }
    in_transaction_ = multi;
    return true;
  }

  // A verdict, if what follows is too late.
  std::optional<AofVerdict> FollowTime(const CommandReader& reader) {
    constexpr std::string_view kTime = "TS:";
    if (!options_.until || !reader.annotation().starts_with(kTime)) return std::nullopt;
    const std::optional<int64_t> time = ParseInt64(reader.annotation().substr(kTime.size()));
    if (!time) return Abort("Invalid timestamp annotation");
    if (*time <= *options_.until) return std::nullopt;
    const uint64_t offset = in_transaction_ ? sound_bytes_ : reader.begin_offset();
    const std::string until = std::to_string(*options_.until);
    if (offset == 0) return Abort("AOF " + target_.path + " has nothing before timestamp " + until);
    const std::string what = "Failed to truncate AOF " + target_.path + " to timestamp " + until;
    if (!target_.last) {
      std::printf("%s to offset %llu because it is not the last file.\n", what.c_str(),
                  static_cast<unsigned long long>(offset));
      std::printf("To have it cut there, remove the files behind it and their lines in the manifest first.\n");
      return AofVerdict::kCannotCheck;
    }
    return Cut(offset) ? AofVerdict::kCutToTime : Abort(what + Why());
  }

  AofVerdict Conclude(const CommandReader& reader) {
    const uint64_t excess = size_ - std::min(size_, sound_bytes_);
    if (excess == 0 && options_.until) {
      std::printf("Truncate nothing in AOF %s to timestamp %lld\n", target_.name.c_str(),
                  static_cast<long long>(*options_.until));
      return AofVerdict::kValid;
    }
    std::printf("AOF analyzed: filename=%s, size=%llu, ok_up_to=%llu, ok_up_to_line=%llu, diff=%llu\n",
                target_.name.c_str(), Long(size_), Long(sound_bytes_), Long(reader.command_lines() + 1), Long(excess));
    if (excess == 0) return AofVerdict::kValid;
    return options_.fix ? Fix(excess) : AofVerdict::kInvalid;
  }

  AofVerdict Fix(uint64_t excess) {
    if (!target_.last) {
      std::printf("Failed to truncate AOF %s because it is not the last file\n", target_.name.c_str());
      return AofVerdict::kCannotCheck;
    }
    std::printf("This will shrink the AOF %s from %llu bytes, with %llu bytes, to %llu bytes\n", target_.name.c_str(),
                Long(size_), Long(excess), Long(sound_bytes_));
    std::printf("Continue? [y/N]: ");
    std::fflush(stdout);
    const int answer = std::getchar();
    if (answer != 'y' && answer != 'Y') {
      std::printf("Aborting...\n");
      return AofVerdict::kCannotCheck;
    }
    return Cut(sound_bytes_) ? AofVerdict::kFixed : Abort("Failed to truncate AOF " + target_.name + Why());
  }

  bool Cut(uint64_t bytes) {
    const int fd = fileno(file_.get());
    return ftruncate(fd, static_cast<off_t>(bytes)) == 0 && fsync(fd) == 0;
  }

  static AofVerdict Abort(const std::string& what) {
    std::printf("%s, aborting...\n", what.c_str());
    return AofVerdict::kCannotCheck;
  }
  static void SayProblem(uint64_t offset, const std::string& what) {
    std::printf("0x%16llx: %s\n", Long(offset), what.c_str());
  }
  static std::string Why() { return std::string(": ") + std::strerror(errno); }
  static unsigned long long Long(uint64_t value) { return value; }

  const AofCheckTarget& target_;
  const AofCheckOptions& options_;
  File file_;
  uint64_t size_ = 0;
  uint64_t sound_bytes_ = 0;  // up to the end of the last command outside of a transaction
  bool in_transaction_ = false;
};

}  // namespace

AofVerdict CheckAof(const AofCheckTarget& target, const AofCheckOptions& options) {
  return Check(target, options).Run();
}

bool BeginsAsRdb(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  std::array<char, 6> magic = {};
  if (!file) return false;
  return HasRdbMagic({magic.data(), std::fread(magic.data(), 1, magic.size(), file.get())});
}

}  // namespace tidemark::formats
