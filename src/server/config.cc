#include "server/config.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/check.h"
#include "base/glob.h"
#include "base/numbers.h"
#include "base/quoting.h"
#include "base/version.h"
#include "commands/words.h"
#include "server/config_rewrite.h"

namespace tidemark::server {
namespace {

using commands::Lower;

constexpr int kMaxIncludeDepth = 16;
constexpr uint64_t kDerivedMaxmemoryPercent = 60;

bool IsPattern(std::string_view text) {
  return text.find_first_of("*?[") != text.npos;
}

Status SetFailed(std::string_view name, std::string_view problem) {
  return Status::InvalidArgument("ERR CONFIG SET failed (possibly related to argument '" + std::string(name) + "') - " +
                                 std::string(problem));
}

// What is printed when a line stops the start.
Status BadLine(const ConfigSource& source, std::string_view text, size_t number, std::string_view problem) {
  std::string report = "\n*** FATAL CONFIG FILE ERROR (Tidemark " + std::string(Version()) + ") ***\n";
  switch (source.kind) {
    case SourceKind::kFile:
      report += "Reading the configuration file, at line ";
      break;
    case SourceKind::kStandardInput:
      report += "Reading the configuration from standard input, at line ";
      break;
    case SourceKind::kCommandLine:
      report += "Reading the command line, option ";
      break;
  }
  report += std::to_string(number);
  if (source.kind == SourceKind::kFile) report += " of " + source.path;
  report += "\n>>> '" + std::string(text) + "'\n" + std::string(problem) + "\n";
  return Status::InvalidArgument(std::move(report));
}

// Values of yes-or-no kind that ask for nothing.
bool AsksForNothing(std::string_view value) {
  return value.empty() || value == "no" || value == "0";
}

}  // namespace

std::string ServerConfig::DefaultOf(const Directive& directive) {
  Result<std::string> value = directive.type->Parse({directive.default_words, "", false});
  TIDEMARK_CHECK(value.has_value());
  return *value;
}

ServerConfig::ServerConfig() : table_(MakeDirectiveTable()) {
  for (const Directive& directive : table_.directives()) {
    values_.push_back({DefaultOf(directive)});
    if (directive.apply) directive.apply(options_, values_.back().text);
  }
}

std::optional<size_t> ServerConfig::Find(std::string_view name) const {
  const std::deque<Directive>& directives = table_.directives();
  for (size_t i = 0; i < directives.size(); ++i) {
    if (SameWord(directives[i].name, name)) return i;
    if (!directives[i].alias.empty() && SameWord(directives[i].alias, name)) return i;
  }
  return std::nullopt;
}

std::string_view ServerConfig::NameAsCalled(size_t index, std::string_view name) const {
  const Directive& directive = table_.directives()[index];
  return SameWord(directive.name, name) ? directive.name : directive.alias;
}

const std::string& ServerConfig::ValueOf(std::string_view name) const {
  const std::optional<size_t> index = Find(name);
  TIDEMARK_CHECK(index.has_value());
  return values_[*index].text;
}

bool ServerConfig::IsGiven(std::string_view name) const {
  const std::optional<size_t> index = Find(name);
  TIDEMARK_CHECK(index.has_value());
  return values_[*index].origin == Origin::kGiven;
}

Status ServerConfig::Assign(size_t index, std::span<const std::string> words, bool adds) {
  const Directive& directive = table_.directives()[index];
  Result<std::string> value = directive.type->Parse({words, values_[index].text, adds});
  if (!value) return value.error();
  values_[index] = {std::move(*value), Origin::kGiven};
  if (directive.apply) directive.apply(options_, values_[index].text);
  return Status::Ok();
}

// Reading at start.

Status ServerConfig::Load(const ConfigSource& source) {
  if (source.kind != SourceKind::kFile) {
    TIDEMARK_RETURN_IF_ERROR(LoadLines(source, 0));
  } else {
    TIDEMARK_RETURN_IF_ERROR(LoadFile(source.path, 0));
    std::error_code error;
    file_ = std::filesystem::absolute(source.path, error).lexically_normal().string();
  }
  return Status::Ok();
}

Status ServerConfig::LoadFile(const std::string& path, int depth) {
  const Result<std::string> text = ReadWholeFile(path);
  if (!text) return Status::IoError("Fatal error, " + text.error().message() + "\n");
  return LoadLines({SourceKind::kFile, path, ReadLines(*text)}, depth);
}

Status ServerConfig::LoadLines(const ConfigSource& source, int depth) {
  for (const ConfigLine& line : source.lines) {
    if (line.words.empty()) return BadLine(source, line.text, line.number, "Unbalanced quotes in configuration line");
    const Status loaded = LoadLine(line.words, depth);
    if (loaded.ok()) continue;
    // The report of an included file is complete already.
    if (loaded.code() == StatusCode::kIoError || loaded.message().starts_with('\n')) return loaded;
    const std::optional<size_t> index = Find(line.words[0]);
    const bool secret = index && table_.directives()[*index].secret;
    return BadLine(source, secret ? line.words[0] + " (redacted)" : line.text, line.number, loaded.message());
  }
  return Status::Ok();
}

Status ServerConfig::LoadLine(const std::vector<std::string>& words, int depth) {
  if (const std::optional<size_t> index = Find(words[0])) {
    const bool adds = values_[*index].origin == Origin::kGiven;
    // A list may stand in quotes, as one word: --save "900 1".
    if (words.size() == 2 && table_.directives()[*index].type->takes_words()) {
      if (const auto list = SplitWords(words[1])) return Assign(*index, *list, adds);
    }
    return Assign(*index, std::span(words).subspan(1), adds);
  }
  if (const std::optional<Status> special = LoadSpecialLine(words, depth)) return *special;
  if (const auto translated = old_vm_.Translate(words, notices_)) {
    if (!*translated) return translated->error();
    for (const OldVmDirectives::Line& line : **translated) TIDEMARK_RETURN_IF_ERROR(LoadLine(line, depth));
    return Status::Ok();
  }
  return Status::InvalidArgument("Bad directive or wrong number of arguments");
}

std::optional<Status> ServerConfig::LoadSpecialLine(const std::vector<std::string>& words, int depth) {
  const std::string name = Lower(words[0]);
  const Status wrong_count = Status::InvalidArgument("Bad directive or wrong number of arguments");
  if (name == "include") {
    if (words.size() != 2) return wrong_count;
    if (depth == kMaxIncludeDepth) return Status::InvalidArgument("Too many nested includes");
    const Result<std::vector<std::string>> paths = ExpandInclude(words[1]);
    if (!paths) return Status::IoError("Fatal error, " + paths.error().message() + "\n");
    for (const std::string& path : *paths) {
      if (Status loaded = LoadFile(path, depth + 1); !loaded.ok()) return loaded;
    }
    return Status::Ok();
  }
  if (name == "rename-command") {
    if (words.size() != 3) return wrong_count;
    options_.renamed_commands.emplace_back(words[1], words[2]);
    return Status::Ok();
  }
  if (name == "user") {
    // Only what the default user is anyway may be said: access lists are not kept yet, and a rule that is read but not
    // enforced would be worse than an error.
    const std::set<std::string> open_rules = {"on",
                                              "nopass",
                                              "~*",
                                              "&*",
                                              "+@all",
                                              "allkeys",
                                              "allchannels",
                                              "allcommands",
                                              "sanitize-payload",
                                              "resetchannels",
                                              "reset"};
    const bool as_it_is = words.size() >= 3 && SameWord(words[1], "default") &&
                          std::all_of(words.begin() + 2, words.end(),
                                      [&](const std::string& rule) { return open_rules.contains(Lower(rule)); });
    if (as_it_is) return Status::Ok();
    return Status::InvalidArgument("Users with access rules are not supported; requirepass sets a password for all");
  }
  if (name == "loadmodule" || name == "loadmodule-ex") {
    return Status::InvalidArgument("Modules are not supported");
  }
  // Redis reads these three and does nothing with them.
  if (name == "list-max-ziplist-entries" || name == "list-max-ziplist-value" || name == "lua-replicate-commands") {
    return words.size() == 2 ? Status::Ok() : wrong_count;
  }
  return std::nullopt;
}

void ServerConfig::NoteDirectivesWithoutEffect() {
  for (size_t i = 0; i < values_.size(); ++i) {
    const Directive& directive = table_.directives()[i];
    if (!directive.without_effect || values_[i].origin == Origin::kDefault || AsksForNothing(values_[i].text)) continue;
    if (values_[i].text == DefaultOf(directive)) continue;
    notices_.push_back("The directive '" + std::string(directive.name) +
                       "' is accepted but has no effect in this version");
  }
}

void ServerConfig::ApplyDerivedDefaults(uint64_t system_memory_bytes) {
  if (options_.tier.enabled && !IsGiven("maxmemory")) {
    const size_t index = *Find("maxmemory");
    values_[index].text = std::to_string(system_memory_bytes / 100 * kDerivedMaxmemoryPercent);
    table_.directives()[index].apply(options_, values_[index].text);
    notices_.push_back("maxmemory is not set: taking " + std::to_string(kDerivedMaxmemoryPercent) +
                       "% of the machine's memory, " + FormatMemory(options_.engine.maxmemory));
  }
  NoteDirectivesWithoutEffect();
}

// CONFIG.

void ServerConfig::OnChange(std::initializer_list<std::string_view> names, Hook hook) {
  HookEntry& entry = hooks_.emplace_back();
  entry.hook = std::move(hook);
  for (const std::string_view name : names) {
    const std::optional<size_t> index = Find(name);
    TIDEMARK_CHECK(index.has_value());
    entry.directives.push_back(*index);
  }
}

std::vector<std::pair<std::string, std::string>> ServerConfig::Get(
    const std::vector<std::string_view>& patterns) const {
  std::vector<std::pair<std::string, std::string>> found;
  std::set<std::pair<size_t, std::string_view>> shown;
  for (const std::string_view pattern : patterns) {
    if (!IsPattern(pattern)) {
      // A full name is answered as it was asked for, whatever its case, and finds what is hidden too.
      const std::optional<size_t> index = Find(pattern);
      if (index && shown.emplace(*index, NameAsCalled(*index, pattern)).second) {
        found.emplace_back(pattern, values_[*index].text);
      }
      continue;
    }
    for (size_t i = 0; i < values_.size(); ++i) {
      const Directive& directive = table_.directives()[i];
      if (directive.hidden) continue;
      for (const std::string_view name : {directive.name, directive.alias}) {
        if (name.empty() || !GlobMatch(pattern, name, CaseRule::kIgnore) || !shown.emplace(i, name).second) continue;
        found.emplace_back(name, values_[i].text);
      }
    }
  }
  return found;
}

Status ServerConfig::Set(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  return Change(pairs, MayRestricted::kNo);
}

Status ServerConfig::SetFor(const commands::ClientState& client,
                            const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  const engine::DebugAccess access = options_.server.protected_configs;
  const bool local = client.unix_socket || client.loopback;
  const bool may = access == engine::DebugAccess::kYes || (access == engine::DebugAccess::kLocal && local);
  return Change(pairs, may ? MayRestricted::kYes : MayRestricted::kNo);
}

Result<std::vector<size_t>> ServerConfig::FindChangeable(
    const std::vector<std::pair<std::string_view, std::string_view>>& pairs, MayRestricted may) const {
  std::vector<size_t> targets;
  std::set<std::string_view> seen;
  for (const auto& [name, value] : pairs) {
    const std::optional<size_t> index = Find(name);
    if (!index) {
      return Status::InvalidArgument("ERR Unknown option or number of arguments for CONFIG SET - '" +
                                     std::string(commands::Quotable(name)) + "'");
    }
    const Directive& directive = table_.directives()[*index];
    const std::string_view called = NameAsCalled(*index, name);
    if (directive.immutable) return SetFailed(called, "can't set immutable config");
    if (directive.restricted && may == MayRestricted::kNo) return SetFailed(called, "can't set protected config");
    // By its two names a directive may be set twice, as in Redis; the last one counts.
    if (!seen.insert(called).second) return SetFailed(called, "duplicate parameter");
    targets.push_back(*index);
  }
  return targets;
}

Status ServerConfig::Change(const std::vector<std::pair<std::string_view, std::string_view>>& pairs,
                            MayRestricted may) {
  const Result<std::vector<size_t>> targets = FindChangeable(pairs, may);
  if (!targets) return targets.error();
  const Snapshot before{options_, values_};
  for (size_t i = 0; i < pairs.size(); ++i) {
    const size_t index = (*targets)[i];
    std::vector<std::string> words;
    if (table_.directives()[index].type->takes_words()) {
      commands::ForEachItem(pairs[i].second, ' ', [&](std::string_view word) { words.emplace_back(word); });
    } else {
      words.emplace_back(pairs[i].second);
    }
    if (const Status assigned = Assign(index, words, false); !assigned.ok()) {
      options_ = before.options;
      values_ = before.values;
      return SetFailed(NameAsCalled(index, pairs[i].first), assigned.message());
    }
  }
  return Announce(before);
}

Status ServerConfig::Announce(const Snapshot& before) {
  const auto changed = [&](size_t index) { return values_[index].text != before.values[index].text; };
  if (any_change_hook_) any_change_hook_();
  std::vector<const HookEntry*> called;
  for (const HookEntry& entry : hooks_) {
    const auto cause = std::ranges::find_if(entry.directives, changed);
    if (cause == entry.directives.end()) continue;
    called.push_back(&entry);
    const Status accepted = entry.hook();
    if (accepted.ok()) continue;
    options_ = before.options;
    values_ = before.values;
    if (any_change_hook_) any_change_hook_();
    for (const HookEntry* again : called) {
      if (Status restored = again->hook(); !restored.ok()) {
        notices_.push_back("After a refused CONFIG SET: " + restored.message());
      }
    }
    return SetFailed(table_.directives()[*cause].name, accepted.message());
  }
  return Status::Ok();
}

std::vector<std::string> ServerConfig::FileLines(size_t index) const {
  const Directive& directive = table_.directives()[index];
  std::vector<std::string> lines = directive.type->FileForms(values_[index].text);
  for (std::string& line : lines) line = std::string(directive.name) + " " + line;
  return lines;
}

Status ServerConfig::Rewrite() {
  if (file_.empty()) return Status::InvalidArgument("ERR The server is running without a config file");
  std::vector<RewriteEntry> entries;
  for (size_t i = 0; i < values_.size(); ++i) {
    const Directive& directive = table_.directives()[i];
    RewriteEntry& entry = entries.emplace_back();
    entry.names.push_back(directive.name);
    if (!directive.alias.empty()) entry.names.push_back(directive.alias);
    entry.lines = FileLines(i);
    entry.must_appear =
        values_[i].origin == Origin::kGiven && (directive.kept_in_file || values_[i].text != DefaultOf(directive));
  }
  const Result<std::string> old_text = ReadWholeFile(file_);
  const std::string text = RewriteConfigText(old_text ? *old_text : std::string(), entries);
  const Status written = ReplaceFile(file_, text);
  if (!written.ok()) return Status::IoError("ERR Rewriting config file: " + written.message());
  return Status::Ok();
}

}  // namespace tidemark::server
