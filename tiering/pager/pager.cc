#include "tiering/pager/pager.h"

#include <algorithm>

#include "base/check.h"
#include "formats/record_body.h"

namespace tidemark::tiering {

using keyspace::Database;
using keyspace::Entry;
using keyspace::EntryRef;
using keyspace::HashedKey;
using keyspace::Residency;

namespace {

constexpr int64_t kRetryUs = 10'000;
// Looking at the time costs as much as taking a victim.
constexpr int kVictimsPerTimeCheck = 4;
// The spill goes on a little below the watermark, so that it works in batches.
constexpr int kHysteresisPercent = 1;
// A single interval between two reads tells little of the next: where all values are read alike, some are short by
// chance. A value stays if this many of its last interval fit into the idle time of what would go for it.
constexpr uint64_t kReuseMargin = 4;

}  // namespace

Pager::Pager(keyspace::Keyspace& keyspace, FlashStore& store, MemoryLimit& limit, const TierOptions& options,
             FetchListener& listener)
    : keyspace_(keyspace),
      store_(store),
      limit_(limit),
      options_(options),
      listener_(listener),
      victims_(keyspace, options, [this](const Entry* entry) { return busy_.contains(entry) || TooLarge(*entry); }) {
  keyspace_.set_locator_sink(this);
  store_.set_owner(this);
}

Pager::~Pager() {
  store_.set_owner(nullptr);
  keyspace_.set_locator_sink(nullptr);
}

uint64_t Pager::MaxSpillBytesInFlight() const {
  constexpr uint64_t kLeast = 512 * 1024;
  constexpr uint64_t kMost = 8 * 1024 * 1024;
  return std::clamp(limit_.max_bytes() / 32, kLeast, kMost);
}

void Pager::ReleaseLocator(uint64_t locator) {
  frees_.push_back(Locator(locator));
  if (!renamed_.empty()) renamed_.erase(locator);
}

void Pager::RenameLocator(uint64_t locator, uint64_t key_hash) {
  renamed_[locator] = key_hash;
}

Victim Pager::FindOwner(uint64_t key_hash, Locator locator) {
  for (int i = 0; i < keyspace_.database_count(); ++i) {
    Database& database = keyspace_.database(i);
    if (database.size() == 0) continue;
    if (const EntryRef ref = database.FindByLocator(key_hash, locator.raw())) return {&database, ref};
  }
  return {};
}

std::optional<uint64_t> Pager::OwnerOf(uint64_t owner, Locator locator) {
  if (const auto renamed = renamed_.find(locator.raw()); renamed != renamed_.end()) owner = renamed->second;
  if (!FindOwner(owner, locator)) return std::nullopt;
  return owner;
}

bool Pager::Moved(uint64_t owner, Locator from, Locator to) {
  // The key may have been given another name while the record was on its way.
  uint64_t now = owner;
  if (const auto renamed = renamed_.find(from.raw()); renamed != renamed_.end()) {
    now = renamed->second;
    renamed_.erase(renamed);
  }
  Victim found = FindOwner(now, from);
  if (!found) return false;
  found.database->Relocate(found.ref, to.raw());
  if (now != owner) renamed_[to.raw()] = now;
  if (flights_.contains(from.raw())) forwarded_[from.raw()] = to.raw();
  return true;
}

void Pager::FlushFrees() {
  if (frees_.empty()) return;
  store_.Free(frees_);
  frees_.clear();
}

bool Pager::CanRelieve() const {
  if (!enabled()) return false;
  if (reclaim_in_flight_ > 0) return true;
  return !exhausted_ && (CanWrite() || HasClean());
}

bool Pager::HasClean() const {
  for (int i = 0; i < keyspace_.database_count(); ++i) {
    if (keyspace_.database(i).clean_count() > 0) return true;
  }
  return false;
}

bool Pager::TooLarge(const Entry& entry) const {
  return fit_retry_.Paused(keyspace_.clock().mono_us()) && entry.residency() == Residency::kResident &&
         entry.ReclaimableBytes() >= too_large_bytes_;
}

bool Pager::LookAgain() {
  if (!enabled() || !CanWrite()) return false;
  retry_at_us_ = 0;
  Tick();
  return CanRelieve();
}

bool Pager::Tick() {
  FlushFrees();
  if (!enabled() || !limit_.limited()) return false;
  const int64_t start_us = keyspace_.clock().mono_us();
  limit_.Refresh(start_us);
  if (limit_.used() <= limit_.Mark(options_.spill_watermark_percent)) {
    exhausted_ = false;
    write_retry_.Reset();
    fit_retry_.Reset();
    return false;
  }
  if (start_us < retry_at_us_) return false;
  const uint64_t target = limit_.Mark(options_.spill_watermark_percent - kHysteresisPercent);
  const int64_t deadline_us = Clock::MonotonicUs() + kSliceUs;
  Batch batch;
  bool more = true;
  for (int taken = 1; more; ++taken) {
    if (limit_.used() <= target + reclaim_in_flight_) more = false;
    if (spill_bytes_in_flight_ + batch.bytes >= MaxSpillBytesInFlight()) more = false;
    if (!more) break;
    // Where nothing can be written, a value that is on flash already still gives its RAM back.
    const Room room = store_.room();
    const bool no_writes = room != Room::kYes || write_retry_.Paused(start_us);
    Victim victim = victims_.Take(no_writes ? VictimPool::Kind::kClean : VictimPool::Kind::kAny);
    if (!victim) {
      // Nothing found is no answer while the store is making room or is to be tried again.
      const bool later =
          room == Room::kSoon ||
          (room == Room::kYes && (write_retry_.PausedWithHope(start_us) || fit_retry_.PausedWithHope(start_us)));
      exhausted_ = reclaim_in_flight_ == 0 && !later;
      retry_at_us_ = room == Room::kSoon ? 0 : start_us + kRetryUs;
      more = false;
      break;
    }
    exhausted_ = false;
    if (victim.ref->residency() == Residency::kClean) {
      victim.database->DemoteClean(victim.ref);
      ++stats_.demotions;
    } else {
      AddToBatch(batch, *victim.database, victim.ref);
      if (batch.records.size() >= kMaxBatchRecords || batch.bytes >= kMaxBatchBytes) SubmitBatch(batch);
    }
    if (taken % kVictimsPerTimeCheck == 0 && Clock::MonotonicUs() >= deadline_us) break;
  }
  SubmitBatch(batch);
  return more;
}

FlashRecord Pager::Encode(const EntryRef& ref) {
  const Entry& entry = *ref;
  FlashRecord record;
  record.owner = ref.hash;
  if (entry.has_expiry()) record.expiry_ms = entry.expiry_ms();
  if (entry.type() == values::Type::kString) {
    char scratch[1];
    const std::string_view value = entry.StringView(scratch);
    record.payload = value;
    record.type_tag = formats::kRdbTypeString;
  } else {
    record.type_tag = formats::EncodeObject(entry.object(), {}, record.payload);
  }
  return record;
}

bool Pager::AddToBatch(Batch& batch, Database& database, EntryRef& ref) {
  FlashRecord record = Encode(ref);
  if (record.payload.size() > options_.max_record_bytes) return false;
  database.MarkSpilling(ref);
  busy_.insert(ref.entry);
  const size_t bytes = record.payload.size();
  const size_t reclaim = ref->ReclaimableBytes();
  batch.spills.push_back({database.index(), ref.hash, ref.entry, reclaim, bytes});
  batch.records.push_back(std::move(record));
  batch.bytes += bytes;
  reclaim_in_flight_ += reclaim;
  return true;
}

void Pager::SubmitBatch(Batch& batch) {
  if (batch.records.empty()) return;
  spill_bytes_in_flight_ += batch.bytes;
  const std::vector<Locator> locators = store_.SubmitWrites(std::move(batch.records));
  TIDEMARK_CHECK(locators.size() == batch.spills.size());
  const int64_t now_us = keyspace_.clock().mono_us();
  for (size_t i = 0; i < locators.size(); ++i) {
    batch.spills[i].epoch = write_ages_.Begin(now_us);
    spills_.emplace(locators[i].raw(), batch.spills[i]);
  }
  batch = {};
}

bool Pager::SpillKey(Database& database, EntryRef ref) {
  if (!enabled()) return false;
  if (ref->cold() || ref->residency() == Residency::kSpilling) return true;
  if (ref->residency() == Residency::kClean) {
    database.DemoteClean(ref);
    ++stats_.demotions;
    return true;
  }
  const bool has_bytes = ref->storage() == Entry::Storage::kInline || ref->storage() == Entry::Storage::kPointer;
  if (!has_bytes || busy_.contains(ref.entry) || store_.room() == Room::kNo) return false;
  Batch batch;
  if (!AddToBatch(batch, database, ref)) return false;
  SubmitBatch(batch);
  return true;
}

Residency Pager::ResidencyOf(const EntryRef& ref) const {
  if (!ref) return Residency::kMissing;
  return ref->cold() && Fetching(ref->locator()) ? Residency::kFetching : ref->residency();
}

Victim Pager::FindSpilled(const Spill& spill) {
  Database& first = keyspace_.database(spill.database);
  if (const EntryRef ref = first.RefOf(spill.hash, spill.entry)) {
    return ref->residency() == Residency::kSpilling ? Victim{&first, ref} : Victim{};
  }
  // SWAPDB may have carried it elsewhere.
  for (int i = 0; i < keyspace_.database_count(); ++i) {
    Database& database = keyspace_.database(i);
    if (const EntryRef ref = database.RefOf(spill.hash, spill.entry)) {
      return ref->residency() == Residency::kSpilling ? Victim{&database, ref} : Victim{};
    }
  }
  return {};
}

void Pager::CompleteWrite(const FlashCompletion& completion) {
  const auto it = spills_.find(completion.locator.raw());
  TIDEMARK_CHECK(it != spills_.end());
  const Spill spill = it->second;
  spills_.erase(it);
  busy_.erase(spill.entry);
  write_ages_.End(spill.epoch);
  spill_bytes_in_flight_ -= spill.payload_bytes;
  reclaim_in_flight_ -= spill.reclaim_bytes;
  Victim written = FindSpilled(spill);
  if (!completion.status.ok()) {
    ++stats_.write_errors;
    NoteFailure(completion.status);
    if (written) written.database->UnmarkSpilling(written.ref);
    const int64_t now_us = keyspace_.clock().mono_us();
    if (completion.status.code() == StatusCode::kNoSpace && store_.room() == Room::kYes) {
      // There is room, though not for this one.
      too_large_bytes_ = std::min(fit_retry_.Paused(now_us) ? too_large_bytes_ : SIZE_MAX, spill.reclaim_bytes);
      fit_retry_.NoteFailed(now_us);
    } else {
      write_retry_.NoteFailed(now_us);
    }
    return;
  }
  write_retry_.Reset();
  if (spill.reclaim_bytes >= too_large_bytes_) fit_retry_.Reset();
  ++health_.good_writes;
  if (!written) {
    ++stats_.stale_writes;
    ReleaseLocator(completion.locator.raw());
    return;
  }
  written.database->MakeCold(written.ref, completion.locator.raw());
  ++stats_.spills;
  stats_.spilled_bytes += spill.payload_bytes;
}

void Pager::CompleteRead(FlashCompletion& completion) {
  uint64_t locator = completion.locator.raw();
  auto flight = flights_.extract(locator);
  if (flight.empty()) return;
  const int64_t took_us = keyspace_.clock().mono_us() - flight.mapped().begun_us;
  stats_.read_latency.Add(static_cast<uint64_t>(std::max<int64_t>(took_us, 0)) * 1000);
  longest_read_us_ = std::max(longest_read_us_, took_us);
  read_ages_.End(flight.mapped().epoch);
  // The entry knows its record by the new place.
  if (const auto forwarded = forwarded_.extract(locator)) locator = forwarded.mapped();
  fetch_bytes_in_flight_ -= completion.locator.max_payload_bytes();
  if (completion.status.ok()) {
    ++stats_.reads;
    ++health_.good_reads;
    stats_.read_bytes += completion.payload.size();
  } else if (completion.status.code() == StatusCode::kCorruption) {
    ++stats_.corruptions;
    NoteFailure(completion.status);
  } else if (completion.status.code() != StatusCode::kNotFound) {
    ++stats_.read_errors;
    NoteFailure(completion.status);
  }
  const auto value = std::make_shared<FetchedValue>(
      FetchedValue{std::move(completion.status), completion.type_tag, std::move(completion.payload)});
  for (const uint64_t waiter : flight.mapped().waiters) {
    listener_.OnFetched(waiter, completion.locator.raw(), locator, value);
  }
  constexpr size_t kKept = 128;
  constexpr size_t kWaitersKept = 64;
  if (used_flights_.size() < kKept && flight.mapped().waiters.capacity() <= kWaitersKept) {
    flight.mapped().waiters.clear();
    used_flights_.push_back(std::move(flight));
  }
}

Pager::Flight& Pager::FlightOf(uint64_t locator) {
  if (const auto it = flights_.find(locator); it != flights_.end()) return it->second;
  if (used_flights_.empty()) return flights_[locator];
  Flights::node_type node = std::move(used_flights_.back());
  used_flights_.pop_back();
  node.key() = locator;
  return flights_.insert(std::move(node)).position->second;
}

void Pager::NoteFailure(const Status& status) {
  if (status.code() == StatusCode::kCorruption) {
    ++health_.corruptions;
    health_.last_corruption = status.message();
  } else if (status.code() != StatusCode::kNoSpace && status.code() != StatusCode::kNotFound) {
    ++health_.device_errors;
    health_.last_device_error = status.message();
  }
}

PagerHealth Pager::Health() const {
  PagerHealth health = health_;
  const int64_t now_us = keyspace_.clock().mono_us();
  health.oldest_read_us = read_ages_.OldestUs(now_us);
  health.oldest_write_us = write_ages_.OldestUs(now_us);
  return health;
}

bool Pager::Reap(size_t max) {
  completions_.clear();
  const size_t count = store_.Reap(completions_, max);
  for (FlashCompletion& completion : completions_) {
    if (completion.kind == FlashCompletion::Kind::kWrite) {
      CompleteWrite(completion);
    } else {
      CompleteRead(completion);
    }
  }
  return count == max;
}

void Pager::Fetch(std::span<const Locator> locators, uint64_t waiter) {
  reads_.clear();
  const int64_t now_us = keyspace_.clock().mono_us();
  for (const Locator locator : locators) {
    Flight& flight = FlightOf(locator.raw());
    if (flight.waiters.empty()) {
      reads_.push_back(locator);
      fetch_bytes_in_flight_ += locator.max_payload_bytes();
      flight.begun_us = now_us;
      flight.epoch = read_ages_.Begin(now_us);
    } else {
      ++stats_.shared_flights;
    }
    flight.waiters.push_back(waiter);
  }
  if (!reads_.empty()) store_.SubmitReads(reads_, ReadPriority::kClient);
}

Result<formats::DecodedValue> Pager::Decode(const Entry& entry, const FetchedValue& value) const {
  if (!value.status.ok()) return value.status;
  Result<formats::DecodedValue> decoded = formats::DecodeRecordBody(
      value.type_tag, value.payload, {.limits = keyspace_.options().encoding_limits, .encoding = entry.encoding()});
  if (decoded && decoded->type != entry.type()) return Status::Corruption("the record holds a value of another type");
  return decoded;
}

Result<std::string_view> Pager::StringIn(const FetchedValue& value) {
  if (!value.status.ok()) return value.status;
  if (value.type_tag != formats::kRdbTypeString) {
    return Status::Corruption("the record holds a value of another type");
  }
  return std::string_view(value.payload);
}

void Pager::NoteUnusable(const FetchedValue& value, const Status& error) {
  if (!value.status.ok()) return;  // counted when it was read
  ++stats_.corruptions;
  NoteFailure(error);
}

Status Pager::Put(Database& database, EntryRef& ref, const FetchedValue& value) const {
  if (ref->type() != values::Type::kString) {
    Result<formats::DecodedValue> decoded = Decode(*ref, value);
    if (!decoded) return decoded.error();
    database.InstallObject(ref, decoded->object.Release());
    return Status::Ok();
  }
  // As Decode, without a copy on the way.
  const Result<std::string_view> text = StringIn(value);
  if (!text) return text.error();
  database.InstallString(ref, *text, ref->encoding());
  return Status::Ok();
}

bool Pager::StaysInRam(const Entry& cold) {
  const bool short_of_ram =
      limit_.limited() && limit_.used() > limit_.Mark(options_.spill_watermark_percent - 2 * kHysteresisPercent);
  if (!short_of_ram || options_.promote == PromotePolicy::kAlways) return true;
  if (options_.promote == PromotePolicy::kNever) return false;
  // Whoever would go for it grows colder with time, so nobody holds a place for ever.
  const bool by_recency = keyspace_.options().access.mode == keyspace::AccessMode::kLru;
  return victims_.BestIsColderThan(cold, by_recency ? kReuseMargin : 1);
}

Result<std::string_view> Pager::Lend(const FetchedValue& value) {
  const Result<std::string_view> text = StringIn(value);
  if (!text) {
    NoteUnusable(value, text.error());
    return text.error();
  }
  ++installs_;
  return text;
}

Result<Pager::Installed> Pager::Install(Database& database, EntryRef& ref, const FetchedValue& value, Stay stay) {
  const bool keep = stay == Stay::kIfWorthIt && StaysInRam(*ref);
  if (Status put = Put(database, ref, value); !put.ok()) {
    NoteUnusable(value, put);
    return put;
  }
  ++installs_;
  if (keep) ++stats_.promotions;
  return keep ? Installed::kKept : Installed::kTransient;
}

void Pager::Settle(Database& database, const HashedKey& key, uint64_t locator) {
  EntryRef ref = database.Find(key);
  if (ref && ref->residency() == Residency::kClean && ref->locator() == locator) database.DemoteClean(ref);
}

FetchedValue Pager::ReadNow(uint64_t locator) {
  FlushFrees();
  ++stats_.sync_reads;
  return TakeRead(store_.ReadNow(Locator(locator)));
}

std::vector<FetchedValue> Pager::ReadManyNow(std::span<const Locator> locators) {
  FlushFrees();
  stats_.sync_reads += locators.size();
  std::vector<FetchedValue> values;
  values.reserve(locators.size());
  for (Result<FlashRecord>& record : store_.OpenBulkReader()->Read(locators)) {
    values.push_back(TakeRead(std::move(record)));
  }
  return values;
}

FetchedValue Pager::TakeRead(Result<FlashRecord> record) {
  if (record) return {Status::Ok(), record->type_tag, std::move(record->payload)};
  ++(record.error().code() == StatusCode::kCorruption ? stats_.corruptions : stats_.read_errors);
  NoteFailure(record.error());
  return {record.error(), 0, {}};
}

}  // namespace tidemark::tiering
