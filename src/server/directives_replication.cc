// Directives of replication.
#include <cstdint>
#include <memory>

#include "server/directive.h"
#include "server/list_types.h"

namespace tidemark::server {

void AddReplicationDirectives(DirectiveTable& table) {
  table.Bool("dual-channel-replication-enabled", "no").WithoutEffect();
  table.Integer("min-replicas-max-lag", "10", {0, INT32_MAX}).Alias("min-slaves-max-lag").WithoutEffect();
  table.Integer("min-replicas-to-write", "0", {0, INT32_MAX}).Alias("min-slaves-to-write").WithoutEffect();
  table.Choice("propagation-error-behavior", "ignore", {"ignore", "panic", "panic-on-replicas"}).WithoutEffect();
  table.Memory("repl-backlog-size", "1mb", {1, INT64_MAX}).WithoutEffect();
  table.Integer("repl-backlog-ttl", "3600", {0, INT64_MAX}).WithoutEffect();
  table.Bool("repl-disable-tcp-nodelay", "no").WithoutEffect();
  table.Choice("repl-diskless-load", "disabled", {"disabled", "on-empty-db", "swapdb"}).WithoutEffect();
  table.Bool("repl-diskless-sync", "yes").WithoutEffect();
  table.Integer("repl-diskless-sync-delay", "5", {0, INT32_MAX}).WithoutEffect();
  table.Integer("repl-diskless-sync-max-replicas", "0", {0, INT32_MAX}).WithoutEffect();
  table.Bool("repl-mptcp", "no").AtStart().WithoutEffect();
  table.Integer("repl-ping-replica-period", "10", {1, INT32_MAX}).Alias("repl-ping-slave-period").WithoutEffect();
  table.Bool("repl-rdb-channel", "yes").Hidden().WithoutEffect();
  table.Integer("repl-timeout", "60", {1, INT32_MAX}).WithoutEffect();
  table.Text("replica-announce-ip", "").Alias("slave-announce-ip").WithoutEffect();
  table.Integer("replica-announce-port", "0", {0, 65535}).Alias("slave-announce-port").WithoutEffect();
  table.Bool("replica-announced", "yes").WithoutEffect();
  table.Memory("replica-full-sync-buffer-limit", "0", {0, INT64_MAX}).WithoutEffect();
  table.Bool("replica-ignore-disk-write-errors", "no").WithoutEffect();
  table.Bool("replica-ignore-maxmemory", "yes").Alias("slave-ignore-maxmemory").WithoutEffect();
  table.Bool("replica-lazy-flush", "no").Alias("slave-lazy-flush").WithoutEffect();
  table.Integer("replica-priority", "100", {0, INT32_MAX}).Alias("slave-priority").WithoutEffect();
  table.Bool("replica-read-only", "yes").Alias("slave-read-only").WithoutEffect();
  table.Bool("replica-serve-stale-data", "yes").Alias("slave-serve-stale-data").WithoutEffect();
  table.Of(std::make_shared<ReplicaOfType>(), "replicaof", {}).Alias("slaveof").AtStart().WithoutEffect();
  table.Text("masterauth", "").Alias("primaryauth").Secret().WithoutEffect();
  table.Text("masteruser", "").Alias("primaryuser").Secret().WithoutEffect();
}

}  // namespace tidemark::server
