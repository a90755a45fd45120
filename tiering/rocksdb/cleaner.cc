#include "tiering/rocksdb/cleaner.h"

#include <rocksdb/db.h>
#include <rocksdb/metadata.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "tiering/rocksdb/record_codec.h"
#include "tiering/rocksdb/thread_setup.h"

namespace tidemark::tiering {
namespace {

constexpr auto kTick = std::chrono::milliseconds(250);
constexpr int64_t kPassIntervalUs = 5'000'000;
// No writes for this long: the device has time for less urgent cleaning.
constexpr int64_t kIdleUs = 5'000'000;
// Less is not worth a pass, however large a part of the files it is.
constexpr double kMinDeadBytes = 4.0 * (1 << 20);

struct Table {
  uint64_t file_number;
  uint64_t first_id;
  uint64_t last_id;
  double dead_fraction;
  double dead_bytes;
  double live_bytes;
};

::rocksdb::CompactRangeOptions Downwards(std::atomic<bool>& canceled) {
  ::rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = ::rocksdb::BottommostLevelCompaction::kSkip;
  options.blob_garbage_collection_policy = ::rocksdb::BlobGarbageCollectionPolicy::kDisable;
  options.canceled = &canceled;
  return options;
}

::rocksdb::CompactRangeOptions MovingValues(std::atomic<bool>& canceled) {
  ::rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = ::rocksdb::BottommostLevelCompaction::kForce;
  options.blob_garbage_collection_policy = ::rocksdb::BlobGarbageCollectionPolicy::kForce;
  options.blob_garbage_collection_age_cutoff = 1.0;
  options.canceled = &canceled;
  return options;
}

// The tables below level 0 in key order, each with the ids up to where the next one begins.
std::vector<Table> ListTables(::rocksdb::DB& db, const SpaceMap& space) {
  std::vector<::rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  std::vector<Table> tables;
  for (const auto& file : files) {
    if (file.level == 0) continue;
    tables.push_back({.file_number = file.file_number,
                      .first_id = DecodeRecordKey(file.smallestkey),
                      .last_id = DecodeRecordKey(file.largestkey),
                      .dead_fraction = 0,
                      .dead_bytes = 0,
                      .live_bytes = 0});
  }
  std::sort(tables.begin(), tables.end(),
            [](const Table& left, const Table& right) { return left.first_id < right.first_id; });
  for (size_t i = 0; i < tables.size(); ++i) {
    if (i == 0) tables[i].first_id = 0;
    if (i + 1 < tables.size()) tables[i].last_id = std::max(tables[i].last_id, tables[i + 1].first_id - 1);
    const SpaceMap::Usage usage = space.Range(tables[i].first_id, tables[i].last_id);
    tables[i].dead_fraction = usage.dead_fraction();
    tables[i].dead_bytes = usage.dead_bytes();
    tables[i].live_bytes = usage.live_bytes;
  }
  return tables;
}

}  // namespace

Cleaner::Cleaner(::rocksdb::DB& db, const ::rocksdb::Cache& cache, SpaceMap& space, DiskGauge& gauge,
                 const RecordWriter& writer, Options options)
    : db_(db), cache_(cache), space_(space), gauge_(gauge), writer_(writer), options_(options), thread_([this] {
        Run();
      }) {}

Cleaner::~Cleaner() {
  Stop();
}

void Cleaner::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_.store(true);
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Cleaner::RequestPass() {
  {
    std::lock_guard lock(mutex_);
    pass_requested_ = true;
  }
  wake_.notify_one();
}

void Cleaner::Run() {
  SetUpThread("tier-clean", options_.nice_increment);
  std::unique_lock lock(mutex_);
  while (!stopping_.load()) {
    lock.unlock();
    Tick();
    lock.lock();
    wake_.wait_for(lock, kTick, [this] { return stopping_.load() || pass_requested_; });
  }
}

void Cleaner::Tick() {
  const int64_t now_us = Clock::MonotonicUs();
  if (const uint64_t batches = writer_.batches(); batches != seen_batches_) {
    seen_batches_ = batches;
    last_write_us_ = now_us;
  }
  gauge_.Refresh(db_, &cache_);
  // Resume flushes, which shows whether the device takes writes again; without an error it does nothing.
  if (writer_.failing() || gauge_.full()) gauge_.set_device_full(!db_.Resume().ok());

  if (pins_.load(std::memory_order_relaxed) > 0) return;
  bool requested = false;
  {
    std::lock_guard lock(mutex_);
    requested = std::exchange(pass_requested_, false);
  }
  if (requested) {
    Pass({.start_fraction = 0, .table_fraction = 0.05, .stop_fraction = 0.01});
    return;
  }
  const Thoroughness thoroughness = ChooseThoroughness(now_us);
  const double dead = DeadBytes();
  if (now_us >= next_pass_us_ && dead >= kMinDeadBytes &&
      dead >= thoroughness.start_fraction * static_cast<double>(gauge_.file_bytes())) {
    Pass(thoroughness);
    next_pass_us_ = Clock::MonotonicUs() + kPassIntervalUs;
  }
}

Cleaner::Thoroughness Cleaner::ChooseThoroughness(int64_t now_us) const {
  if (gauge_.full()) return {.start_fraction = 0.02, .table_fraction = 0.05, .stop_fraction = 0.01};
  if (now_us - last_write_us_ >= kIdleUs) return {.start_fraction = 0.1, .table_fraction = 0.1, .stop_fraction = 0.05};
  return {.start_fraction = 0.25, .table_fraction = 0.25, .stop_fraction = 0.1};
}

// What the map says is dead, but no more than the files hold beyond what is live: records that died in the memtable
// never reached them.
double Cleaner::DeadBytes() const {
  const SpaceMap::Usage usage = space_.Total();
  return std::min(usage.dead_bytes(), static_cast<double>(gauge_.file_bytes()) - usage.live_bytes);
}

void Cleaner::Pass(const Thoroughness& thoroughness) {
  working_.store(true, std::memory_order_relaxed);
  space_.BeginPass();
  if (CompactDown()) {
    space_.SettleDead();
    gauge_.Refresh(db_, &cache_);
    MoveSurvivors(thoroughness);
    gauge_.Refresh(db_, &cache_);
  }
  working_.store(false, std::memory_order_relaxed);
}

bool Cleaner::CompactDown() {
  return db_.Flush({}).ok() && db_.CompactRange(Downwards(stopping_), nullptr, nullptr).ok();
}

void Cleaner::MoveSurvivors(const Thoroughness& thoroughness) {
  std::vector<Table> tables = ListTables(db_, space_);
  std::sort(tables.begin(), tables.end(),
            [](const Table& left, const Table& right) { return left.dead_fraction > right.dead_fraction; });
  for (const Table& table : tables) {
    if (stopping_.load() || pins_.load(std::memory_order_relaxed) > 0) return;
    if (table.dead_fraction < thoroughness.table_fraction) return;
    if (DeadBytes() <= thoroughness.stop_fraction * static_cast<double>(gauge_.file_bytes())) return;
    if (unreadable_tables_.contains(table.file_number)) continue;
    const RecordKey first = EncodeRecordKey(table.first_id);
    const RecordKey last = EncodeRecordKey(table.last_id);
    const ::rocksdb::Slice begin(first.data(), first.size());
    const ::rocksdb::Slice end(last.data(), last.size());
    // A table that was flushed meanwhile spans many ids and would draw all of them into the move: it goes down first.
    std::string upper_tables;
    if (db_.GetProperty(::rocksdb::DB::Properties::kNumFilesAtLevelPrefix + "0", &upper_tables) &&
        upper_tables != "0" && !db_.CompactRange(Downwards(stopping_), &begin, &end).ok()) {
      return;
    }
    const ::rocksdb::Status moved = db_.CompactRange(MovingValues(stopping_), &begin, &end);
    if (moved.ok()) {
      space_.Settle(table.first_id, table.last_id);
      tables_cleaned_.fetch_add(1, std::memory_order_relaxed);
      moved_bytes_.fetch_add(static_cast<uint64_t>(table.live_bytes), std::memory_order_relaxed);
    } else if (moved.IsCorruption() || (moved.IsIOError() && !moved.IsNoSpace())) {
      unreadable_tables_.insert(table.file_number);
      damaged_tables_.fetch_add(1, std::memory_order_relaxed);
    } else {
      return;
    }
    gauge_.Refresh(db_, &cache_);
  }
}

}  // namespace tidemark::tiering
