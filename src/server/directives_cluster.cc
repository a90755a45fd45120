// Directives of the cluster.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string_view>

#include "server/directive.h"

namespace tidemark::server {
namespace {

std::string_view CheckHostname(std::string_view text) {
  constexpr size_t kMaxBytes = 255;
  if (text.size() > kMaxBytes) return "Hostnames must be less than 256 characters";
  const auto allowed = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; };
  if (std::ranges::all_of(text, allowed)) return {};
  return "Hostnames may only contain alphanumeric characters, hyphens or dots";
}

}  // namespace

void AddClusterDirectives(DirectiveTable& table) {
  table.Bool("cluster-allow-pubsubshard-when-down", "yes").WithoutEffect();
  table.Bool("cluster-allow-reads-when-down", "no").WithoutEffect();
  table.Bool("cluster-allow-replica-migration", "yes").WithoutEffect();
  table.Integer("cluster-announce-bus-port", "0", {0, 65535}).WithoutEffect();
  table.Text("cluster-announce-client-ipv4", "").WithoutEffect();
  table.Text("cluster-announce-client-ipv6", "").WithoutEffect();
  table.Integer("cluster-announce-client-port", "0", {0, 65535}).WithoutEffect();
  table.Integer("cluster-announce-client-tls-port", "0", {0, 65535}).WithoutEffect();
  table.Text("cluster-announce-hostname", "", CheckHostname).WithoutEffect();
  table.Text("cluster-announce-human-nodename", "").WithoutEffect();
  table.Text("cluster-announce-ip", "").WithoutEffect();
  table.Integer("cluster-announce-port", "0", {0, 65535}).WithoutEffect();
  table.Integer("cluster-announce-tls-port", "0", {0, 65535}).WithoutEffect();
  table.Integer("cluster-blacklist-ttl", "60", {0, UINT64_MAX}).WithoutEffect();
  table.Integer("cluster-compatibility-sample-ratio", "0", {0, 100}).WithoutEffect();
  table.Text("cluster-config-file", "nodes.conf").AtStart().WithoutEffect();
  table.Choice("cluster-config-save-behavior", "sync", {"sync", "best-effort"}).WithoutEffect();
  table.Integer("cluster-databases", "1", {1, INT32_MAX}).AtStart().WithoutEffect();
  table.Bool("cluster-enabled", "no").AtStart().WithoutEffect();
  table.Memory("cluster-link-sendbuf-limit", "0", {0, UINT64_MAX}).WithoutEffect();
  table.Integer("cluster-manual-failover-timeout", "5000", {1, INT32_MAX}).WithoutEffect();
  table.Integer("cluster-message-gossip-perc", "10", {1, 100}).Hidden().WithoutEffect();
  table.Integer("cluster-migration-barrier", "1", {0, INT32_MAX}).WithoutEffect();
  table.Integer("cluster-node-timeout", "15000", {0, INT64_MAX}).WithoutEffect();
  table.Integer("cluster-ping-interval", "0", {0, INT64_MAX}).Hidden().WithoutEffect();
  table.Integer("cluster-port", "0", {0, 65535}).AtStart().WithoutEffect();
  table.Choice("cluster-preferred-endpoint-type", "ip", {"ip", "hostname", "unknown-endpoint"}).WithoutEffect();
  table.Bool("cluster-replica-no-failover", "no").Alias("cluster-slave-no-failover").WithoutEffect();
  table.Integer("cluster-replica-validity-factor", "10", {0, INT32_MAX})
      .Alias("cluster-slave-validity-factor")
      .WithoutEffect();
  table.Bool("cluster-require-full-coverage", "yes").WithoutEffect();
  table.Integer("cluster-slot-migration-log-max-len", "1000", {0, INT64_MAX}).WithoutEffect();
  table.Bool("cluster-slot-stats-enabled", "no").WithoutEffect();
  table.Memory("slot-migration-max-failover-repl-bytes", "0", {-1, INT64_MAX}).WithoutEffect();
}

}  // namespace tidemark::server
