#include "tiering/rocksdb/record_reader.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tiering/rocksdb/record_codec.h"
#include "tiering/rocksdb/rocksdb_status.h"
#include "tiering/rocksdb/thread_setup.h"

namespace tidemark::tiering {
namespace {

// The record's own checksum covers what matters; RocksDB's would be computed over the same bytes once more.
::rocksdb::ReadOptions UncheckedReads() {
  ::rocksdb::ReadOptions options;
  options.verify_checksums = false;
  return options;
}

// Bounds the memory of the values in one thread's hands and how long a client's read waits behind others.
constexpr size_t kBatchReads = 16;

::rocksdb::Slice AsSlice(const RecordKey& key) {
  return {key.data(), key.size()};
}

Result<FlashRecord> Interpret(const RecordKey& key, const ::rocksdb::Status& status,
                              const ::rocksdb::PinnableSlice& value) {
  if (!status.ok()) return FromRocksDb(status);
  return DecodeRecord(key, {value.data(), value.size()});
}

}  // namespace

RecordReader::RecordReader(::rocksdb::DB& db, CompletionQueue& completions, Options options)
    : db_(db), completions_(completions), options_(options) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this, i] { Run(i); });
}

RecordReader::~RecordReader() {
  Stop();
}

void RecordReader::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void RecordReader::Submit(std::span<const Locator> locators, ReadPriority priority) {
  if (locators.empty()) return;
  size_t to_wake = 0;
  {
    std::lock_guard lock(mutex_);
    auto& queue = priority == ReadPriority::kClient ? client_ : background_;
    queue.insert(queue.end(), locators.begin(), locators.end());
    // A thread that is awake looks again before it sleeps.
    to_wake = std::min((locators.size() + kBatchReads - 1) / kBatchReads, static_cast<size_t>(idle_threads_));
  }
  for (size_t i = 0; i < to_wake; ++i) wake_.notify_one();
}

void RecordReader::Run(int index) {
  SetUpThread(("tier-read-" + std::to_string(index)).c_str(), options_.nice_increment);
  std::vector<Locator> batch;
  std::vector<FlashCompletion> done;
  while (TakeBatch(batch)) {
    ReadBatch(batch, done);
    completions_.Push(done);
  }
}

bool RecordReader::TakeBatch(std::vector<Locator>& batch) {
  batch.clear();
  std::unique_lock lock(mutex_);
  idle_threads_ += 1;
  wake_.wait(lock, [this] { return stopping_ || !client_.empty() || !background_.empty(); });
  idle_threads_ -= 1;
  if (stopping_) return false;
  auto& queue = client_.empty() ? background_ : client_;
  const auto end = queue.begin() + static_cast<ptrdiff_t>(std::min(kBatchReads, queue.size()));
  batch.assign(queue.begin(), end);
  queue.erase(queue.begin(), end);
  return true;
}

void RecordReader::ReadBatch(std::vector<Locator>& batch, std::vector<FlashCompletion>& done) {
  std::sort(batch.begin(), batch.end(),
            [](Locator left, Locator right) { return left.engine_bits() < right.engine_bits(); });
  std::array<RecordKey, kBatchReads> keys;
  std::array<::rocksdb::Slice, kBatchReads> key_slices;
  std::array<::rocksdb::PinnableSlice, kBatchReads> values;
  std::array<::rocksdb::Status, kBatchReads> statuses;
  for (size_t i = 0; i < batch.size(); ++i) {
    keys[i] = EncodeRecordKey(batch[i].engine_bits());
    key_slices[i] = AsSlice(keys[i]);
  }
  const ::rocksdb::ReadOptions options = UncheckedReads();
  if (batch.size() == 1) {
    statuses[0] = db_.Get(options, db_.DefaultColumnFamily(), key_slices[0], &values[0]);
  } else {
    db_.MultiGet(options, db_.DefaultColumnFamily(), batch.size(), key_slices.data(), values.data(), statuses.data(),
                 /*sorted_input=*/true);
  }
  uint64_t bytes = 0;
  for (size_t i = 0; i < batch.size(); ++i) {
    bytes += values[i].size();
    FlashCompletion& completion = done.emplace_back();
    completion.kind = FlashCompletion::Kind::kRead;
    completion.locator = batch[i];
    auto record = Interpret(keys[i], statuses[i], values[i]);
    if (record) {
      completion.type_tag = record->type_tag;
      completion.payload = std::move(record->payload);
    } else {
      completion.status = record.error();
    }
  }
  read_bytes_.fetch_add(bytes, std::memory_order_relaxed);
}

Result<FlashRecord> RecordReader::ReadNow(Locator locator, const ::rocksdb::Snapshot* snapshot) {
  const RecordKey key = EncodeRecordKey(locator.engine_bits());
  ::rocksdb::ReadOptions options = UncheckedReads();
  options.snapshot = snapshot;
  ::rocksdb::PinnableSlice value;
  const ::rocksdb::Status status = db_.Get(options, db_.DefaultColumnFamily(), AsSlice(key), &value);
  read_bytes_.fetch_add(value.size(), std::memory_order_relaxed);
  return Interpret(key, status, value);
}

}  // namespace tidemark::tiering
