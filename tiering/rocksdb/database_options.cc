#include "tiering/rocksdb/database_options.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <sys/resource.h>

#include <algorithm>

#include "tiering/rocksdb/disk_gauge.h"

namespace tidemark::tiering {
namespace {

constexpr size_t kKiB = 1024;
constexpr size_t kMiB = 1024 * kKiB;

// RocksDB's reports of what it does in the background.
class GaugeListener final : public ::rocksdb::EventListener {
 public:
  explicit GaugeListener(DiskGauge& gauge) : gauge_(gauge) {}

  void OnFlushCompleted(::rocksdb::DB*, const ::rocksdb::FlushJobInfo& info) override {
    uint64_t bytes = info.table_properties.data_size + info.table_properties.index_size;
    for (const auto& blob_file : info.blob_file_addition_infos) bytes += blob_file.total_blob_bytes;
    gauge_.AddHostBytesWritten(bytes);
  }

  void OnCompactionCompleted(::rocksdb::DB* db, const ::rocksdb::CompactionJobInfo& info) override {
    gauge_.AddHostBytesWritten(info.stats.total_output_bytes + info.stats.total_output_bytes_blob);
    gauge_.AddHostBytesRead(info.stats.total_input_bytes + info.stats.total_blob_bytes_read);
    // The cleaner, which does this otherwise, may be waiting for this very compaction.
    gauge_.Refresh(*db, nullptr);
  }

  // A value or table that cannot be read must not stop the others: a failed compaction leaves its inputs as they
  // were. A failed flush stops writes until Resume succeeds, whatever made it fail.
  void OnBackgroundError(::rocksdb::BackgroundErrorReason reason, ::rocksdb::Status* error) override {
    if (reason == ::rocksdb::BackgroundErrorReason::kCompaction) {
      *error = ::rocksdb::Status::OK();
    } else if (error->severity() > ::rocksdb::Status::kHardError) {
      *error = ::rocksdb::Status(*error, ::rocksdb::Status::kHardError);
    }
  }

 private:
  DiskGauge& gauge_;
};

int MaxOpenFiles(size_t memory_budget_bytes) {
  // An open table or blob file holds one to three KiB in RAM.
  constexpr size_t kBudgetPerFile = 8 * kKiB;
  size_t files = std::clamp<size_t>(memory_budget_bytes / kBudgetPerFile, 256, 16384);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) files = std::min<size_t>(files, limit.rlim_cur / 2);
  return static_cast<int>(files);
}

}  // namespace

DatabaseSetup MakeDatabaseSetup(const DatabaseTuning& tuning, DiskGauge& gauge) {
  DatabaseSetup setup;
  ::rocksdb::Options& options = setup.options;
  options.create_if_missing = true;
  options.env = tuning.env != nullptr ? tuning.env : ::rocksdb::Env::Default();
  options.listeners.push_back(std::make_shared<GaugeListener>(gauge));

  // One memtable fills while the other is flushed.
  options.write_buffer_size = std::clamp(tuning.memory_budget_bytes / 4, kMiB, 64 * kMiB);
  options.max_write_buffer_number = 2;
  options.arena_block_size = options.write_buffer_size / 16;
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;

  setup.cache = ::rocksdb::NewLRUCache(tuning.memory_budget_bytes / 8, /*num_shard_bits=*/1);
  ::rocksdb::BlockBasedTableOptions table;
  table.block_cache = setup.cache;
  table.cache_index_and_filter_blocks = true;
  table.block_size = 4 * kKiB;
  options.table_factory.reset(::rocksdb::NewBlockBasedTableFactory(table));
  options.max_open_files = MaxOpenFiles(tuning.memory_budget_bytes);
  options.table_cache_numshardbits = 2;

  // The tree holds references of about 30 bytes; a table of this size stands for some 30 thousand records.
  options.compression = ::rocksdb::kNoCompression;
  options.bottommost_compression = ::rocksdb::kNoCompression;
  options.target_file_size_base = kMiB;
  options.max_bytes_for_level_base = 8 * kMiB;
  options.level_compaction_dynamic_level_bytes = true;
  options.ttl = 0;
  options.periodic_compaction_seconds = 0;

  options.enable_blob_files = true;
  options.min_blob_size = 128;
  options.blob_file_size = 16 * kMiB;
  // The cleaner asks for it where it pays.
  options.enable_blob_garbage_collection = false;

  options.max_background_jobs = 2;
  options.max_subcompactions = 1;
  options.env->SetBackgroundThreads(1, ::rocksdb::Env::HIGH);
  options.env->SetBackgroundThreads(1, ::rocksdb::Env::LOW);
  (void)options.env->LowerThreadPoolCPUPriority(::rocksdb::Env::LOW, ::rocksdb::CpuPriority::kLow);

  options.writable_file_max_buffer_size = 128 * kKiB;
  options.compaction_readahead_size = 64 * kKiB;
  // RocksDB would hold one buffer per blob file that a compaction touches, which may be hundreds. The kernel reads
  // ahead instead, unless it is told that all access is random.
  options.blob_compaction_readahead_size = 0;
  options.advise_random_on_open = false;
  options.bytes_per_sync = kMiB;
  setup.write_budget = std::make_shared<WriteBudget>(tuning.write_budget_bytes_per_second);
  options.rate_limiter = setup.write_budget;

  options.avoid_flush_during_shutdown = true;
  options.max_manifest_file_size = 4 * kMiB;
  options.info_log_level = ::rocksdb::WARN_LEVEL;
  options.max_log_file_size = kMiB;
  options.keep_log_file_num = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return setup;
}

}  // namespace tidemark::tiering
