// Directives of listening, of connections and of clients.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/quoting.h"
#include "server/directive.h"
#include "server/list_types.h"

namespace tidemark::server {
namespace {

using engine::EngineOptions;
using net::NetOptions;

void SetBind(Options& options, const std::string& value) {
  options.net.bind = *SplitWords(value);
  options.engine.bind_is_default = value == "* -::*";
}

// The value is "class hard soft seconds" for each class, in bytes.
void SetOutputLimits(Options& options, const std::string& value) {
  const std::vector<std::string> words = *SplitWords(value);
  for (size_t i = 0; i + 3 < words.size(); i += 4) {
    const engine::OutputLimit limit{*ParseUint64(words[i + 1]), *ParseUint64(words[i + 2]), *ParseInt64(words[i + 3])};
    if (words[i] == "normal") options.engine.output_limit_normal = limit;
    if (words[i] == "slave") options.engine.output_limit_replica = limit;
    if (words[i] == "pubsub") options.engine.output_limit_pubsub = limit;
  }
}

void SetSocketPermissions(Options& options, const std::string& value) {
  options.net.unix_socket_perm = static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 8));
}

}  // namespace

void AddNetworkDirectives(DirectiveTable& table) {
  table.Of(std::make_shared<AddressesType>(), "bind", {"*", "-::*"}).Calls(SetBind);
  table
      .Of(std::make_shared<OutputLimitsType>(), "client-output-buffer-limit",
          {"normal", "0", "0", "0", "replica", "256mb", "64mb", "60", "pubsub", "32mb", "8mb", "60"})
      .Calls(SetOutputLimits);
  table.Memory("client-query-buffer-limit", "1gb", {1048576, INT64_MAX}).Sets(&EngineOptions::query_buffer_limit_bytes);
  table.Integer("maxclients", "10000", {1, UINT32_MAX}).Sets(&EngineOptions::maxclients);
  table.Integer("port", "6379", {0, 65535}).Sets(&NetOptions::port);
  table.Bool("protected-mode", "yes").Sets(&EngineOptions::protected_mode);
  table.Memory("proto-max-bulk-len", "512mb", {1048576, INT64_MAX}).Sets(&EngineOptions::proto_max_bulk_bytes);
  table.Integer("tcp-backlog", "511", {0, INT32_MAX}).AtStart().Sets(&NetOptions::tcp_backlog);
  table.Integer("tcp-keepalive", "300", {0, INT32_MAX}).Sets(&NetOptions::tcp_keepalive_seconds);
  table.Integer("timeout", "0", {0, INT32_MAX}).Sets(&EngineOptions::idle_timeout_seconds);
  table.Text("unixsocket", "").AtStart().Sets(&NetOptions::unix_socket);
  table.Of(std::make_shared<NumberType>(Unit::kOctal, Bounds{0, 0777}), "unixsocketperm", {"0"})
      .AtStart()
      .Calls(SetSocketPermissions);

  table.Text("bind-source-addr", "").WithoutEffect();
  table.Integer("client-default-resp", "2", {2, 3}).AtStart().Hidden().WithoutEffect();
  table.Integer("events-per-io-thread", "2", {0, INT32_MAX}).Hidden().WithoutEffect();
  table.Integer("io-threads", "1", {1, 128}).AtStart().WithoutEffect();
  table.Bool("io-threads-always-active", "no").Hidden().WithoutEffect();
  table.Bool("io-threads-do-reads", "no").AtStart().WithoutEffect();
  table.Integer("max-new-connections-per-cycle", "10", {1, 1000}).WithoutEffect();
  table.Integer("max-new-tls-connections-per-cycle", "1", {1, 1000}).WithoutEffect();
  table.Integer("min-io-threads-avoid-copy-reply", "7", {0, INT32_MAX}).Hidden().WithoutEffect();
  table.Integer("min-string-size-avoid-copy-reply", "16384", {0, INT32_MAX}).Hidden().WithoutEffect();
  table.Integer("min-string-size-avoid-copy-reply-threaded", "65536", {0, INT32_MAX}).Hidden().WithoutEffect();
  table.Bool("mptcp", "no").AtStart().WithoutEffect();
  table.Integer("prefetch-batch-max-size", "16", {0, 128}).WithoutEffect();
  table.Of(std::make_shared<AddressesType>(), "rdma-bind", {}).WithoutEffect();
  table.Integer("rdma-completion-vector", "-1", {-1, 1024}).AtStart().WithoutEffect();
  table.Integer("rdma-port", "0", {0, 65535}).WithoutEffect();
  table.Integer("rdma-rx-size", "1048576", {65536, 16777216}).AtStart().WithoutEffect();
  table.Integer("socket-mark-id", "0", {0, UINT32_MAX}).AtStart().WithoutEffect();
  table.Text("unixsocketgroup", "").AtStart().WithoutEffect();
}

}  // namespace tidemark::server
