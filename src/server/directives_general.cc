// Directives of the process: where it runs, who may change what, how it ends.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "commands/words.h"
#include "server/directive.h"
#include "server/list_types.h"

namespace tidemark::server {
namespace {

// Only the variables that the template may name.
std::string_view CheckTitleTemplate(std::string_view text) {
  static constexpr std::string_view kProblem = "template format is invalid or contains unknown variables";
  static constexpr std::string_view kVariables[] = {"title",    "listen-addr", "server-mode", "port",
                                                    "tls-port", "unixsocket",  "config-file"};
  for (size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    const size_t close = text.find('}', open);
    if (close == text.npos) return kProblem;
    if (std::ranges::find(kVariables, text.substr(open + 1, close - open - 1)) == std::end(kVariables)) return kProblem;
  }
  return {};
}

ShutdownPolicy ToShutdownPolicy(const std::string& value) {
  ShutdownPolicy policy;
  commands::ForEachItem(value, ' ', [&](std::string_view word) {
    policy.save |= word == "save";
    policy.no_save |= word == "nosave";
    policy.now |= word == "now";
    policy.force |= word == "force";
  });
  return policy;
}

}  // namespace

void AddGeneralDirectives(DirectiveTable& table) {
  table.Bool("always-show-logo", "no").AtStart().WithoutEffect().Sets(&ServerOptions::always_show_logo);
  table.Bool("daemonize", "no").AtStart().Sets(&ServerOptions::daemonize);
  table.Integer("databases", "16", {1, INT32_MAX}).AtStart().Sets(&keyspace::KeyspaceOptions::databases);
  table.Of(std::make_shared<DirectoryType>(), "dir", {"."})
      .Restricted()
      .Sets(&ServerOptions::dir)
      .Also([](Options& options, const std::string& value) { options.persistence.dir = value; });
  table.Choice("enable-debug-command", "no", {"no", "yes", "local"})
      .AtStart()
      .Sets(&engine::EngineOptions::debug_command);
  table.Choice("enable-protected-configs", "no", {"no", "yes", "local"})
      .AtStart()
      .Sets(&ServerOptions::protected_configs);
  table.Of(std::make_shared<ClampedType>(1, 500), "hz", {"10"}).Sets(&engine::EngineOptions::hz);
  table.Text("pidfile", "").AtStart().Sets(&ServerOptions::pidfile);
  table.Text("proc-title-template", "{title} {listen-addr} {server-mode}", CheckTitleTemplate)
      .WithoutEffect()
      .Sets(&ServerOptions::proc_title_template);
  table.Text("requirepass", "").Secret().Sets(&engine::EngineOptions::requirepass);
  table.Bool("set-proc-title", "yes").AtStart().WithoutEffect().Sets(&ServerOptions::set_proc_title);
  table.Of(std::make_shared<ShutdownOptionsType>(), "shutdown-on-sigint", {"default"})
      .Calls([](Options& options, const std::string& value) { options.server.on_sigint = ToShutdownPolicy(value); });
  table.Of(std::make_shared<ShutdownOptionsType>(), "shutdown-on-sigterm", {"default"})
      .Calls([](Options& options, const std::string& value) { options.server.on_sigterm = ToShutdownPolicy(value); });
  table.Choice("supervised", "no", {"upstart", "systemd", "auto", "no"})
      .AtStart()
      .WithoutEffect()
      .Sets(&ServerOptions::supervised);

  table.Choice("acl-pubsub-default", "resetchannels", {"allchannels", "resetchannels"}).WithoutEffect();
  table.Text("aclfile", "").AtStart().WithoutEffect();
  table.Text("bgsave_cpulist", "").Alias("bgsave-cpulist").AtStart().WithoutEffect();
  table.Text("bio_cpulist", "").Alias("bio-cpulist").AtStart().WithoutEffect();
  table.Integer("busy-reply-threshold", "5000", {0, INT64_MAX}).Alias("lua-time-limit").WithoutEffect();
  table.Text("debug-context", "").Hidden().WithoutEffect();
  table.Bool("disable-thp", "yes").AtStart().WithoutEffect();
  table.Bool("dynamic-hz", "yes").WithoutEffect();
  table.Bool("enable-debug-assert", "no").AtStart().Hidden().WithoutEffect();
  table.Choice("enable-module-command", "no", {"no", "yes", "local"}).AtStart().WithoutEffect();
  table.Bool("extended-redis-compatibility", "no").WithoutEffect();
  table.Text("hash-seed", "").AtStart().WithoutEffect();
  table.Text("ignore-warnings", "").WithoutEffect();
  table.Bool("import-mode", "no").WithoutEffect();
  table.Text("locale-collate", "").WithoutEffect();
  table.Choice("oom-score-adj", "no", {"no", "yes", "relative", "absolute"}).WithoutEffect();
  table.Of(std::make_shared<OomScoresType>(), "oom-score-adj-values", {"0", "200", "800"}).WithoutEffect();
  table.Text("req-res-logfile", "").AtStart().Hidden().WithoutEffect();
  table.Text("server_cpulist", "").Alias("server-cpulist").AtStart().WithoutEffect();
  table.Integer("shutdown-timeout", "10", {0, INT32_MAX}).WithoutEffect();
  table.Bool("use-exit-on-panic", "no").Hidden().WithoutEffect();
  table.Bool("lua-enable-insecure-api", "no").Alias("lua-enable-deprecated-api").Restricted().Hidden().WithoutEffect();
}

}  // namespace tidemark::server
