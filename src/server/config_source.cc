#include "server/config_source.h"

#include <glob.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/quoting.h"

namespace tidemark::server {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

std::vector<ConfigLine> ReadLines(std::string_view text) {
  std::vector<ConfigLine> lines;
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = Trimmed(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    std::vector<std::string> words = SplitWords(line).value_or(std::vector<std::string>());
    lines.push_back({number, std::string(line), std::move(words)});
  }
  return lines;
}

Result<std::string> ReadWholeFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  // Opening a directory succeeds; looking at its first byte does not.
  if (!file || (file.peek() == std::ifstream::traits_type::eof() && errno != 0)) {
    return Status::IoError("can't open config file '" + path + "': " + std::strerror(errno));
  }
  file.clear();
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<std::vector<std::string>> ExpandInclude(const std::string& pattern) {
  if (pattern.find_first_of("*?[") == pattern.npos) return std::vector<std::string>{pattern};
  glob_t found{};
  const int code = glob(pattern.c_str(), 0, nullptr, &found);
  std::vector<std::string> paths;
  if (code == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (code != 0 && code != GLOB_NOMATCH) return Status::IoError("can't read what '" + pattern + "' matches");
  return paths;
}

}  // namespace tidemark::server
