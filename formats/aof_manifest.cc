#include "formats/aof_manifest.h"

#include <algorithm>
#include <utility>

#include "base/numbers.h"
#include "base/quoting.h"

namespace tidemark::formats {
namespace {

constexpr const char* kBadFormat = "Invalid AOF manifest file format";

struct Record {
  AofFile file;
  char type = 0;
};

std::string_view Trim(std::string_view line) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t begin = line.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(kBlanks) - begin + 1);
}

bool IsBareName(std::string_view name) {
  constexpr std::string_view kOfPaths("/\\\0", 3);
  return name.find_first_of(kOfPaths) == std::string_view::npos && name != "." && name != "..";
}

// Takes one pair of a record. Null, or what is wrong with it.
const char* Take(std::string_view key, std::string& value, Record& record) {
  AofFile& file = record.file;
  if (SameWord(key, "file")) {
    if (!IsBareName(value)) return "File can't be a path, just a filename";
    file.name = std::move(value);
    return file.name.empty() ? kBadFormat : nullptr;
  }
  if (SameWord(key, "type")) {
    if (value.size() != 1) return "Unknown AOF file type";
    record.type = value[0];
    return nullptr;
  }
  const bool start = SameWord(key, "startoffset");
  if (!start && !SameWord(key, "endoffset") && !SameWord(key, "seq")) return nullptr;
  const std::optional<uint64_t> number = ParseUint64(value);
  if (!number) return kBadFormat;
  if (SameWord(key, "seq")) {
    file.seq = *number;
  } else {
    (start ? file.start_offset : file.end_offset) = number;
  }
  return nullptr;
}

const char* Add(Record record, AofManifest& manifest) {
  AofFile& file = record.file;
  if (file.name.empty() || file.seq == 0 || record.type == 0) return kBadFormat;
  switch (record.type) {
    case 'b':
      if (manifest.base) return "Found duplicate base file information";
      manifest.base = std::move(file);
      return nullptr;
    case 'h':
      manifest.history.push_back(std::move(file));
      return nullptr;
    case 'i':
      if (!manifest.increments.empty() && file.seq <= manifest.increments.back().seq) {
        return "Found a non-monotonic sequence number";
      }
      manifest.increments.push_back(std::move(file));
      return nullptr;
    default:
      return "Unknown AOF file type";
  }
}

const char* ReadRecord(std::string_view line, AofManifest& manifest) {
  constexpr size_t kWordsMin = 6;
  std::optional<std::vector<std::string>> words = SplitWords(line);
  if (!words || words->size() < kWordsMin || words->size() % 2 != 0) return kBadFormat;
  Record record;
  for (size_t i = 0; i < words->size(); i += 2) {
    if (const char* const wrong = Take((*words)[i], (*words)[i + 1], record); wrong != nullptr) return wrong;
  }
  return Add(std::move(record), manifest);
}

bool NeedsQuotes(std::string_view name) {
  return std::ranges::any_of(name, [](char c) { return c <= ' ' || c >= 0x7f || c == '"' || c == '\'' || c == '\\'; });
}

void RenderRecord(const AofFile& file, char type, std::string& out) {
  out += "file " + (NeedsQuotes(file.name) ? QuoteWord(file.name) : file.name);
  out += " seq " + std::to_string(file.seq) + " type " + type;
  if (file.start_offset) out += " startoffset " + std::to_string(*file.start_offset);
  if (file.end_offset) out += " endoffset " + std::to_string(*file.end_offset);
  out += '\n';
}

}  // namespace

Result<AofManifest> AofManifest::Parse(std::string_view text) {
  if (text.empty()) return Status::Corruption("Found an empty AOF manifest");
  AofManifest manifest;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const bool whole = end < text.size() && end < kMaxLineBytes;
    text.remove_prefix(std::min(text.size(), end + 1));
    if (line.starts_with('#')) continue;
    const char* const wrong = whole ? ReadRecord(Trim(line), manifest) : "The AOF manifest file contains too long line";
    if (wrong == nullptr) continue;
    return Status::Corruption("Reading the manifest file, at line " + std::to_string(number) + "\n>>> '" +
                              std::string(Trim(line).substr(0, kMaxLineBytes)) + "'\n" + wrong);
  }
  return manifest;
}

std::string AofManifest::Render() const {
  std::string text;
  if (base) RenderRecord(*base, 'b', text);
  for (const AofFile& file : history) RenderRecord(file, 'h', text);
  for (const AofFile& file : increments) RenderRecord(file, 'i', text);
  return text;
}

std::string AofManifestName(std::string_view prefix) {
  return std::string(prefix) + ".manifest";
}

std::string AofBaseName(std::string_view prefix, uint64_t seq, AofBaseForm form) {
  const char* const suffix = form == AofBaseForm::kCommands ? "aof" : form == AofBaseForm::kRdb ? "rdb" : "checkpoint";
  return std::string(prefix) + '.' + std::to_string(seq) + ".base." + suffix;
}

bool IsCheckpointBaseName(std::string_view name) {
  return name.ends_with(".base.checkpoint");
}

std::string AofIncrementName(std::string_view prefix, uint64_t seq) {
  return std::string(prefix) + '.' + std::to_string(seq) + ".incr.aof";
}

std::string AofTemporaryName(std::string_view name) {
  return "temp-" + std::string(name);
}

}  // namespace tidemark::formats
