// Directives of memory: the limit, what happens at it, how keys are aged and freed.
#include <cstdint>
#include <memory>
#include <string>

#include "server/directive.h"

namespace tidemark::server {
namespace {

using keyspace::AccessOptions;
using keyspace::KeyspaceOptions;

void SetAccessMode(Options& options, const std::string& policy) {
  options.keyspace.access.mode = policy.ends_with("-lfu") ? keyspace::AccessMode::kLfu : keyspace::AccessMode::kLru;
  options.persistence.save_idle_times = policy.ends_with("-lru");
}

}  // namespace

void AddMemoryDirectives(DirectiveTable& table) {
  table.Integer("active-expire-effort", "1", {1, 10}).Sets(&KeyspaceOptions::active_expire_effort);
  table.Bool("lazyfree-lazy-eviction", "no").Sets(&KeyspaceOptions::lazyfree_lazy_eviction);
  table.Bool("lazyfree-lazy-expire", "no").Sets(&KeyspaceOptions::lazyfree_lazy_expire);
  table.Bool("lazyfree-lazy-server-del", "no").Sets(&KeyspaceOptions::lazyfree_lazy_server_del);
  table.Bool("lazyfree-lazy-user-del", "no").Sets(&KeyspaceOptions::lazyfree_lazy_user_del);
  table.Bool("lazyfree-lazy-user-flush", "no").Sets(&KeyspaceOptions::lazyfree_lazy_user_flush);
  table.Integer("lfu-decay-time", "1", {0, INT32_MAX}).Sets(&AccessOptions::lfu_decay_minutes);
  table.Integer("lfu-log-factor", "10", {0, INT32_MAX}).Sets(&AccessOptions::lfu_log_factor);
  table.Memory("maxmemory", "0", {0, UINT64_MAX}).KeptInFile().Sets(&engine::EngineOptions::maxmemory);
  table.Integer("maxmemory-eviction-tenacity", "10", {0, 100})
      .WithoutEffect()
      .Sets(&engine::EngineOptions::maxmemory_eviction_tenacity);
  table
      .Choice("maxmemory-policy", "noeviction",
              {"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu",
               "allkeys-random", "noeviction"})
      .Sets(&engine::EngineOptions::maxmemory_policy)
      .Also(SetAccessMode);
  table.Integer("maxmemory-samples", "5", {1, INT32_MAX}).Sets(&engine::EngineOptions::maxmemory_samples);

  table.Integer("active-defrag-cycle-max", "25", {1, 99}).WithoutEffect();
  table.Integer("active-defrag-cycle-min", "1", {1, 99}).WithoutEffect();
  table.Integer("active-defrag-cycle-us", "500", {0, 100000}).WithoutEffect();
  table.Memory("active-defrag-ignore-bytes", "100mb", {1, INT64_MAX}).WithoutEffect();
  table.Integer("active-defrag-max-scan-fields", "1000", {1, INT64_MAX}).WithoutEffect();
  table.Integer("active-defrag-threshold-lower", "10", {0, 1000}).WithoutEffect();
  table.Integer("active-defrag-threshold-upper", "100", {0, 1000}).WithoutEffect();
  table.Bool("activedefrag", "no").WithoutEffect();
  table.Bool("activerehashing", "yes").WithoutEffect();
  table.Bool("jemalloc-bg-thread", "yes").WithoutEffect();
  table.Of(std::make_shared<MemoryOrPercentType>(), "maxmemory-clients", {"0"}).WithoutEffect();
}

}  // namespace tidemark::server
