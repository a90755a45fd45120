// The configuration: every directive's value, where each came from, and the options of the components that follow from
// them. Read at start from a file, from standard input and from the command line; changed by CONFIG SET; written back
// by CONFIG REWRITE. Owned and used by the main thread. References to the options stay valid; their fields change.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "commands/services.h"
#include "server/config_source.h"
#include "server/directive.h"
#include "server/old_vm_directives.h"
#include "server/server_options.h"

namespace tidemark::server {

class ServerConfig : public commands::Configuration {
 public:
  // All defaults. `dir` is the working directory.
  ServerConfig();

  // At start. Reads a configuration; values of later sources win. The error's message is the whole report to print
  // before the process ends with exit code 1.
  Status Load(const ConfigSource& source);
  // After all of Load: values that follow from others or from the machine, where they were not given (maxmemory of a
  // server with a tier). What was decided is told in notices().
  void ApplyDerivedDefaults(uint64_t system_memory_bytes);
  // Lines worth logging about what was read, in order.
  const std::vector<std::string>& notices() const { return notices_; }

  const Options& options() const { return options_; }
  // The file that CONFIG REWRITE writes, absolute; empty if there is none.
  const std::string& file() const { return file_; }
  // The value as CONFIG GET shows it; the name must exist.
  const std::string& ValueOf(std::string_view name) const;
  // True if a file, the command line or CONFIG SET has set it.
  bool IsGiven(std::string_view name) const;

  // Calls `hook` after CONFIG SET has changed one of the directives, once for each CONFIG SET. If the hook answers an
  // error, the old values come back, every hook called so far is called again, and the client sees the error.
  using Hook = std::function<Status()>;
  void OnChange(std::initializer_list<std::string_view> names, Hook hook);
  // Calls `hook` whenever options may have changed, before the hooks above: for components with a copy of theirs.
  void OnAnyChange(std::function<void()> hook) { any_change_hook_ = std::move(hook); }

  // commands::Configuration
  std::vector<std::pair<std::string, std::string>> Get(const std::vector<std::string_view>& patterns) const override;
  Status Set(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) override;
  Status SetFor(const commands::ClientState& client,
                const std::vector<std::pair<std::string_view, std::string_view>>& pairs) override;
  Status Rewrite() override;

  const DirectiveTable& table() const { return table_; }
  // As CONFIG GET shows it.
  static std::string DefaultOf(const Directive& directive);

 private:
  enum class Origin : uint8_t { kDefault, kGiven };
  struct Value {
    std::string text;
    Origin origin = Origin::kDefault;
  };
  struct HookEntry {
    std::vector<size_t> directives;
    Hook hook;
  };
  // What CONFIG SET may have to take back.
  struct Snapshot {
    Options options;
    std::vector<Value> values;
  };

  enum class MayRestricted : uint8_t { kNo, kYes };

  // Index of the directive of that name or alias, any case.
  std::optional<size_t> Find(std::string_view name) const;
  // Which of its names `name` is, in lower case.
  std::string_view NameAsCalled(size_t index, std::string_view name) const;
  // Parses, stores, and hands the value to the options.
  Status Assign(size_t index, std::span<const std::string> words, bool adds);
  // Reading at start. `depth` counts nested includes.
  Status LoadFile(const std::string& path, int depth);
  Status LoadLines(const ConfigSource& source, int depth);
  Status LoadLine(const std::vector<std::string>& words, int depth);
  // Lines that are no directive: include, rename-command and their like. Nothing if `words` is none of them.
  std::optional<Status> LoadSpecialLine(const std::vector<std::string>& words, int depth);
  void NoteDirectivesWithoutEffect();

  Status Change(const std::vector<std::pair<std::string_view, std::string_view>>& pairs, MayRestricted may);
  Result<std::vector<size_t>> FindChangeable(const std::vector<std::pair<std::string_view, std::string_view>>& pairs,
                                             MayRestricted may) const;
  // Calls the hooks of what differs from `before`. An error names the directive whose hook refused; then the old values
  // are back.
  Status Announce(const Snapshot& before);
  std::vector<std::string> FileLines(size_t index) const;

  DirectiveTable table_;
  std::vector<Value> values_;  // by position in the table
  Options options_;
  std::string file_;
  std::vector<std::string> notices_;
  OldVmDirectives old_vm_;
  std::vector<HookEntry> hooks_;
  std::function<void()> any_change_hook_;
};

}  // namespace tidemark::server
