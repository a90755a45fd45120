#include "server/list_types.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "base/numbers.h"
#include "base/quoting.h"
#include "commands/words.h"

namespace tidemark::server {
namespace {

// CONFIG SET x "" comes as one empty word.
bool IsEmptyList(std::span<const std::string> words) {
  return words.empty() || (words.size() == 1 && words[0].empty());
}

std::string Join(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text.push_back(' ');
    text += word;
  }
  return text;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> words;
  commands::ForEachItem(text, ' ', [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

// A list of words in the file: the empty list has to be quoted.
std::vector<std::string> OneLine(const std::string& value) {
  return {value.empty() ? "\"\"" : value};
}

constexpr std::array<std::string_view, 3> kClientClasses = {"normal", "slave", "pubsub"};

std::optional<size_t> ClientClassIndex(std::string_view name) {
  if (SameWord(name, "replica")) name = "slave";
  for (size_t i = 0; i < kClientClasses.size(); ++i) {
    if (SameWord(name, kClientClasses[i])) return i;
  }
  return std::nullopt;
}

}  // namespace

Result<std::string> SaveType::Parse(const GivenValue& given) const {
  if (IsEmptyList(given.words)) return std::string();
  const Status bad = Status::InvalidArgument("Invalid save parameters");
  if (given.words.size() % 2 != 0) return bad;
  for (size_t i = 0; i < given.words.size(); i += 2) {
    const std::optional<int64_t> seconds = ParseInt64(given.words[i]);
    const std::optional<int64_t> changes = ParseInt64(given.words[i + 1]);
    if (!seconds || *seconds < 1 || !changes || *changes < 0 || *changes > INT32_MAX) return bad;
  }
  std::string value = Join(given.words);
  if (given.adds && !given.current.empty()) value = std::string(given.current) + " " + value;
  return value;
}

std::vector<std::string> SaveType::FileForms(const std::string& value) const {
  if (value.empty()) return OneLine(value);
  const std::vector<std::string> words = Split(value);
  std::vector<std::string> lines;
  for (size_t i = 0; i + 1 < words.size(); i += 2) lines.push_back(words[i] + " " + words[i + 1]);
  return lines;
}

Result<std::string> AddressesType::Parse(const GivenValue& given) const {
  if (IsEmptyList(given.words)) return std::string();
  if (given.words.size() > kMaxAddresses) return Status::InvalidArgument("Too many bind addresses specified.");
  return Join(given.words);
}

std::vector<std::string> AddressesType::FileForms(const std::string& value) const {
  return OneLine(value);
}

Result<std::string> OutputLimitsType::Parse(const GivenValue& given) const {
  std::vector<std::string> limits = Split(given.current);
  const std::span<const std::string> words = IsEmptyList(given.words) ? std::span<const std::string>() : given.words;
  if (limits.empty()) {
    for (const std::string_view name : kClientClasses) {
      limits.insert(limits.end(), {std::string(name), "0", "0", "0"});
    }
  }
  if (words.size() % 4 != 0) {
    return Status::InvalidArgument("Wrong number of arguments in buffer limit configuration.");
  }
  for (size_t i = 0; i < words.size(); i += 4) {
    const std::optional<size_t> index = ClientClassIndex(words[i]);
    if (!index) {
      return Status::InvalidArgument("Invalid client class specified in buffer limit configuration.");
    }
    const std::optional<uint64_t> hard = ParseMemory(words[i + 1]);
    const std::optional<uint64_t> soft = ParseMemory(words[i + 2]);
    const std::optional<int64_t> seconds = ParseInt64(words[i + 3]);
    if (!hard || !soft || !seconds || *seconds < 0) {
      return Status::InvalidArgument("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    limits[*index * 4 + 1] = std::to_string(*hard);
    limits[*index * 4 + 2] = std::to_string(*soft);
    limits[*index * 4 + 3] = std::to_string(*seconds);
  }
  return Join(limits);
}

std::vector<std::string> OutputLimitsType::FileForms(const std::string& value) const {
  const NumberType bytes(Unit::kMemory, {0, UINT64_MAX});
  const std::vector<std::string> words = Split(value);
  std::vector<std::string> lines;
  for (size_t i = 0; i + 3 < words.size(); i += 4) {
    const std::string name = words[i] == "slave" ? "replica" : words[i];
    lines.push_back(name + " " + bytes.FileForms(words[i + 1])[0] + " " + bytes.FileForms(words[i + 2])[0] + " " +
                    words[i + 3]);
  }
  return lines;
}

Result<std::string> PercentilesType::Parse(const GivenValue& given) const {
  if (IsEmptyList(given.words)) return std::string();
  std::string value;
  for (const std::string& word : given.words) {
    const std::optional<double> percentile = ParseDouble(word);
    if (!percentile) return Status::InvalidArgument("Invalid latency-tracking-info-percentiles parameters");
    if (*percentile < 0 || *percentile > 100) {
      return Status::InvalidArgument("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
    char text[32];
    std::snprintf(text, sizeof(text), "%s%.10g", value.empty() ? "" : " ", *percentile);
    value += text;
  }
  return value;
}

std::vector<std::string> PercentilesType::FileForms(const std::string& value) const {
  return OneLine(value);
}

Result<std::string> OomScoresType::Parse(const GivenValue& given) const {
  constexpr size_t kScores = 3;
  constexpr int64_t kMax = 2000;
  if (given.words.size() != kScores) return Status::InvalidArgument("wrong number of arguments");
  for (const std::string& word : given.words) {
    const std::optional<int64_t> score = ParseInt64(word);
    if (!score || *score < -kMax || *score > kMax) {
      return Status::InvalidArgument("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
  }
  return Join(given.words);
}

Result<std::string> ShutdownOptionsType::Parse(const GivenValue& given) const {
  static constexpr std::array<std::string_view, 5> kNames = {"default", "save", "nosave", "now", "force"};
  // The order in which they are shown.
  static constexpr std::array<std::string_view, 4> kShown = {"save", "nosave", "now", "force"};
  std::vector<std::string> chosen;
  for (const std::string& word : given.words) {
    const bool known = std::ranges::any_of(kNames, [&](std::string_view name) { return SameWord(word, name); });
    if (!known) return NotAmong(kNames);
  }
  if (given.words.empty()) return NotAmong(kNames);
  for (const std::string_view name : kShown) {
    if (std::ranges::any_of(given.words, [&](const std::string& word) { return SameWord(word, name); })) {
      chosen.emplace_back(name);
    }
  }
  if (chosen.size() > 1 && chosen[0] == "save" && chosen[1] == "nosave") {
    return Status::InvalidArgument("shutdown options SAVE and NOSAVE can't be used simultaneously");
  }
  return chosen.empty() ? std::string("default") : Join(chosen);
}

Result<std::string> ReplicaOfType::Parse(const GivenValue& given) const {
  if (IsEmptyList(given.words)) return std::string();
  if (given.words.size() != 2) return Status::InvalidArgument("wrong number of arguments");
  if (SameWord(given.words[0], "no") && SameWord(given.words[1], "one")) return std::string();
  const std::optional<int64_t> port = ParseInt64(given.words[1]);
  if (!port || *port < 0 || *port > 65535) return Status::InvalidArgument("Invalid master port");
  return Join(given.words);
}

std::vector<std::string> ReplicaOfType::FileForms(const std::string& value) const {
  return OneLine(value);
}

Result<std::string> EventClassesType::ParseWord(const std::string& word) const {
  // What 'A' stands for, in the order in which the letters are shown.
  static constexpr std::string_view kAll = "g$lshzxetd";
  static constexpr std::string_view kBesideAll = "n";
  static constexpr std::string_view kChannels = "KE";
  static constexpr std::string_view kMiss = "m";
  std::string letters;
  for (const char c : word) {
    if (c == 'A') {
      letters += kAll;
    } else if ((kAll.find(c) != kAll.npos) || (kBesideAll.find(c) != kAll.npos) || (kChannels.find(c) != kAll.npos) ||
               (kMiss.find(c) != kAll.npos)) {
      letters.push_back(c);
    } else {
      return Status::InvalidArgument("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    }
  }
  const auto has = [&](char c) { return letters.find(c) != std::string::npos; };
  std::string value;
  // With all of them on, the letter for new keys is not shown either: 'A' is the short form of the group.
  if (std::ranges::all_of(kAll, has)) {
    value = "A";
  } else {
    for (const std::string_view group : {kAll, kBesideAll}) std::ranges::copy_if(group, std::back_inserter(value), has);
  }
  for (const std::string_view group : {kChannels, kMiss}) std::ranges::copy_if(group, std::back_inserter(value), has);
  return value;
}

std::vector<std::string> EventClassesType::FileForms(const std::string& value) const {
  return {QuoteWord(value)};
}

Result<std::string> DirectoryType::ParseWord(const std::string& word) const {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(word, error);
  if (error) return Status::InvalidArgument(std::strerror(error.value()));
  if (!std::filesystem::is_directory(path, error)) return Status::InvalidArgument(std::strerror(ENOTDIR));
  return path.string();
}

std::vector<std::string> DirectoryType::FileForms(const std::string& value) const {
  return {QuoteWord(value)};
}

}  // namespace tidemark::server
