// The configuration: every directive's value, where each came from, and the options of the components that follow from
// them. Read at start from a file, from standard input and from the command line; changed by CONFIG SET; written back by
// CONFIG REWRITE. Owned and used by the main thread. References to the options stay valid; their fields change.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "commands/services.h"
#include "server/config_source.h"
#include "server/directive.h"
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

  // For tests of the table.
  const DirectiveTable& table() const { return table_; }
  std::string DefaultOf(const Directive& directive) const;

 private:
  friend class RetiredDirectives;

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
  bool IsAliasOf(size_t index, std::string_view name) const;
  // Parses and stores; applies to the options.
  Status Assign(size_t index, const GivenValue& given);
  Status AssignLine(const ConfigLine& line, std::vector<bool>& seen);
  Status AssignSpecialLine(const ConfigLine& line);
  Status LoadLines(const ConfigSource& source, const std::vector<ConfigLine>& lines, std::vector<bool>& seen);
  Status Change(const std::vector<std::pair<std::string_view, std::string_view>>& pairs, MayRestricted may);
  Status CheckChangeable(const std::vector<std::pair<std::string_view, std::string_view>>& pairs, MayRestricted may,
                         std::vector<size_t>& targets) const;
  // Calls the hooks of what differs from `before`; `failed` is the directive whose hook refused.
  Status CallHooks(const Snapshot& before, size_t& failed);
  void NoteWithoutEffect();
  Options WithDefaults() const;

  DirectiveTable table_;
  std::vector<Value> values_;  // by position in the table
  Options options_;
  std::string file_;
  std::vector<std::string> notices_;
  std::vector<HookEntry> hooks_;
  std::function<void()> any_change_hook_;
};

}  // namespace tidemark::server
