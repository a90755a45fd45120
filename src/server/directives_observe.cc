// Directives of the log, of statistics and of notifications.
#include <syslog.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/quoting.h"
#include "server/directive.h"
#include "server/list_types.h"

namespace tidemark::server {
namespace {

void SetPercentiles(Options& options, const std::string& value) {
  options.server.latency_percentiles.clear();
  const std::vector<std::string> words = *SplitWords(value);
  for (const std::string& word : words) options.server.latency_percentiles.push_back(*ParseDouble(word));
}

void SetSyslogFacility(Options& options, const std::string& value) {
  static constexpr int kLocal[] = {LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3,
                                   LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7};
  options.server.log.syslog_facility = value == "user" ? LOG_USER : kLocal[value.back() - '0'];
}

}  // namespace

void AddObserveDirectives(DirectiveTable& table) {
  table.Integer("latency-monitor-threshold", "0", {0, INT64_MAX})
      .Sets(&engine::EngineOptions::latency_monitor_threshold_ms);
  table.Bool("latency-tracking", "yes").Sets(&engine::EngineOptions::latency_tracking);
  table.Of(std::make_shared<PercentilesType>(), "latency-tracking-info-percentiles", {"50", "99", "99.9"})
      .Calls(SetPercentiles);
  table.Text("logfile", "").AtStart().Sets(&LogOptions::file);
  table.Choice("loglevel", "notice", {"debug", "verbose", "notice", "warning", "nothing"}).Sets(&LogOptions::level);
  table.Bool("syslog-enabled", "no").AtStart().Sets(&LogOptions::syslog);
  table
      .Choice("syslog-facility", "local0",
              {"user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"})
      .AtStart()
      .Calls(SetSyslogFacility);
  table.Text("syslog-ident", "redis").AtStart().Sets(&LogOptions::syslog_ident);

  table.Integer("acllog-max-len", "128", {0, INT64_MAX}).WithoutEffect();
  table.Text("availability-zone", "").WithoutEffect();
  table.Integer("commandlog-large-reply-max-len", "128", {0, INT64_MAX}).WithoutEffect();
  table.Integer("commandlog-large-request-max-len", "128", {0, INT64_MAX}).WithoutEffect();
  table.Integer("commandlog-reply-larger-than", "1048576", {-1, INT64_MAX}).WithoutEffect();
  table.Integer("commandlog-request-larger-than", "1048576", {-1, INT64_MAX}).WithoutEffect();
  table.Bool("crash-log-enabled", "yes").WithoutEffect();
  table.Bool("crash-memcheck-enabled", "yes").WithoutEffect();
  table.Bool("hide-user-data-from-log", "no").WithoutEffect();
  table.Choice("log-format", "legacy", {"legacy", "logfmt", "json"}).WithoutEffect();
  table.Choice("log-timestamp-format", "legacy", {"legacy", "iso8601", "milliseconds"}).WithoutEffect();
  table.Of(std::make_shared<EventClassesType>(), "notify-keyspace-events", {""}).WithoutEffect();
  table.Integer("tracking-table-max-keys", "1000000", {0, INT64_MAX}).WithoutEffect();
  table.Integer("watchdog-period", "0", {0, INT32_MAX}).Hidden().WithoutEffect();
  table.Integer("slowlog-log-slower-than", "10000", {-1, INT64_MAX})
      .Alias("commandlog-execution-slower-than")
      .WithoutEffect();
  table.Integer("slowlog-max-len", "128", {0, INT64_MAX}).Alias("commandlog-slow-execution-max-len").WithoutEffect();
}

}  // namespace tidemark::server
