#include "tiering/valuelog/value_log_store.h"

#include <poll.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "tiering/device/device_error.h"
#include "tiering/device/segment_files.h"
#include "tiering/device/thread_device.h"
#include "tiering/device/uring_device.h"
#include "tiering/valuelog/parallel_reader.h"

namespace tidemark::tiering {
namespace {

constexpr int64_t kShortLifeMs = 60 * 60 * 1000;
// A record's lengths are 32 bits, and Snappy adds a little.
constexpr size_t kMaxPayloadBytes = size_t{3} << 30;

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
                    "tier-io uring: " + uring.error().message() + ". Set tier-io to threads or auto.");
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
      completion.status = bytes <= kMaxPayloadBytes ? writer_.why_not() : Status::NoSpace("too large for a record");
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
  writer_.NoteSpaceBack();
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
  if (snapshot_ == token) snapshot_.reset();
  for (const uint32_t number : pin.mapped()) {
    --segments_.at(number).pins;
    RemoveIfFree(number);
  }
}

void ValueLogStore::WaitForDevice() {
  KickDevice();
  while (device_->in_flight() > 0) {
    device_->Wait();
    TakeDeviceCompletions();
  }
  if (HasDone()) device_->Signal();
}

bool ValueLogStore::SettleWithin(int64_t us) {
  const int64_t until_us = Clock::MonotonicUs() + us;
  KickDevice();
  while (device_->in_flight() > 0) {
    const int64_t left_us = until_us - Clock::MonotonicUs();
    if (left_us <= 0) break;
    device_->Kick();
    pollfd completions{.fd = device_->completion_fd(), .events = POLLIN, .revents = 0};
    poll(&completions, 1, static_cast<int>((left_us + 999) / 1000));
    TakeDeviceCompletions();
  }
  if (HasDone()) device_->Signal();
  return device_->in_flight() == 0;
}

// A transfer past the page cache into or out of memory that a fork makes shared may miss it (open(2), O_DIRECT).
std::unique_ptr<ForkedReader> ValueLogStore::PrepareFork(PinToken pin) {
  WaitForDevice();
  snapshot_ = pin;
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

// --- the turn

void ValueLogStore::SpendBudget() {
  const auto rate = static_cast<double>(options_.write_budget_bytes_per_second);
  if (rate == 0) return;
  const int64_t now_us = Clock::MonotonicUs();
  budget_bytes_ = std::min(rate, budget_bytes_ + rate * static_cast<double>(now_us - budget_us_) / 1e6);
  budget_us_ = now_us;
  budget_bytes_ -= static_cast<double>(writer_.submitted_bytes() - budget_spent_through_);
  budget_spent_through_ = writer_.submitted_bytes();
}

void ValueLogStore::Kick() {
  writer_.MakeAhead();
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
  stats.spare_bytes = writer_.spares().made_bytes();
  stats.disk_bytes = segments_.total_bytes() + stats.spare_bytes;
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
  stats.snapshot_leaves_no_room = snapshot_leaves_no_room_;
  stats.memory_bytes =
      writer_.memory_bytes() + read_pool_.held_bytes() + cleaner_.memory_bytes() + segments_.memory_bytes();
  return stats;
}

}  // namespace tidemark::tiering
