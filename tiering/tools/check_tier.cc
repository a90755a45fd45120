// tidemark-check-tier DIR [--checkpoint BASE]: reads every segment of a flash tier that no server uses, record by
// record, and says what is in it and where it is damaged. With the base file of a checkpoint it also looks for the
// record of each key that the file names. Exit code 0 if all is well, 1 if not.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/checkpoint_head.h"
#include "formats/tools/stdio_source.h"
#include "tiering/tier_directory.h"
#include "tiering/valuelog/checkpoint_check.h"
#include "tiering/valuelog/segment_check.h"

namespace {

using namespace tidemark;
using namespace tidemark::tiering;
namespace fs = std::filesystem;
using Number = unsigned long long;

constexpr const char* kUsage =
    "Usage: %s <tier-dir> [--checkpoint <base-file>]\n"
    "\n"
    "Reads every record of a flash tier and verifies its checksum. With the base file of a checkpoint (*.base.rdb\n"
    "in appenddirname) it also verifies that each value that the file names is there and belongs to its key.\n"
    "The server that uses the tier must not be running. Nothing is changed.\n";

struct Arguments {
  std::string dir;
  std::string base;  // empty: none
};

std::optional<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--checkpoint" && i + 1 < argc && arguments.base.empty()) {
      arguments.base = argv[++i];
    } else if (argument.starts_with('-') || !arguments.dir.empty()) {
      return std::nullopt;
    } else {
      arguments.dir = argument;
    }
  }
  if (arguments.dir.empty()) return std::nullopt;
  return arguments;
}

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// Whether every key's record is there.
Result<bool> CheckKeys(const Arguments& arguments) {
  const auto fail = [&](const Status& why) { return Status(why.code(), arguments.base + ": " + why.message()); };
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(arguments.base.c_str(), "rb"));
  if (file == nullptr) return fail(Status::IoError(std::strerror(errno)));
  formats::StdioSource source(file.get());
  const auto head = formats::ReadCheckpointHead(source);
  if (!head) return fail(head.error());
  if (!*head) return fail(Status::InvalidArgument("is not the base file of a checkpoint"));
  std::rewind(file.get());
  const auto say = [](const std::string& line) { std::printf("%s\n", line.c_str()); };
  const Result<CheckpointReport> report = CheckCheckpoint(arguments.dir, **head, source, say);
  if (!report) return fail(report.error());
  for (const CheckpointReport::Segment& segment : report->segments) {
    std::printf("[live] %s: segment %u of generation %u, %llu records, %llu of %llu bytes\n", segment.name.c_str(),
                segment.number, segment.generation, static_cast<Number>(segment.records),
                static_cast<Number>(segment.live_bytes), static_cast<Number>(segment.bytes));
  }
  std::printf("[checkpoint] %llu keys in RAM, %llu on flash, of which %llu are there and %llu are not\n",
              static_cast<Number>(report->hot_keys), static_cast<Number>(report->cold_keys),
              static_cast<Number>(report->cold_keys - report->bad_keys), static_cast<Number>(report->bad_keys));
  std::printf("[checkpoint] %zu segments: %llu records, %llu of %llu bytes live\n", report->segments.size(),
              static_cast<Number>(report->records()), static_cast<Number>(report->live_bytes()),
              static_cast<Number>(report->bytes()));
  return report->whole();
}

// Whether every segment is undamaged.
Result<bool> CheckSegments(const std::string& dir) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, error)) {
    if (entry.path().extension() == ".segment") paths.push_back(entry.path().string());
  }
  if (error) return Status::IoError("cannot list " + dir + ": " + error.message());
  std::ranges::sort(paths);
  uint64_t records = 0;
  uint64_t bytes = 0;
  uint64_t damage = 0;
  for (const std::string& path : paths) {
    Result<SegmentFile> file = SegmentFile::Open(path, SegmentFile::kToWalk);
    if (!file) return file.error();
    const Result<SegmentReport> report = CheckSegment(*file, 0);
    if (!report) return report.error();
    std::printf("[segment] %s: generation %u, %llu records of %llu bytes in %llu\n", path.c_str(), report->generation,
                static_cast<Number>(report->records), static_cast<Number>(report->record_bytes),
                static_cast<Number>(file->bytes()));
    for (const SegmentDamage& one : report->damage) {
      std::printf("[damage] %s at offset %llu: %s\n", path.c_str(), static_cast<Number>(one.offset), one.what.c_str());
    }
    records += report->records;
    bytes += report->record_bytes;
    damage += report->damage.size();
  }
  std::printf("[total] %zu segments, %llu records of %llu bytes, damaged in %llu places\n", paths.size(),
              static_cast<Number>(records), static_cast<Number>(bytes), static_cast<Number>(damage));
  return damage == 0;
}

Result<bool> CheckAll(const Arguments& arguments) {
  const auto directory = TierDirectory::ClaimExisting(arguments.dir);
  if (!directory && directory.error().code() == StatusCode::kUnavailable) {
    return Status::Unavailable(arguments.dir + " is in use by a server: stop that first, or check a copy");
  }
  if (!directory) return directory.error();
  const Result<bool> segments = CheckSegments(arguments.dir);
  if (!segments || arguments.base.empty()) return segments;
  const Result<bool> checkpoint = CheckKeys(arguments);
  if (!checkpoint) return checkpoint;
  return *segments && *checkpoint;
}

}  // namespace

int main(int argc, char** argv) {
  const auto is_help = [](std::string_view argument) { return argument == "--help" || argument == "-h"; };
  if (std::any_of(argv + 1, argv + argc, is_help)) {
    std::printf(kUsage, argv[0]);
    return 0;
  }
  const std::optional<Arguments> arguments = ParseArguments(argc, argv);
  if (!arguments) {
    std::fprintf(stderr, kUsage, argv[0]);
    return 1;
  }
  const Result<bool> checked = CheckAll(*arguments);
  if (!checked) {
    std::fprintf(stderr, "%s\n", checked.error().message().c_str());
    return 1;
  }
  std::printf(*checked ? "The tier is undamaged.\n" : "--- DAMAGE FOUND ---\n");
  return *checked ? 0 : 1;
}
