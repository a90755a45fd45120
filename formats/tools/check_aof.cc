// tidemark-check-aof [--fix | --truncate-to-timestamp SECONDS] FILE: reads an append-only file to its end, or all that
// a manifest names, and says what is wrong with it; cuts it if it is asked to. Exit code 0 if it is sound, or is now, 1
// if not.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <ios>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/numbers.h"
#include "formats/aof_manifest.h"
#include "formats/tools/aof_check.h"

namespace {

using namespace tidemark;
using namespace tidemark::formats;

constexpr size_t kManifestBytesMax = size_t{16} << 20;

struct Arguments {
  AofCheckOptions options;
  std::string path;
};

void PrintUsage() {
  std::printf("Usage: tidemark-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n");
}

void PrintHelp() {
  PrintUsage();
  std::printf(
      "\n"
      "Checks an append-only file: a manifest and all files that it names, or a single file, which may begin with an\n"
      "RDB file. Nothing is changed unless one of these is given:\n"
      "\n"
      "  --fix                               Cut the last file behind its last whole command or transaction, if it is\n"
      "                                      damaged there. Asks before it does; keep a copy of the file.\n"
      "  --truncate-to-timestamp $timestamp  Cut the last file in front of the first command that was logged after\n"
      "                                      this Unix time, in seconds (aof-timestamp-enabled yes).\n"
      "\n"
      "The server must not be running on the files. Exit code 0 if they are sound, or are now, 1 if not.\n");
}

// Empty after having said why.
std::optional<Arguments> Parse(const std::vector<std::string>& words) {
  Arguments arguments;
  if (words.size() == 1) {
    arguments.path = words[0];
  } else if (words.size() == 2 && words[0] == "--fix") {
    arguments.options.fix = true;
    arguments.path = words[1];
  } else if (words.size() == 3 && words[0] == "--truncate-to-timestamp") {
    arguments.options.until = ParseInt64(words[1]);
    arguments.path = words[2];
    if (!arguments.options.until) {
      std::printf("Invalid timestamp, aborting...\n");
      return std::nullopt;
    }
  } else {
    PrintUsage();
    return std::nullopt;
  }
  return arguments;
}

// Says what a file turned out to be; whether it is sound now.
bool Report(AofVerdict verdict, const std::string& kind, const std::string& name, const AofCheckOptions& options) {
  switch (verdict) {
    case AofVerdict::kValid:
      std::printf("%s %s is valid\n", kind.c_str(), name.c_str());
      return true;
    case AofVerdict::kEmpty:
      std::printf("%s %s is empty\n", kind.c_str(), name.c_str());
      return true;
    case AofVerdict::kFixed:
      std::printf("Successfully truncated AOF %s\n", name.c_str());
      return true;
    case AofVerdict::kCutToTime:
      std::printf("Successfully truncated AOF %s to timestamp %lld\n", name.c_str(),
                  static_cast<long long>(*options.until));
      return true;
    case AofVerdict::kInvalid:
      std::printf("AOF %s is not valid. Use the --fix option to try fixing it.\n", name.c_str());
      return false;
    case AofVerdict::kCannotCheck:
      return false;
  }
  return false;
}

// A manifest's first line that is no comment begins with a record.
bool LooksLikeManifest(std::ifstream& file) {
  char first = 0;
  while (file.get(first) && first == '#') file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  if (!file) return false;
  file.unget();
  char begin[4] = {};
  file.read(begin, sizeof(begin));
  return file && std::string_view(begin, sizeof(begin)) == "file";
}

bool CheckParts(const Arguments& arguments, const AofManifest& manifest) {
  const size_t slash = arguments.path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : arguments.path.substr(0, slash + 1);
  const auto check = [&](const AofFile& file, const std::string& kind, bool last) {
    const AofVerdict verdict = CheckAof({file.name, folder + file.name, last}, arguments.options);
    return Report(verdict, kind, file.name, arguments.options);
  };
  if (manifest.base) {
    const char* const form = BeginsAsRdb(folder + manifest.base->name) ? "RDB" : "RESP";
    std::printf("Start to check BASE AOF (%s format).\n", form);
    if (!check(*manifest.base, "BASE AOF", manifest.increments.empty())) return false;
  }
  if (!manifest.increments.empty()) std::printf("Start to check INCR files.\n");
  for (const AofFile& file : manifest.increments) {
    if (!check(file, "INCR AOF", &file == &manifest.increments.back())) return false;
  }
  std::printf("All AOF files and manifest are valid\n");
  return true;
}

bool CheckManifest(const Arguments& arguments, std::ifstream& file) {
  std::printf("Start checking Multi Part AOF\n");
  std::string text(kManifestBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  const Result<AofManifest> manifest = text.size() > kManifestBytesMax
                                           ? Result<AofManifest>(Status::Corruption("The AOF manifest is too large"))
                                           : AofManifest::Parse(text);
  if (manifest) return CheckParts(arguments, *manifest);
  std::printf("\n*** FATAL AOF MANIFEST FILE ERROR ***\n%s\n", manifest.error().message().c_str());
  return false;
}

bool CheckSingle(const Arguments& arguments) {
  std::printf("Start checking Old-Style AOF\n");
  const AofVerdict verdict = CheckAof({arguments.path, arguments.path, true}, arguments.options);
  return Report(verdict, "AOF", arguments.path, arguments.options);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
    PrintHelp();
    return 0;
  }
  const std::optional<Arguments> arguments = Parse(words);
  if (!arguments) return 1;
  std::ifstream file(arguments->path, std::ios::binary);
  if (!file) {
    std::printf("Cannot open file %s: %s\n", arguments->path.c_str(), std::strerror(errno));
    return 1;
  }
  const bool manifest = LooksLikeManifest(file);
  file.clear();
  file.seekg(0);
  const bool sound = manifest ? CheckManifest(*arguments, file) : CheckSingle(*arguments);
  return sound ? 0 : 1;
}
