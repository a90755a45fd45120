// Where configuration lines come from: a file, standard input, the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace tidemark::server {

struct ConfigLine {
  size_t number = 0;               // in its file, from 1; on the command line, of the option
  std::string text;                // as written
  std::vector<std::string> words;  // the directive's name first; empty if a quote is not closed
};

enum class SourceKind : uint8_t { kFile, kStandardInput, kCommandLine };

struct ConfigSource {
  SourceKind kind = SourceKind::kFile;
  std::string path;               // of a file
  std::vector<ConfigLine> lines;  // read already, except for a file
};

// The lines of a configuration text that say something, comments and blank lines left out.
std::vector<ConfigLine> ReadLines(std::string_view text);
Result<std::string> ReadWholeFile(const std::string& path);
// What follows an `include`: a path or a glob pattern. A pattern may match nothing.
Result<std::vector<std::string>> ExpandInclude(const std::string& pattern);

}  // namespace tidemark::server
