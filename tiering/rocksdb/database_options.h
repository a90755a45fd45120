// RocksDB, sized and tuned for the flash tier: small and bounded memory, few threads, values in blob files.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tiering/rocksdb/write_budget.h"

namespace tidemark::tiering {

class DiskGauge;

struct DatabaseTuning {
  size_t memory_budget_bytes = 0;
  uint64_t write_budget_bytes_per_second = 0;  // 0 for no limit
  ::rocksdb::Env* env = nullptr;               // null for the default one
};

struct DatabaseSetup {
  ::rocksdb::Options options;
  std::shared_ptr<::rocksdb::Cache> cache;
  std::shared_ptr<WriteBudget> write_budget;
};

// `gauge` is told what RocksDB writes, by RocksDB's threads, and must outlive the database.
DatabaseSetup MakeDatabaseSetup(const DatabaseTuning& tuning, DiskGauge& gauge);

}  // namespace tidemark::tiering
