// Moves values between RAM and flash: spills the coldest when RAM runs short, brings them back when they are read,
// decides which stay. Every transition of an entry's residency that concerns flash is made here (tiering/README.md).
// Owned and used by the main thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/latency_histogram.h"
#include "base/memory_limit.h"
#include "formats/value_codec.h"
#include "keyspace/keyspace.h"
#include "tiering/flash_store.h"
#include "tiering/pager/in_flight_ages.h"
#include "tiering/pager/victim_pool.h"
#include "tiering/pager/write_retry.h"
#include "tiering/tier_options.h"

namespace tidemark::tiering {

// What a read brought. `status` tells if there is a value.
struct FetchedValue {
  Status status;
  uint8_t type_tag = 0;
  Payload payload;
};

class FetchListener {
 public:
  virtual ~FetchListener() = default;
  // `waiter` and `requested` are what was given to Fetch; `locator` is where the record is now.
  virtual void OnFetched(uint64_t waiter, uint64_t requested, uint64_t locator,
                         const std::shared_ptr<const FetchedValue>& value) = 0;
};

struct PagerStats {
  uint64_t spills = 0;         // values written to flash
  uint64_t spilled_bytes = 0;  // their payload
  uint64_t demotions = 0;      // clean values dropped from RAM without a write
  uint64_t reads = 0;          // values read from flash
  uint64_t read_bytes = 0;
  uint64_t promotions = 0;      // of those, how many stayed in RAM
  uint64_t shared_flights = 0;  // reads that found one under way for the same record
  uint64_t sync_reads = 0;
  uint64_t stale_writes = 0;  // writes whose value had changed or gone by the time they finished
  uint64_t write_errors = 0;
  uint64_t read_errors = 0;
  uint64_t corruptions = 0;
  // From the turn in which a read was asked for to that which took it in.
  LatencyHistogram read_latency;
};

// What shows how the store is, since the start.
struct PagerHealth {
  uint64_t good_reads = 0;
  uint64_t good_writes = 0;
  uint64_t device_errors = 0;  // reads and writes that failed for another reason than corruption or lack of space
  uint64_t corruptions = 0;
  std::string last_device_error;
  std::string last_corruption;
  int64_t oldest_read_us = 0;  // how long it has been under way; 0: none is
  int64_t oldest_write_us = 0;
};

class Pager : public keyspace::LocatorSink, public RecordOwner {
 public:
  Pager(keyspace::Keyspace& keyspace, FlashStore& store, MemoryLimit& limit, const TierOptions& options,
        FetchListener& listener);
  ~Pager() override;

  bool enabled() const { return store_.enabled(); }
  const PagerStats& stats() const { return stats_; }
  void ResetStats() { stats_ = {}; }
  PagerHealth Health() const;
  // Values that were read and that Install has put in place or Lend has handed out, since the start.
  uint64_t installs() const { return installs_; }
  // The longest read taken in since the last call, microseconds.
  int64_t TakeLongestReadUs() { return std::exchange(longest_read_us_, 0); }
  size_t writes_in_flight() const { return spills_.size(); }

  // Spills for at most kSliceUs if RAM is short, and hands freed records to the store. Call once a turn of the event
  // loop. True if there is more to do at once.
  bool Tick();
  // Takes in at most `max` finished reads and writes; true if there may be more.
  bool Reap(size_t max);

  // Starts the reads and writes of this turn. Call when the turn is over.
  void Kick() { store_.Kick(); }
  bool wants_kick() const { return store_.wants_kick(); }

  // True if spilling can still give RAM back: writers had better wait than be refused.
  bool CanRelieve() const;

  // Looks for victims now, though the last look found none: much may have been written since. True if it gave relief or
  // will.
  bool LookAgain();

  // Starts reading a cold value on behalf of `waiter`.
  void Fetch(std::span<const Locator> locators, uint64_t waiter);
  bool Fetching(uint64_t locator) const { return flights_.contains(locator); }
  uint64_t fetch_bytes_in_flight() const { return fetch_bytes_in_flight_; }

  // Whether a cold value that is read now is to stay in RAM, by its access field from before this read.
  bool StaysInRam(const keyspace::Entry& cold);
  // The bytes of a string that was read for a command which only looks at them; they are part of `value`. The entry
  // stays cold. An error if what was read is no string.
  Result<std::string_view> Lend(const FetchedValue& value);

  enum class Installed : uint8_t { kKept, kTransient };
  // Puts a fetched value into its cold entry. kTransient: it is in RAM for the command that asked; Settle is to follow.
  // An error if what was read is no value.
  enum class Stay : uint8_t { kNo, kIfWorthIt };
  Result<Installed> Install(keyspace::Database& database, keyspace::EntryRef& ref, const FetchedValue& value,
                            Stay stay = Stay::kIfWorthIt);
  // Takes a transient value out of RAM again unless the command changed or removed it.
  void Settle(keyspace::Database& database, const keyspace::HashedKey& key, uint64_t locator);

  // Reads a cold value now, waiting for the device.
  FetchedValue ReadNow(uint64_t locator);
  // As ReadNow, for each of them, many at a time.
  std::vector<FetchedValue> ReadManyNow(std::span<const Locator> locators);
  // The value that was read for a cold entry, which stays cold.
  Result<formats::DecodedValue> Decode(const keyspace::Entry& entry, const FetchedValue& value) const;

  // Starts writing this value to flash, or drops it from RAM if it is clean. False if it cannot be.
  bool SpillKey(keyspace::Database& database, keyspace::EntryRef ref);
  keyspace::Residency ResidencyOf(const keyspace::EntryRef& ref) const;

  // The record carries the hash of a name that its key had before: who adopts it later calls RenameLocator.
  bool Renamed(uint64_t locator) const override { return renamed_.contains(locator); }

  void ReleaseLocator(uint64_t locator) override;
  void RenameLocator(uint64_t locator, uint64_t key_hash) override;
  std::optional<uint64_t> OwnerOf(uint64_t owner, Locator locator) override;
  bool Moved(uint64_t owner, Locator from, Locator to) override;

 private:
  static constexpr int64_t kSliceUs = 100;
  static constexpr size_t kMaxBatchRecords = 64;
  static constexpr size_t kMaxBatchBytes = 256 * 1024;

  struct Spill {
    int database = 0;
    uint64_t hash = 0;
    keyspace::Entry* entry = nullptr;
    size_t reclaim_bytes = 0;
    size_t payload_bytes = 0;
    InFlightAges::Epoch epoch = 0;
  };
  struct Flight {
    std::vector<uint64_t> waiters;
    int64_t begun_us = 0;
    InFlightAges::Epoch epoch = 0;
  };
  struct Batch {
    std::vector<FlashRecord> records;
    std::vector<Spill> spills;
    size_t bytes = 0;
  };

  uint64_t MaxSpillBytesInFlight() const;
  // False while the tier is full, and when writes have gone on failing until one succeeds: writers are not to wait
  // then.
  bool CanWrite() const { return !store_.full() && !write_retry_.given_up(); }
  // The entry whose value is behind the locator.
  Victim FindOwner(uint64_t key_hash, Locator locator);
  bool HasClean() const;
  // The store had room lately, but none for a value of this size.
  bool TooLarge(const keyspace::Entry& entry) const;
  static FlashRecord Encode(const keyspace::EntryRef& ref);
  // False if the value is larger than a record may be.
  bool AddToBatch(Batch& batch, keyspace::Database& database, keyspace::EntryRef& ref);
  // The string that was read, as part of `value`.
  static Result<std::string_view> StringIn(const FetchedValue& value);
  // What was read is no value of its entry.
  void NoteUnusable(const FetchedValue& value, const Status& error);
  // Puts a fetched value into its cold entry.
  Status Put(keyspace::Database& database, keyspace::EntryRef& ref, const FetchedValue& value) const;
  void SubmitBatch(Batch& batch);
  void CompleteWrite(const FlashCompletion& completion);
  void CompleteRead(FlashCompletion& completion);
  void FlushFrees();
  void NoteFailure(const Status& status);
  // The flight of a read that begins now or is under way.
  Flight& FlightOf(uint64_t locator);
  // What was read on this thread; counts a failure.
  FetchedValue TakeRead(Result<FlashRecord> record);
  // The entry of a finished spill, wherever it is by now; null database if it is gone or has changed.
  Victim FindSpilled(const Spill& spill);

  keyspace::Keyspace& keyspace_;
  FlashStore& store_;
  MemoryLimit& limit_;
  const TierOptions& options_;
  FetchListener& listener_;
  VictimPool victims_;
  PagerStats stats_;

  std::unordered_map<uint64_t, Spill> spills_;       // by locator
  std::unordered_set<const keyspace::Entry*> busy_;  // addresses that `spills_` names
  uint64_t spill_bytes_in_flight_ = 0;
  uint64_t reclaim_in_flight_ = 0;
  using Flights = std::unordered_map<uint64_t, Flight>;
  Flights flights_;                               // reads under way, by locator
  std::vector<Flights::node_type> used_flights_;  // for the next ones
  uint64_t fetch_bytes_in_flight_ = 0;
  // Of records whose keys were renamed since they were written: the hash of the key now, by locator.
  std::unordered_map<uint64_t, uint64_t> renamed_;
  // Of records that were moved while they were being read: where they are now.
  std::unordered_map<uint64_t, uint64_t> forwarded_;
  std::vector<Locator> frees_;
  std::vector<Locator> reads_;  // of Fetch
  std::vector<FlashCompletion> completions_;
  bool exhausted_ = false;  // the last look for victims found none
  WriteRetry write_retry_;
  WriteRetry fit_retry_;        // of values that were too large for the room there was
  size_t too_large_bytes_ = 0;  // what the smallest of them takes in RAM, while `fit_retry_` is paused
  PagerHealth health_;          // without the ages
  InFlightAges read_ages_;
  InFlightAges write_ages_;
  uint64_t installs_ = 0;
  int64_t longest_read_us_ = 0;
  int64_t retry_at_us_ = 0;  // when to look again after that
};

}  // namespace tidemark::tiering
