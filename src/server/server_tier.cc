// Opening the flash tier as the configuration and a checkpoint that is there ask for.
#include <algorithm>
#include <utility>

#include "formats/aof_manifest.h"
#include "server/server.h"
#include "tiering/null_store.h"
#include "tiering/rocksdb/rocksdb_store.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::server {
namespace {

// The store's caches and write buffers: a small share of what the server may use, within bounds.
size_t TierMemoryBudget(uint64_t maxmemory) {
  constexpr uint64_t kLeast = 8 << 20;
  constexpr uint64_t kMost = 64 << 20;
  return static_cast<size_t>(std::clamp(maxmemory / 64, kLeast, kMost));
}

}  // namespace

Status Server::CheckCheckpoint() const {
  if (!checkpoint_) return checkpoint_.error();
  if (!*checkpoint_) return Status::Ok();
  const Options& options = config_.options();
  const std::string where = options.persistence.dir + "/" + options.persistence.append_dir_name;
  const std::string found = "The append-only file in " + where + " is a checkpoint: its values are in the flash tier. ";
  if (!options.tier.enabled || options.tier.engine != tiering::Engine::kValueLog) {
    return Status::InvalidArgument(found +
                                   "Start with tier-enabled yes, tier-engine valuelog and the tier-dir of then.");
  }
  if (options.persistence.append_only) return Status::Ok();
  return Status::InvalidArgument(found +
                                 "Starting with appendonly no would throw them away. Start with appendonly yes; "
                                 "or move " +
                                 where + " away if what is in it is not needed any more.");
}

std::string Server::ManifestPath() const {
  const persistence::PersistenceOptions& options = config_.options().persistence;
  return options.dir + "/" + options.append_dir_name + "/" + formats::AofManifestName(options.append_filename);
}

Status Server::OpenTier() {
  const tiering::TierOptions& tier = config_.options().tier;
  if (!tier.enabled) {
    store_ = std::make_unique<tiering::NullStore>();
    return Status::Ok();
  }
  const std::string dir = tier.dir.starts_with('/') ? tier.dir : config_.options().server.dir + "/" + tier.dir;
  std::vector<std::string> notices;
  const Status opened =
      tier.engine == tiering::Engine::kValueLog ? OpenValueLog(dir, notices) : OpenRocksDb(dir, notices);
  for (const std::string& notice : notices) log_.Log(LogLevel::kNotice, "Flash tier: " + notice);
  if (!opened.ok()) return opened;
  const std::string device = *store_->device_name() == '\0' ? "" : std::string(" on ") + store_->device_name();
  log_.Log(LogLevel::kNotice, std::string("Flash tier: engine ") + store_->name() + device + " in " + dir);
  return Status::Ok();
}

Status Server::OpenValueLog(const std::string& dir, std::vector<std::string>& notices) {
  const tiering::TierOptions& tier = config_.options().tier;
  const tiering::StoreTuning tuning = TierTuning();
  tiering::ValueLogOptions options;
  options.dir = dir;
  options.max_bytes = tuning.max_bytes;
  options.segment_bytes = tier.segment_bytes;
  options.compression = tuning.compression;
  options.write_budget_bytes_per_second = tuning.write_budget_bytes_per_second;
  options.device = tier.device;
  options.io_threads = tier.io_threads;
  options.manifest = ManifestPath();
  if (*checkpoint_) options.keep = (*checkpoint_)->tier;
  Result<std::unique_ptr<tiering::ValueLogStore>> opened = tiering::ValueLogStore::Open(options, &notices);
  if (!opened) {
    const persistence::PersistenceOptions& files = config_.options().persistence;
    const std::string who = "The checkpoint in " + files.dir + "/" + files.append_dir_name + ": ";
    return Status(opened.error().code(), (*checkpoint_ ? who : std::string()) + opened.error().message());
  }
  store_ = std::move(*opened);
  return Status::Ok();
}

Status Server::OpenRocksDb(const std::string& dir, std::vector<std::string>& notices) {
  const tiering::TierOptions& tier = config_.options().tier;
  if (config_.options().persistence.tier_checkpoint) {
    notices.push_back("tier-checkpoint has no effect: only tier-engine valuelog makes checkpoints");
  }
  const tiering::StoreTuning tuning = TierTuning();
  tiering::RocksDbStoreOptions options;
  options.dir = dir;
  options.max_bytes = tuning.max_bytes;
  options.io_threads = tier.io_threads;
  options.manifest = ManifestPath();
  options.memory_budget_bytes = TierMemoryBudget(config_.options().engine.maxmemory);
  options.compression = tuning.compression;
  options.write_budget_bytes_per_second = tuning.write_budget_bytes_per_second;
  Result<std::unique_ptr<tiering::RocksDbStore>> opened = tiering::RocksDbStore::Open(options, &notices);
  if (!opened) return opened.error();
  store_ = std::move(*opened);
  return Status::Ok();
}

tiering::StoreTuning Server::TierTuning() const {
  const tiering::TierOptions& tier = config_.options().tier;
  return {.max_bytes = tier.max_bytes,
          .write_budget_bytes_per_second = tier.write_budget_bytes_per_second,
          .compression = tier.compression ? tiering::Compression::kSnappy : tiering::Compression::kNone};
}

}  // namespace tidemark::server
