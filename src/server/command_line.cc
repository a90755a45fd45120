#include "server/command_line.h"

#include <iostream>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

#include "base/memory.h"
#include "base/quoting.h"
#include "base/version.h"
#include "commands/identity.h"
#include "commands/words.h"

namespace tidemark::server {
namespace {

using Arguments = std::span<const std::string_view>;

bool StartsOption(std::string_view argument) {
  return argument.size() > 2 && argument.starts_with("--");
}

// One directive from the front of `rest`.
ConfigLine TakeOption(Arguments& rest, size_t number) {
  ConfigLine line;
  line.number = number;
  line.text = rest[0].substr(2);
  line.words = SplitWords(line.text).value_or(std::vector<std::string>());
  rest = rest.subspan(1);
  const bool name_only = line.words.size() == 1;
  if (name_only && SameWord(line.words[0], "save") && (rest.empty() || StartsOption(rest[0]))) {
    line.words.emplace_back();
    line.text += " \"\"";
    return line;
  }
  bool first = name_only;
  while (!rest.empty() && (first || !StartsOption(rest[0]))) {
    if (!line.words.empty()) line.words.emplace_back(rest[0]);
    line.text += " " + QuoteWord(rest[0]);
    rest = rest.subspan(1);
    first = false;
  }
  return line;
}

}  // namespace

Result<StartupArguments> ParseCommandLine(int argc, const char* const* argv) {
  const std::vector<std::string_view> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  Arguments rest = arguments;
  StartupArguments result;
  if (!rest.empty() && (rest[0] == "-v" || rest[0] == "--version")) {
    result.action = StartupAction::kShowVersion;
    return result;
  }
  if (!rest.empty() && (rest[0] == "-h" || rest[0] == "--help")) {
    result.action = StartupAction::kShowHelp;
    return result;
  }
  bool from_stdin = false;
  if (!rest.empty() && rest[0] == "-") {
    from_stdin = true;
    rest = rest.subspan(1);
  } else if (!rest.empty() && !rest[0].starts_with('-')) {
    result.sources.push_back({SourceKind::kFile, std::string(rest[0]), {}});
    rest = rest.subspan(1);
  }
  // A dash may also be the last argument, behind the options.
  if (!rest.empty() && rest.back() == "-") {
    from_stdin = true;
    rest = rest.first(rest.size() - 1);
  }
  if (from_stdin) result.sources.push_back({SourceKind::kStandardInput, "", {}});

  ConfigSource options{SourceKind::kCommandLine, "", {}};
  while (!rest.empty()) {
    if (!StartsOption(rest[0])) {
      return Status::InvalidArgument("Unexpected argument '" + std::string(rest[0]) +
                                     "': directives begin with two dashes, see --help");
    }
    options.lines.push_back(TakeOption(rest, options.lines.size() + 1));
  }
  if (!options.lines.empty()) result.sources.push_back(std::move(options));
  return result;
}

void ReadStandardInput(StartupArguments& arguments) {
  for (ConfigSource& source : arguments.sources) {
    if (source.kind != SourceKind::kStandardInput) continue;
    source.lines = ReadLines(std::string(std::istreambuf_iterator<char>(std::cin), {}));
  }
}

std::string VersionText() {
  return "Tidemark server v=" + std::string(Version()) + " redis_version=" + std::string(commands::kRedisVersion) +
         " malloc=" + MemoryAccount::AllocatorName() + " bits=" + std::to_string(sizeof(void*) * 8) + "\n";
}

std::string HelpText() {
  return "Usage: tidemark-server [/path/to/tidemark.conf] [--directive value ...] [-]\n"
         "       tidemark-server -                  the configuration comes from standard input\n"
         "       tidemark-server -v | --version\n"
         "       tidemark-server -h | --help\n"
         "\n"
         "Every directive of the configuration file can be given as an option; options win over the file.\n"
         "conf/tidemark.conf describes them all.\n"
         "\n"
         "Examples:\n"
         "       tidemark-server conf/tidemark.conf\n"
         "       tidemark-server conf/tidemark.conf --port 7777 --maxmemory 4gb\n"
         "       tidemark-server --tier-enabled yes --tier-dir /mnt/nvme/tier\n"
         "       echo 'maxmemory 128mb' | tidemark-server -\n";
}

}  // namespace tidemark::server
