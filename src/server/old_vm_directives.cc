#include "server/old_vm_directives.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/numbers.h"
#include "commands/words.h"

namespace tidemark::server {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"vm-enabled", "vm-swap-file", "vm-max-memory",
                                                    "vm-pages",   "vm-page-size", "vm-max-threads"};

std::string Spelled(const std::vector<OldVmDirectives::Line>& lines) {
  std::string text;
  for (const OldVmDirectives::Line& line : lines) {
    if (!text.empty()) text += ", ";
    text += line[0] + " " + line[1];
  }
  return text;
}

}  // namespace

std::optional<Result<std::vector<OldVmDirectives::Line>>> OldVmDirectives::Translate(
    const Line& line, std::vector<std::string>& notices) {
  const std::string name = commands::Lower(line[0]);
  if (std::ranges::find(kNames, name) == kNames.end()) return std::nullopt;
  if (line.size() != 2) return Status::InvalidArgument("wrong number of arguments");
  const std::string& value = line[1];
  const auto translated = [&](std::vector<Line> lines, std::string_view why = {}) {
    std::string notice = "The directive '" + name + "' of the old virtual memory ";
    notice += lines.empty() ? "is left out" : "is taken as: " + Spelled(lines);
    if (!why.empty()) notice += " (" + std::string(why) + ")";
    notices.push_back(std::move(notice));
    return lines;
  };

  if (name == "vm-enabled") return translated({{"tier-enabled", value}});
  // Each server of old had a swap file of its own, so its name makes a directory of its own.
  if (name == "vm-swap-file") return translated({{"tier-dir", value + ".tier"}});

  const std::optional<uint64_t> number = ParseMemory(value);
  if (!number) return Status::InvalidArgument("argument must be a memory value");
  if (name == "vm-max-memory") {
    if (*number == 0) return translated({}, "maxmemory says how much stays in RAM");
    return translated({{"maxmemory", value}});
  }
  if (name == "vm-max-threads") {
    return translated({{"tier-io-threads", std::to_string(std::clamp<uint64_t>(*number, 1, 64))}});
  }
  (name == "vm-pages" ? pages_ : page_bytes_) = *number;
  if (!pages_ || !page_bytes_) return translated({}, "vm-page-size times vm-pages is the size of the tier");
  const unsigned __int128 bytes = static_cast<unsigned __int128>(*pages_) * *page_bytes_;
  if (bytes > INT64_MAX) return Status::InvalidArgument("vm-page-size times vm-pages is out of range");
  return translated({{"tier-max-size", std::to_string(static_cast<uint64_t>(bytes))}});
}

}  // namespace tidemark::server
