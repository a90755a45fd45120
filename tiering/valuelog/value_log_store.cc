#include "tiering/valuelog/value_log_store.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "tiering/device/segment_files.h"
#include "tiering/device/thread_device.h"
#include "tiering/device/uring_device.h"
#include "tiering/valuelog/parallel_reader.h"
#include "tiering/valuelog/record.h"

namespace tidemark::tiering {
namespace {

constexpr size_t kReadBufferBytes = 3 * Device::kAlignment;  // a value of 4 KiB that begins in the middle of a block
constexpr size_t kReadBuffersKept = 256;
// Reads begin while the buffers of those under way take less than this. More at once is not faster, and each takes at
// least kReadBufferBytes of RAM, however small the value.
constexpr size_t kReadingBytesMax = size_t{8} << 20;
// The device begins with the first of many reads while the others are still being asked for.
constexpr size_t kReadsPerKick = 16;
constexpr int64_t kShortLifeMs = 60 * 60 * 1000;
// No writes for this long: there is time for less urgent cleaning.
constexpr int64_t kIdleUs = 2'000'000;
// A segment of which less is dead is left alone even when space is short: nearly all of it would be written again.
constexpr double kWorthCleaning = 0.1;
// A record's lengths are 32 bits, and Snappy adds a little.
constexpr size_t kMaxPayloadBytes = size_t{3} << 30;

bool LacksSpace(int error) {
  return error == ENOSPC || error == EDQUOT;
}

Status DeviceFailed(const char* what, int error) {
  const StatusCode code = LacksSpace(error) ? StatusCode::kNoSpace : StatusCode::kIoError;
  return {code, std::string(what) + " the flash device failed: " + std::generic_category().message(error)};
}

Status Freed() {
  return Status::NotFound("the flash record has been freed");
}

// A limit that holds a few large segments only leaves the cleaner no choice, and the two that are kept free for it are
// a good part of the space: then they are smaller.
LogWriter::Options SizesOf(const ValueLogOptions& options) {
  constexpr uint64_t kSegmentsWanted = 128;
  constexpr uint64_t kLeast = uint64_t{1} << 20;
  LogWriter::Options sizes{.segment_bytes = options.segment_bytes, .max_bytes = options.max_bytes};
  if (options.max_bytes != 0) {
    sizes.segment_bytes = AlignDown(std::clamp(options.max_bytes / kSegmentsWanted,
                                               std::min(kLeast, options.segment_bytes), options.segment_bytes));
  }
  return sizes;
}

std::string FileNameOf(const Device& device, const Segment& segment) {
  return SegmentFiles::NameOf(device.SerialOf(segment.file));
}

}  // namespace

Result<std::unique_ptr<ValueLogStore>> ValueLogStore::Open(const ValueLogOptions& options,
                                                           std::vector<std::string>* notices) {
  Result<std::unique_ptr<TierDirectory>> directory = TierDirectory::Claim(options.dir);
  if (!directory) return directory.error();
  std::unique_ptr<Device> device;
  if (options.device != DeviceChoice::kThreads) {
    Result<std::unique_ptr<UringDevice>> uring = UringDevice::Open(options.dir);
    if (uring) {
      device = std::move(*uring);
    } else if (options.device == DeviceChoice::kUring) {
      return Status(uring.error().code(),
                    "tier-io io_uring: " + uring.error().message() + ". Set tier-io to threads or auto.");
    } else if (notices != nullptr) {
      notices->push_back("reads and writes with threads, since io_uring is refused here (" + uring.error().message() +
                         ")");
    }
  }
  if (device == nullptr) device = std::make_unique<ThreadDevice>(options.dir, options.io_threads);
  auto store = std::make_unique<ValueLogStore>(std::move(device), options);
  std::set<std::string> kept;
  if (options.keep) {
    TIDEMARK_RETURN_IF_ERROR(store->Resume(*options.keep));
    for (uint32_t number = 0; number < store->segments_.size(); ++number) {
      const Segment& segment = store->segments_.at(number);
      if (segment.state != SegmentState::kUnused) kept.insert(FileNameOf(*store->device_, segment));
    }
    if (notices != nullptr) {
      notices->push_back("kept " + std::to_string(kept.size()) + " files (" +
                         std::to_string(store->segments_.total_bytes() >> 20) + " MB) that the last checkpoint names");
    }
  }
  if (!options.keep) TIDEMARK_RETURN_IF_ERROR((*directory)->CheckCheckpoint(options.manifest));
  TIDEMARK_RETURN_IF_ERROR((*directory)->RemoveAllBut(kept, notices));
  if (!options.keep) (*directory)->ForgetCheckpoint();
  store->directory_ = std::move(*directory);
  return store;
}

ValueLogStore::ValueLogStore(std::unique_ptr<Device> device, const ValueLogOptions& options)
    : options_(options),
      read_pool_(kReadBufferBytes, kReadBuffersKept),
      device_(std::move(device)),
      writer_(*device_, segments_, SizesOf(options)),
      cleaner_(*device_, segments_, writer_),
      budget_bytes_(static_cast<double>(options.write_budget_bytes_per_second)),
      budget_us_(Clock::MonotonicUs()) {
  device_->ExpectReadsInto(read_pool_.block().data.get(), read_pool_.block().bytes);
}

ValueLogStore::~ValueLogStore() {
  // The device writes from buffers that are about to go.
  while (device_->in_flight() > 0) {
    device_->Wait();
    device_->Reap(device_done_);
  }
}

void ValueLogStore::Tune(const StoreTuning& tuning) {
  options_.max_bytes = tuning.max_bytes;
  options_.compression = tuning.compression;
  if (options_.write_budget_bytes_per_second != tuning.write_budget_bytes_per_second) {
    SpendBudget();
    options_.write_budget_bytes_per_second = tuning.write_budget_bytes_per_second;
    // What was written before is no debt.
    budget_bytes_ = static_cast<double>(tuning.write_budget_bytes_per_second);
    budget_us_ = Clock::MonotonicUs();
    budget_spent_through_ = writer_.submitted_bytes();
  }
  writer_.ChangeOptions(SizesOf(options_));
  UpdateRoom();
}

// --- writing

std::vector<Locator> ValueLogStore::SubmitWrites(std::vector<FlashRecord> records) {
  std::vector<Locator> locators;
  locators.reserve(records.size());
  const int64_t soon_ms = Clock::UnixUs() / 1000 + kShortLifeMs;
  last_write_us_ = Clock::MonotonicUs();
  for (const FlashRecord& record : records) {
    const size_t bytes = record.payload.size();
    counters_.writes += 1;
    std::optional<Locator> placed;
    if (bytes <= kMaxPayloadBytes) {
      const StoredBody body = Compress(record.payload, options_.compression, scratch_);
      const bool short_lived = record.expiry_ms != 0 && record.expiry_ms < soon_ms;
      RecordHeader header{};
      header.type_tag = record.type_tag;
      header.owner = record.owner;
      placed = writer_.Append(short_lived ? LogStream::kShortLived : LogStream::kFresh, header, body.bytes,
                              body.compressed, bytes);
      if (placed && body.compressed) counters_.compressed_records += 1;
    }
    if (placed) {
      account_.Add(*placed, bytes);
      counters_.writes_in_flight += 1;
      counters_.write_bytes_in_flight += bytes;
    } else {
      // No segment has the generation 0: this locator leads nowhere.
      placed = Locator::Make(++failed_writes_, bytes);
      counters_.write_errors += 1;
      if (!HasDone()) device_->Signal();
      FlashCompletion& completion = done_.emplace_back();
      completion.locator = *placed;
      completion.status = Status::NoSpace("the flash tier is full");
    }
    locators.push_back(*placed);
  }
  UpdateRoom();
  return locators;
}

void ValueLogStore::FinishWrite(uint64_t index, int error) {
  std::unique_ptr<WriteBuffer> buffer = writer_.Take(index);
  const uint32_t number = buffer->segment;
  // Clear has given up what was on its way.
  const bool cleared = segments_.at(number).state == SegmentState::kDoomed;
  if (error == 0) segments_.at(number).first = std::min(segments_.at(number).first, buffer->offset);
  for (const WrittenRecord& record : buffer->records) {
    if (record.moved_from.valid()) {
      --segments_.at(number).writes;
      if (!cleared) FinishMove(record, error == 0);
      continue;
    }
    counters_.writes_in_flight -= 1;
    counters_.write_bytes_in_flight -= record.payload_bytes;
    FlashCompletion& completion = done_.emplace_back();
    completion.locator = record.locator;
    if (error == 0) {
      counters_.payload_bytes_written += record.payload_bytes;
    } else {
      completion.status = DeviceFailed("writing to", error);
      counters_.write_errors += 1;
      if (!cleared && !record.freed) {
        account_.RemoveExactly(record.locator, record.payload_bytes);
        segments_.RemoveRecord(number, record.locator);
      }
    }
  }
  writer_.Recycle(std::move(buffer));
  // Where space cannot be set aside when a file is made, it is missed here.
  if (LacksSpace(error)) writer_.NoteDeviceFull();
  Reconsider(number);
}

void ValueLogStore::FinishMove(const WrittenRecord& record, bool well) {
  const uint32_t to = Place::Of(record.locator).segment;
  if (!well) {
    segments_.RemoveRecord(to, record.locator);
    cleaner_.OnMoved(record.moved_from, false);
    return;
  }
  if (owner_ != nullptr && owner_->Moved(record.owner, record.moved_from, record.locator)) {
    const Place from = Place::Of(record.moved_from);
    if (segments_.Find(from) != nullptr) segments_.RemoveRecord(from.segment, record.moved_from);
  } else {
    segments_.RemoveRecord(to, record.locator);
  }
  cleaner_.OnMoved(record.moved_from, true);
}

// --- reading

ValueLogStore::Extent ValueLogStore::ExtentOf(const Place& place, const Segment& segment, Locator locator) {
  const uint64_t first = AlignDown(place.offset);
  const uint64_t end = std::min(AlignUp(place.offset + RecordBytes(locator.max_payload_bytes())), segment.bytes);
  return {first, static_cast<size_t>(place.offset - first), static_cast<size_t>(end - first)};
}

FlashCompletion& ValueLogStore::AddCompletedRead(Locator locator) {
  FlashCompletion& completion = done_.emplace_back();
  completion.kind = FlashCompletion::Kind::kRead;
  completion.locator = locator;
  return completion;
}

void ValueLogStore::CompleteNow(Locator locator, Result<FlashRecord> record) {
  if (!HasDone()) device_->Signal();
  FlashCompletion& completion = AddCompletedRead(locator);
  if (record) {
    completion.type_tag = record->type_tag;
    completion.payload = std::move(record->payload);
  } else {
    completion.status = record.error();
  }
}

void ValueLogStore::SubmitReads(std::span<const Locator> locators, ReadPriority) {
  counters_.reads += locators.size();
  counters_.reads_in_flight += locators.size();
  for (const Locator locator : locators) {
    const Place place = Place::Of(locator);
    Segment* const segment = segments_.Find(place);
    if (segment == nullptr || segment->state == SegmentState::kDoomed) {
      CompleteNow(locator, Freed());
      continue;
    }
    if (segment->writes > 0) {
      if (const auto bytes = writer_.InBuffer(place)) {
        CompleteNow(locator, DecodeRecord(*bytes, segment->generation));
        continue;
      }
    }
    ++segment->reads;
    queued_reads_.push_back(locator);
  }
  StartReads();
}

void ValueLogStore::StartReads() {
  for (; !queued_reads_.empty() && reading_bytes_ < kReadingBytesMax; queued_reads_.pop_front()) {
    const Locator locator = queued_reads_.front();
    const Place place = Place::Of(locator);
    const Segment& segment = segments_.at(place.segment);
    uint32_t slot = static_cast<uint32_t>(reads_.size());
    if (free_reads_.empty()) {
      reads_.emplace_back();
    } else {
      slot = free_reads_.back();
      free_reads_.pop_back();
    }
    const Extent extent = ExtentOf(place, segment, locator);
    reads_[slot] = {locator, PooledBuffer(read_pool_, extent.bytes), extent.skip, extent.bytes};
    reading_bytes_ += reads_[slot].memory.bytes();
    device_->Submit({.kind = DeviceOperation::Kind::kRead,
                     .file = segment.file,
                     .offset = extent.offset,
                     .data = reads_[slot].memory.data(),
                     .bytes = extent.bytes,
                     .tag = uint64_t{slot} << LogWriter::kTagShift | kReadTag});
    counters_.device_reads += 1;
    counters_.device_read_bytes += extent.bytes;
    if (++unkicked_reads_ == kReadsPerKick) KickDevice();
  }
}

void ValueLogStore::KickDevice() {
  unkicked_reads_ = 0;
  device_->Kick();
}

Status ValueLogStore::TakeRecord(std::string_view bytes, uint32_t generation, PooledBuffer& memory,
                                 FlashCompletion& completion) const {
  // A buffer may stay with the value for long: most are kept for reads.
  constexpr size_t kSpare = kReadBuffersKept / 2;
  const Result<RecordView> record = ViewRecord(bytes, generation);
  if (!record) return record.error();
  completion.type_tag = record->type_tag;
  if (!record->compressed && read_pool_.spare_parts() > kSpare) {
    completion.payload = Payload(record->body, std::move(memory));
    return Status::Ok();
  }
  Result<std::string> copy = record->CopyPayload();
  if (!copy) return copy.error();
  completion.payload = std::move(*copy);
  return Status::Ok();
}

void ValueLogStore::FinishRead(uint64_t slot, int error) {
  Read& read = reads_[slot];
  const uint32_t number = Place::Of(read.locator).segment;
  Segment& segment = segments_.at(number);
  reading_bytes_ -= read.memory.bytes();
  FlashCompletion& completion = AddCompletedRead(read.locator);
  if (error != 0) {
    completion.status = DeviceFailed("reading from", error);
  } else {
    const std::string_view bytes(read.memory.data() + read.skip, read.bytes - read.skip);
    completion.status = TakeRecord(bytes, segment.generation, read.memory, completion);
  }
  read.memory.Reset();
  free_reads_.push_back(static_cast<uint32_t>(slot));
  if (--segment.reads == 0 && segment.state == SegmentState::kDoomed) RemoveIfFree(number);
  StartReads();
}

Result<FlashRecord> ValueLogStore::ReadNow(Locator locator) {
  counters_.reads += 1;
  const Place place = Place::Of(locator);
  const Segment* const segment = segments_.Find(place);
  if (segment != nullptr && !writer_.InBuffer(place)) {
    counters_.device_reads += 1;
    counters_.device_read_bytes += ExtentOf(place, *segment, locator).bytes;
  }
  Result<FlashRecord> record = ReadQuietly(locator, read_pool_);
  CountRead(record ? Status::Ok() : record.error());
  return record;
}

Result<FlashRecord> ValueLogStore::ReadQuietly(Locator locator, BufferPool& pool) const {
  const Place place = Place::Of(locator);
  const Segment* const segment = segments_.Find(place);
  if (segment == nullptr) return Freed();
  if (const auto bytes = writer_.InBuffer(place)) return DecodeRecord(*bytes, segment->generation);
  const Extent extent = ExtentOf(place, *segment, locator);
  const PooledBuffer memory(pool, extent.bytes);
  const int error = device_->ReadNow(segment->file, extent.offset, memory.data(), extent.bytes);
  if (error != 0) return DeviceFailed("reading from", error);
  return DecodeRecord({memory.data() + extent.skip, extent.bytes - extent.skip}, segment->generation);
}

void ValueLogStore::CountRead(const Status& status) {
  if (status.ok() || status.code() == StatusCode::kNotFound) return;
  counters_.read_errors += 1;
  if (status.code() == StatusCode::kCorruption) counters_.corruptions += 1;
}

// --- giving up

void ValueLogStore::Free(std::span<const Locator> locators) {
  counters_.frees += locators.size();
  for (const Locator locator : locators) {
    const Place place = Place::Of(locator);
    Segment* const segment = segments_.Find(place);
    if (segment == nullptr || segment->state == SegmentState::kDoomed) {
      // The cleaner found it unwanted before it was freed, or Clear has given it up and forgotten it.
      if (place.segment < segments_.size() && place.generation > segments_.at(place.segment).cleared_through) {
        account_.Remove(locator);
      }
      continue;
    }
    account_.Remove(locator);
    segments_.RemoveRecord(place.segment, locator);
    if (segment->writes > 0) writer_.MarkFreed(place);
    if (segment->live_records == 0) Reconsider(place.segment);
  }
}

void ValueLogStore::Clear() {
  cleaner_.Abandon();
  writer_.SealAll();
  account_.Clear();
  for (uint32_t number = 0; number < segments_.size(); ++number) {
    Segment& segment = segments_.at(number);
    segment.cleared_through = segment.generation;
    if (segment.state != SegmentState::kUnused) Doom(number);
  }
  UpdateRoom();
}

void ValueLogStore::Doom(uint32_t number) {
  Segment& segment = segments_.at(number);
  segment.state = SegmentState::kDoomed;
  RemoveIfFree(number);
}

void ValueLogStore::RemoveIfFree(uint32_t number) {
  const Segment& segment = segments_.at(number);
  if (segment.state != SegmentState::kDoomed || segment.reads > 0 || segment.writes > 0 || segment.pins > 0) return;
  device_->RemoveFile(segment.file);
  segments_.Remove(number);
}

void ValueLogStore::Reconsider(uint32_t number) {
  const Segment& segment = segments_.at(number);
  if (segment.state == SegmentState::kDoomed) return RemoveIfFree(number);
  if (earlier_) return;
  const bool at_rest = segment.state == SegmentState::kSealed || segment.state == SegmentState::kDrained ||
                       segment.state == SegmentState::kDamaged;
  if (at_rest && segment.live_records == 0 && segment.writes == 0) Doom(number);
}

PinToken ValueLogStore::Pin() {
  std::vector<uint32_t> numbers;
  for (uint32_t number = 0; number < segments_.size(); ++number) {
    if (segments_.at(number).state != SegmentState::kUnused) numbers.push_back(number);
  }
  return PinSegments(std::move(numbers));
}

PinToken ValueLogStore::PinSegments(std::vector<uint32_t> numbers) {
  for (const uint32_t number : numbers) ++segments_.at(number).pins;
  pins_.emplace(++last_pin_, std::move(numbers));
  return last_pin_;
}

void ValueLogStore::Unpin(PinToken token) {
  const auto pin = pins_.extract(token);
  TIDEMARK_CHECK(!pin.empty());
  for (const uint32_t number : pin.mapped()) {
    --segments_.at(number).pins;
    RemoveIfFree(number);
  }
}

void ValueLogStore::WaitForDevice() {
  device_->Kick();
  while (device_->in_flight() > 0) {
    device_->Wait();
    TakeDeviceCompletions();
  }
  if (HasDone()) device_->Signal();
}

// A transfer past the page cache into or out of memory that a fork makes shared may miss it (open(2), O_DIRECT).
std::unique_ptr<ForkedReader> ValueLogStore::PrepareFork(PinToken) {
  WaitForDevice();
  return std::make_unique<ParallelReader>(*this);
}

std::unique_ptr<BulkReader> ValueLogStore::OpenBulkReader() {
  return std::make_unique<ParallelReader>(*this);
}

Status ValueLogStore::Sync() {
  writer_.Flush(true);
  WaitForDevice();
  for (uint32_t number = 0; number < segments_.size(); ++number) {
    Segment& segment = segments_.at(number);
    if (segment.state == SegmentState::kUnused || !segment.dirty) continue;
    if (const int error = device_->SyncNow(segment.file); error != 0) return DeviceFailed("syncing", error);
    segment.dirty = false;
  }
  return Status::Ok();
}

// --- cleaning

double ValueLogStore::CleaningThreshold(int64_t now_us) const {
  constexpr double kThorough = 0.02;
  constexpr double kNothing = 2;
  if (thorough_) return kThorough;
  if (SpaceIsShort(now_us)) return kWorthCleaning;
  const double dead = segments_.DeadBytes();
  const auto total = static_cast<double>(segments_.total_bytes());
  if (now_us - last_write_us_ >= kIdleUs) return dead >= 0.1 * total ? 0.25 : kNothing;
  // With a limit, the later a segment is cleaned the less of it lives; without one, this much may be in vain.
  return options_.max_bytes == 0 && dead >= 0.4 * total ? 0.3 : kNothing;
}

double ValueLogStore::HeldCleaningThreshold(int64_t now_us) const {
  // Each copy takes space until the next checkpoint has landed: this is begun while there is space for many.
  constexpr uint64_t kShareWanted = 8;
  constexpr double kEarly = 0.2;
  const double threshold = CleaningThreshold(now_us);
  const bool early = held_ && options_.max_bytes != 0 && writer_.FreeBytes() < options_.max_bytes / kShareWanted;
  return early ? std::min(kEarly, threshold) : threshold;
}

uint32_t ValueLogStore::PickVictim(int64_t now_us) const {
  const uint32_t victim = segments_.PickVictim(CleaningThreshold(now_us), now_us, SegmentTable::Pinned::kNo);
  if (victim != SegmentTable::kNone || pins_.empty()) return victim;
  return segments_.PickVictim(HeldCleaningThreshold(now_us), now_us);
}

bool ValueLogStore::SpaceIsShort(int64_t now_us) const {
  return writer_.device_full(now_us) ||
         writer_.FreeBytes() < (LogWriter::kReservedSegments + 2) * writer_.segment_bytes();
}

bool ValueLogStore::CleaningYields(int64_t now_us) const {
  constexpr int64_t kStepEveryUs = 1'000;
  return counters_.reads_in_flight > 0 && now_us - last_cleaning_us_ < kStepEveryUs && !SpaceIsShort(now_us);
}

void ValueLogStore::CleanSome() {
  using Progress = SegmentCleaner::Progress;
  if (owner_ == nullptr || earlier_) return;
  cleaning_yields_ = cleaner_.busy() && CleaningYields(Clock::MonotonicUs());
  if (cleaning_yields_) return;
  if (!cleaner_.busy()) {
    constexpr int64_t kLookEveryUs = 5'000;
    const int64_t now_us = Clock::MonotonicUs();
    if (now_us < next_look_us_) return;
    const uint32_t victim = PickVictim(now_us);
    if (victim == SegmentTable::kNone) {
      thorough_ = false;
      next_look_us_ = now_us + kLookEveryUs;
      return;
    }
    cleaner_.Start(victim);
  }
  const uint32_t victim = cleaner_.victim();
  last_cleaning_us_ = Clock::MonotonicUs();
  switch (cleaner_.Step(*owner_)) {
    case Progress::kWaiting:
      return;
    case Progress::kMore:
      device_->Signal();
      return;
    case Progress::kEmptied:
      // What it did not find wanted is being freed, or so damaged that its owner cannot be told: its reader is to hear
      // of that, so the segment stays until it is.
      segments_.at(victim).state = SegmentState::kDrained;
      Reconsider(victim);
      break;
    case Progress::kFailed:
      PutOff(victim);
      break;
    case Progress::kDamaged:
      segments_.at(victim).state = SegmentState::kDamaged;
      ++damaged_segments_;
      Reconsider(victim);
      break;
  }
  device_->Signal();
}

void ValueLogStore::PutOff(uint32_t number) {
  constexpr int kAttempts = 4;
  constexpr int64_t kPauseUs = 100'000;
  Segment& segment = segments_.at(number);
  const int64_t now_us = Clock::MonotonicUs();
  next_look_us_ = now_us + kPauseUs;
  if (++segment.failed_cleanings == kAttempts) {
    segment.state = SegmentState::kDamaged;
    ++damaged_segments_;
  } else {
    // As young as can be: others come first.
    segment.state = SegmentState::kSealed;
    segment.sealed_us = now_us;
  }
  Reconsider(number);
}

void ValueLogStore::UpdateRoom() {
  // A cleaner that finds no place to move records to for so long is no reason to wait for room.
  constexpr int64_t kStarvedUs = 1'000'000;
  const int64_t now_us = Clock::MonotonicUs();
  if (!cleaner_.starved()) fed_us_ = now_us;
  checkpoint_leaves_no_room_ = false;
  if (writer_.device_full(now_us)) {
    checkpoint_leaves_no_room_ = CheckpointLeavesNoRoom();
    room_ = Room::kNo;
  } else if (!writer_.HasRoom()) {
    checkpoint_leaves_no_room_ = CheckpointLeavesNoRoom();
    const bool can_clean = owner_ != nullptr && !earlier_ && now_us - fed_us_ < kStarvedUs &&
                           (cleaner_.busy() || segments_.PickVictim(kWorthCleaning, now_us) != SegmentTable::kNone);
    room_ = can_clean || device_->leaving_bytes() > 0 ? Room::kSoon : Room::kNo;
  } else {
    room_ = OverBudget() ? Room::kSoon : Room::kYes;
  }
  if (checkpoint_leaves_no_room_ && checkpoint_expected_) room_ = Room::kSoon;
}

bool ValueLogStore::CheckpointLeavesNoRoom() const {
  if (!held_ || earlier_) return false;
  const uint64_t dead = segments_.PinnedDeadBytes();
  if (dead < writer_.segment_bytes()) return false;
  return options_.max_bytes == 0 || writer_.device_full(Clock::MonotonicUs()) ||
         writer_.FreeBytes() + dead >= (LogWriter::kReservedSegments + 1) * writer_.segment_bytes();
}

void ValueLogStore::SpendBudget() {
  const auto rate = static_cast<double>(options_.write_budget_bytes_per_second);
  if (rate == 0) return;
  const int64_t now_us = Clock::MonotonicUs();
  budget_bytes_ = std::min(rate, budget_bytes_ + rate * static_cast<double>(now_us - budget_us_) / 1e6);
  budget_us_ = now_us;
  budget_bytes_ -= static_cast<double>(writer_.submitted_bytes() - budget_spent_through_);
  budget_spent_through_ = writer_.submitted_bytes();
}

// --- the turn

void ValueLogStore::Kick() {
  CleanSome();
  writer_.Flush(false);
  KickDevice();
  SpendBudget();
  UpdateRoom();
}

void ValueLogStore::TakeDeviceCompletions() {
  device_done_.clear();
  device_->Reap(device_done_);
  for (const DeviceCompletion& completion : device_done_) {
    const uint64_t index = completion.tag >> LogWriter::kTagShift;
    switch (completion.tag & kTagMask) {
      case kReadTag:
        FinishRead(index, completion.error);
        break;
      case LogWriter::kWriteTag:
        FinishWrite(index, completion.error);
        break;
      default: {
        const auto number = static_cast<uint32_t>(completion.tag >> SegmentCleaner::kVictimShift);
        cleaner_.OnRead(completion.error);
        --segments_.at(number).reads;
        RemoveIfFree(number);
      }
    }
  }
}

size_t ValueLogStore::Reap(std::vector<FlashCompletion>& out, size_t max) {
  TakeDeviceCompletions();
  const size_t count = std::min(max, done_.size() - done_taken_);
  for (size_t i = 0; i < count; ++i) {
    FlashCompletion& completion = done_[done_taken_++];
    if (completion.kind == FlashCompletion::Kind::kRead) {
      counters_.reads_in_flight -= 1;
      CountRead(completion.status);
    } else if (Segment* segment = segments_.Find(Place::Of(completion.locator))) {
      --segment->writes;
      Reconsider(Place::Of(completion.locator).segment);
    }
    out.push_back(std::move(completion));
  }
  if (2 * done_taken_ >= done_.size()) {
    done_.erase(done_.begin(), done_.begin() + static_cast<ptrdiff_t>(std::exchange(done_taken_, 0)));
  }
  return count;
}

FlashStats ValueLogStore::Stats() const {
  FlashStats stats = counters_;
  stats.records = account_.records();
  stats.live_payload_bytes = account_.payload_bytes();
  stats.disk_bytes = segments_.total_bytes();
  stats.max_bytes = options_.max_bytes;
  stats.host_bytes_written = writer_.submitted_bytes();
  stats.segments_cleaned = cleaner_.segments_cleaned();
  stats.moved_bytes = cleaner_.moved_bytes();
  stats.host_bytes_read = stats.device_read_bytes + cleaner_.read_bytes();
  stats.damaged_segments = damaged_segments_;
  stats.cleaning = cleaner_.busy();
  stats.device_full = writer_.device_full(Clock::MonotonicUs());
  stats.budget_reached = OverBudget();
  stats.pinned_dead_bytes = segments_.PinnedDeadBytes();
  stats.checkpoint_leaves_no_room = checkpoint_leaves_no_room_;
  stats.memory_bytes =
      writer_.memory_bytes() + read_pool_.held_bytes() + cleaner_.memory_bytes() + segments_.memory_bytes();
  return stats;
}

}  // namespace tidemark::tiering
