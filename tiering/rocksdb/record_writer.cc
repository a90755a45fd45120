#include "tiering/rocksdb/record_writer.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "tiering/rocksdb/rocksdb_status.h"
#include "tiering/rocksdb/thread_setup.h"

namespace tidemark::tiering {
namespace {

constexpr size_t kBatchBytes = size_t{1} << 20;
constexpr size_t kBatchFrees = 1024;
constexpr int64_t kFreeDelayUs = 100 * 1000;
constexpr int64_t kRetryDelayUs = 1000 * 1000;
constexpr size_t kScratchKeptBytes = size_t{1} << 20;
// Key, header and lengths of one put inside a batch.
constexpr size_t kPutOverheadBytes = 32;

::rocksdb::Slice AsSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
::rocksdb::Slice AsSlice(const RecordKey& key) {
  return {key.data(), key.size()};
}

}  // namespace

RecordWriter::RecordWriter(::rocksdb::DB& db, SpaceMap& space, DiskGauge& gauge, CompletionQueue& completions,
                           Options options)
    : db_(db),
      space_(space),
      gauge_(gauge),
      completions_(completions),
      options_(options),
      compression_(options.compression),
      thread_([this] { Run(); }) {}

RecordWriter::~RecordWriter() {
  Stop();
}

void RecordWriter::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void RecordWriter::Write(std::span<const std::shared_ptr<PendingWrite>> writes) {
  if (writes.empty()) return;
  bool was_idle = false;
  {
    std::lock_guard lock(mutex_);
    was_idle = writes_.empty();
    writes_.insert(writes_.end(), writes.begin(), writes.end());
  }
  if (was_idle) wake_.notify_one();
}

void RecordWriter::Free(std::span<const Locator> locators) {
  if (locators.empty()) return;
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    // Once when the first arrives, so that the thread starts its wait, and once when there are enough.
    wake = frees_.empty() || (frees_.size() < kBatchFrees && frees_.size() + locators.size() >= kBatchFrees);
    if (frees_.empty()) frees_due_us_ = Clock::MonotonicUs() + kFreeDelayUs;
    frees_.insert(frees_.end(), locators.begin(), locators.end());
  }
  if (wake) wake_.notify_one();
}

void RecordWriter::ClearThrough(uint64_t id) {
  {
    std::lock_guard lock(mutex_);
    clear_through_ = id;
    frees_.clear();
  }
  wake_.notify_one();
}

void RecordWriter::Drain() {
  std::unique_lock lock(mutex_);
  drained_.wait(lock, [this] { return writes_.empty() && !busy_; });
}

void RecordWriter::Run() {
  SetUpThread("tier-write", options_.nice_increment);
  Round round;
  while (WaitForRound(round)) {
    Perform(round);
    round = {};
    std::lock_guard lock(mutex_);
    busy_ = false;
    if (writes_.empty()) drained_.notify_all();
  }
}

// Waits until there are writes, a clear, or frees that are enough or old enough; false when stopping.
bool RecordWriter::WaitForRound(Round& round) {
  std::unique_lock lock(mutex_);
  while (true) {
    if (stopping_) return false;
    const int64_t now = Clock::MonotonicUs();
    const bool may_delete = !failing() || now >= frees_due_us_;
    const bool frees_due = !frees_.empty() && (frees_.size() >= kBatchFrees || now >= frees_due_us_);
    if (!writes_.empty() || (may_delete && (frees_due || clear_through_ != 0))) {
      if (may_delete) {
        round.frees.swap(frees_);
        round.clear_through = std::exchange(clear_through_, 0);
      }
      break;
    }
    if (frees_.empty() && clear_through_ == 0) {
      wake_.wait(lock);
    } else {
      wake_.wait_for(lock, std::chrono::microseconds(std::max<int64_t>(frees_due_us_ - now, 1)));
    }
  }
  size_t bytes = 0;
  while (!writes_.empty() && bytes < kBatchBytes) {
    bytes += writes_.front()->record.payload.size();
    round.writes.push_back(std::move(writes_.front()));
    writes_.pop_front();
  }
  busy_ = true;
  return true;
}

void RecordWriter::Perform(Round& round) {
  size_t payload_bytes = 0;
  for (const auto& write : round.writes) payload_bytes += write->record.payload.size() + kPutOverheadBytes;
  ::rocksdb::WriteBatch batch(payload_bytes);
  std::string scratch;
  std::vector<FlashCompletion> done;
  done.reserve(round.writes.size());
  std::vector<std::pair<size_t, uint64_t>> put;  // index into `done`, stored bytes
  uint64_t compressed = 0;
  const Compression compression = compression_.load(std::memory_order_relaxed);

  if (round.clear_through != 0) {
    // The end of the range is exclusive.
    batch.DeleteRange(AsSlice(EncodeRecordKey(0)), AsSlice(EncodeRecordKey(round.clear_through + 1)));
  }
  for (const Locator locator : round.frees) batch.SingleDelete(AsSlice(EncodeRecordKey(locator.engine_bits())));
  for (const auto& write : round.writes) {
    FlashCompletion& completion = done.emplace_back();
    completion.kind = FlashCompletion::Kind::kWrite;
    completion.locator = write->locator;
    if (!write->Claim(PendingWrite::State::kTaken)) continue;  // freed before it was ever written
    if (write->record.payload.size() > kMaxRecordPayloadBytes) {
      completion.status = Status::InvalidArgument("the record is too large for the flash tier");
      continue;
    }
    const RecordKey key = EncodeRecordKey(write->locator.engine_bits());
    const EncodedRecord encoded = EncodeRecord(key, write->record, compression, scratch);
    if (gauge_.full() || !gauge_.Admit(encoded.bytes())) {
      completion.status = Status::NoSpace("the flash tier is full");
      continue;
    }
    compressed += encoded.compressed ? 1 : 0;
    const ::rocksdb::Slice key_parts[] = {AsSlice(key)};
    const ::rocksdb::Slice value_parts[] = {{encoded.header.data(), encoded.header.size()}, AsSlice(encoded.body)};
    batch.Put(::rocksdb::SliceParts(key_parts, 1), ::rocksdb::SliceParts(value_parts, 2));
    put.emplace_back(done.size() - 1, encoded.bytes());
    if (scratch.capacity() > kScratchKeptBytes) scratch = {};
  }

  if (batch.Count() != 0) {
    ::rocksdb::WriteOptions write_options;
    write_options.disableWAL = true;
    const ::rocksdb::Status written = db_.Write(write_options, &batch);
    failing_.store(!written.ok(), std::memory_order_relaxed);
    if (written.ok()) {
      if (round.clear_through != 0) space_.RemoveThrough(round.clear_through);
      for (const Locator locator : round.frees) space_.Remove(locator);
      for (const auto& [index, bytes] : put) space_.Add(done[index].locator, bytes);
      compressed_records_.fetch_add(compressed, std::memory_order_relaxed);
      batches_.fetch_add(1, std::memory_order_relaxed);
    } else {
      const Status status = FromRocksDb(written);
      if (status.code() == StatusCode::kNoSpace) gauge_.set_device_full(true);
      for (const auto& [index, bytes] : put) done[index].status = status;
      PutBack(round);
    }
  }
  completions_.Push(done);
}

// The records of a failed batch have been refused, but its deletes must happen some time.
void RecordWriter::PutBack(Round& round) {
  std::lock_guard lock(mutex_);
  frees_due_us_ = Clock::MonotonicUs() + kRetryDelayUs;
  frees_.insert(frees_.end(), round.frees.begin(), round.frees.end());
  clear_through_ = std::max(clear_through_, round.clear_through);
}

}  // namespace tidemark::tiering
