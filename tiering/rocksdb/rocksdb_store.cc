#include "tiering/rocksdb/rocksdb_store.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "tiering/completion_queue.h"
#include "tiering/rocksdb/cleaner.h"
#include "tiering/rocksdb/database_options.h"
#include "tiering/rocksdb/disk_gauge.h"
#include "tiering/rocksdb/record_reader.h"
#include "tiering/rocksdb/record_service.h"
#include "tiering/rocksdb/record_writer.h"
#include "tiering/rocksdb/rocksdb_status.h"
#include "tiering/rocksdb/space_map.h"
#include "tiering/rocksdb/write_budget.h"

namespace tidemark::tiering {

RocksDbStore::RocksDbStore() = default;

Result<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(const RocksDbStoreOptions& options,
                                                         std::vector<std::string>* notices) {
  std::unique_ptr<RocksDbStore> store(new RocksDbStore());
  store->space_ = std::make_unique<SpaceMap>();
  store->gauge_ = std::make_unique<DiskGauge>(options.max_bytes);
  store->completions_ = std::make_unique<CompletionQueue>();

  DatabaseSetup setup = MakeDatabaseSetup({.memory_budget_bytes = options.memory_budget_bytes,
                                           .write_budget_bytes_per_second = options.write_budget_bytes_per_second,
                                           .env = options.env},
                                          *store->gauge_);
  Result<std::unique_ptr<TierDirectory>> directory = TierDirectory::Claim(options.dir);
  if (!directory) return directory.error();
  TIDEMARK_RETURN_IF_ERROR((*directory)->CheckCheckpoint(options.manifest));
  TIDEMARK_RETURN_IF_ERROR((*directory)->RemoveAllBut({}, notices));
  (*directory)->ForgetCheckpoint();
  store->directory_ = std::move(*directory);
  ::rocksdb::DB* db = nullptr;
  const ::rocksdb::Status opened = ::rocksdb::DB::Open(setup.options, options.dir, &db);
  if (!opened.ok()) {
    return Status(FromRocksDb(opened).code(), "tier-dir " + options.dir + ": RocksDB: " + opened.ToString());
  }
  store->db_.reset(db);
  store->cache_ = setup.cache;
  store->write_budget_ = setup.write_budget;
  store->writer_ = std::make_unique<RecordWriter>(
      *db, *store->space_, *store->gauge_, *store->completions_,
      RecordWriter::Options{.compression = options.compression, .nice_increment = options.writer_nice});
  store->reader_ = std::make_unique<RecordReader>(
      *db, *store->completions_,
      RecordReader::Options{.threads = std::max(options.io_threads, 1), .nice_increment = options.reader_nice});
  store->cleaner_ = std::make_unique<Cleaner>(*db, *store->cache_, *store->space_, *store->gauge_, *store->writer_,
                                              Cleaner::Options{.nice_increment = options.cleaner_nice});
  return store;
}

RocksDbStore::~RocksDbStore() {
  if (db_ == nullptr) return;
  // A thread may be waiting for RocksDB, and RocksDB for its write budget: let go of both first.
  write_budget_->Set(0);
  ::rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/false);
  cleaner_->Stop();
  writer_->Stop();
  reader_->Stop();
  for (const auto& [token, snapshot] : pins_) db_->ReleaseSnapshot(snapshot);
  (void)db_->Close();
}

Room RocksDbStore::room() const {
  return gauge_->full() ? Room::kNo : Room::kYes;
}

void RocksDbStore::Tune(const StoreTuning& tuning) {
  gauge_->set_max_bytes(tuning.max_bytes);
  writer_->set_compression(tuning.compression);
  write_budget_->Set(tuning.write_budget_bytes_per_second);
}

std::vector<Locator> RocksDbStore::SubmitWrites(std::vector<FlashRecord> records) {
  std::vector<Locator> locators;
  std::vector<std::shared_ptr<PendingWrite>> writes;
  locators.reserve(records.size());
  writes.reserve(records.size());
  for (FlashRecord& record : records) {
    const size_t bytes = record.payload.size();
    const Locator locator = Locator::Make(++last_id_, bytes);
    writes.push_back(std::make_shared<PendingWrite>(locator, std::move(record)));
    pending_.emplace(locator.raw(), writes.back());
    locators.push_back(locator);
    account_.Add(locator, bytes);
    counters_.writes += 1;
    counters_.writes_in_flight += 1;
    counters_.write_bytes_in_flight += bytes;
  }
  writer_->Write(writes);
  return locators;
}

void RocksDbStore::SubmitReads(std::span<const Locator> locators, ReadPriority priority) {
  std::vector<Locator> to_fetch;
  to_fetch.reserve(locators.size());
  counters_.reads += locators.size();
  counters_.reads_in_flight += locators.size();
  for (const Locator locator : locators) {
    FlashCompletion completion;
    completion.kind = FlashCompletion::Kind::kRead;
    completion.locator = locator;
    const auto it = pending_.find(locator.raw());
    if (it != pending_.end() && !it->second->freed) {
      completion.type_tag = it->second->record.type_tag;
      completion.payload = it->second->record.payload;
    } else if (it != pending_.end() || locator.engine_bits() <= cleared_through_) {
      completion.status = Status::NotFound("the flash record has been freed");
    } else {
      to_fetch.push_back(locator);
      continue;
    }
    completions_->Push(std::move(completion));
  }
  reader_->Submit(to_fetch, priority);
}

Result<FlashRecord> RocksDbStore::ReadNow(Locator locator) {
  counters_.reads += 1;
  const auto it = pending_.find(locator.raw());
  if (it != pending_.end() && !it->second->freed) return it->second->record;
  Result<FlashRecord> record = Status::NotFound("the flash record has been freed");
  if (it == pending_.end() && locator.engine_bits() > cleared_through_) record = reader_->ReadNow(locator, nullptr);
  for (const auto& [token, snapshot] : pins_) {
    if (record || record.error().code() != StatusCode::kNotFound) break;
    record = reader_->ReadNow(locator, snapshot);
  }
  CountRead(record ? Status::Ok() : record.error());
  return record;
}

void RocksDbStore::Free(std::span<const Locator> locators) {
  std::vector<Locator> to_delete;
  to_delete.reserve(locators.size());
  counters_.frees += locators.size();
  for (const Locator locator : locators) {
    if (locator.engine_bits() <= cleared_through_) continue;
    const auto it = pending_.find(locator.raw());
    if (it == pending_.end()) {
      account_.Remove(locator);
      to_delete.push_back(locator);
    } else if (!it->second->freed) {
      it->second->freed = true;
      account_.Remove(locator);
      if (!it->second->Claim(PendingWrite::State::kCancelled)) to_delete.push_back(locator);
    }
  }
  writer_->Free(to_delete);
}

void RocksDbStore::Clear() {
  for (auto& [raw, write] : pending_) {
    write->freed = true;
    write->Claim(PendingWrite::State::kCancelled);
  }
  cleared_through_ = last_id_;
  account_.Clear();
  if (last_id_ == 0) return;
  writer_->ClearThrough(last_id_);
}

PinToken RocksDbStore::Pin() {
  writer_->Drain();
  cleaner_->AddPin();
  pins_.emplace(++last_pin_, db_->GetSnapshot());
  return last_pin_;
}

void RocksDbStore::Unpin(PinToken token) {
  const auto it = pins_.find(token);
  TIDEMARK_CHECK(it != pins_.end());
  db_->ReleaseSnapshot(it->second);
  pins_.erase(it);
  cleaner_->RemovePin();
}

std::unique_ptr<ForkedReader> RocksDbStore::PrepareFork(PinToken pin) {
  // Pin has waited until all that was submitted before is in RocksDB.
  return std::make_unique<RecordService>(*reader_, pins_.at(pin));
}

Status RocksDbStore::Sync() {
  return FromRocksDb(db_->Flush({}));
}

void RocksDbStore::Compact() {
  cleaner_->RequestPass();
}

int RocksDbStore::completion_fd() const {
  return completions_->fd();
}

size_t RocksDbStore::Reap(std::vector<FlashCompletion>& out, size_t max) {
  const size_t first = out.size();
  const size_t count = completions_->Reap(out, max);
  for (size_t i = first; i < out.size(); ++i) {
    if (out[i].kind == FlashCompletion::Kind::kWrite) {
      FinishWrite(out[i]);
    } else {
      counters_.reads_in_flight -= 1;
      CountRead(out[i].status);
    }
  }
  return count;
}

void RocksDbStore::FinishWrite(const FlashCompletion& completion) {
  const auto it = pending_.find(completion.locator.raw());
  TIDEMARK_CHECK(it != pending_.end());
  const size_t bytes = it->second->record.payload.size();
  counters_.writes_in_flight -= 1;
  counters_.write_bytes_in_flight -= bytes;
  if (completion.status.ok()) {
    counters_.payload_bytes_written += bytes;
  } else {
    counters_.write_errors += 1;
    if (!it->second->freed) account_.RemoveExactly(completion.locator, bytes);
  }
  pending_.erase(it);
}

void RocksDbStore::CountRead(const Status& status) {
  if (status.ok() || status.code() == StatusCode::kNotFound) return;
  counters_.read_errors += 1;
  if (status.code() == StatusCode::kCorruption) counters_.corruptions += 1;
}

FlashStats RocksDbStore::Stats() const {
  FlashStats stats = counters_;
  stats.records = account_.records();
  stats.live_payload_bytes = account_.payload_bytes();
  stats.disk_bytes = gauge_->file_bytes();
  stats.max_bytes = gauge_->max_bytes();
  stats.host_bytes_written = gauge_->host_bytes_written();
  stats.device_read_bytes = reader_->read_bytes();
  stats.host_bytes_read = stats.device_read_bytes + gauge_->host_bytes_read();
  stats.device_full = gauge_->device_full();
  stats.budget_reached = write_budget_->reached();
  stats.cleaning = cleaner_->working();
  stats.segments_cleaned = cleaner_->tables_cleaned();
  stats.moved_bytes = cleaner_->moved_bytes();
  stats.damaged_segments = cleaner_->damaged_tables();
  stats.compressed_records = writer_->compressed_records();
  stats.memory_bytes = gauge_->memory_bytes() + space_->memory_bytes();
  return stats;
}

}  // namespace tidemark::tiering
