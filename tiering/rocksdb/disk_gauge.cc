#include "tiering/rocksdb/disk_gauge.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>

#include <string>

namespace tidemark::tiering {
namespace {

uint64_t Property(::rocksdb::DB& db, const std::string& name) {
  uint64_t value = 0;
  return db.GetIntProperty(name, &value) ? value : 0;
}

}  // namespace

void DiskGauge::Refresh(::rocksdb::DB& db, const ::rocksdb::Cache* cache) {
  using Properties = ::rocksdb::DB::Properties;
  std::lock_guard lock(mutex_);
  const uint64_t memtables = Property(db, Properties::kCurSizeAllMemTables);
  const uint64_t files = Property(db, Properties::kTotalSstFilesSize) + Property(db, Properties::kTotalBlobFileSize);
  file_bytes_.store(files, std::memory_order_relaxed);
  if (cache != nullptr) {
    memory_bytes_.store(memtables + Property(db, Properties::kEstimateTableReadersMem) + cache->GetUsage(),
                        std::memory_order_relaxed);
  }
  known_bytes_ = files + memtables;
  admitted_bytes_ = 0;
  JudgeLimit(0);
}

void DiskGauge::set_max_bytes(uint64_t max_bytes) {
  std::lock_guard lock(mutex_);
  max_bytes_.store(max_bytes, std::memory_order_relaxed);
  over_limit_.store(false, std::memory_order_relaxed);
  JudgeLimit(0);
}

bool DiskGauge::Admit(uint64_t bytes) {
  if (max_bytes() == 0) return true;
  std::lock_guard lock(mutex_);
  JudgeLimit(bytes);
  if (over_limit_.load(std::memory_order_relaxed)) return false;
  admitted_bytes_ += bytes;
  return true;
}

void DiskGauge::JudgeLimit(uint64_t incoming_bytes) {
  const uint64_t limit = max_bytes();
  if (limit == 0) return;
  const uint64_t used = known_bytes_ + admitted_bytes_;
  if (used + incoming_bytes > limit) {
    over_limit_.store(true, std::memory_order_relaxed);
  } else if (used < limit - limit / 20) {
    over_limit_.store(false, std::memory_order_relaxed);
  }
}

}  // namespace tidemark::tiering
