// The one interface of the flash tier's storage: records in, locators out. Keys, clients and the event loop are unknown
// to it. All functions are called by the main thread; an engine does its I/O on threads or rings of its own and reports
// by making `completion_fd()` readable, after which the main thread calls `Reap()`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "tiering/compression.h"
#include "tiering/payload.h"
#include "tiering/store_checkpoint.h"

namespace tidemark::tiering {

// Names a record for as long as it lives and is not moved; never reused within one life of the store, so it also serves
// as the version of what it names: a completion whose locator is no longer the entry's is stale. The top byte is a size
// class that bounds how many bytes a read will bring, the rest belongs to the engine. Zero names nothing.
class Locator {
 public:
  static constexpr int kSizeClassShift = 56;

  constexpr Locator() = default;
  constexpr explicit Locator(uint64_t raw) : raw_(raw) {}
  // Payloads are at most 2^37 bytes.
  static Locator Make(uint64_t engine_bits, size_t payload_bytes);

  constexpr uint64_t raw() const { return raw_; }
  constexpr uint64_t engine_bits() const { return raw_ & ((uint64_t{1} << kSizeClassShift) - 1); }
  constexpr bool valid() const { return raw_ != 0; }
  constexpr int size_class() const { return static_cast<int>(raw_ >> kSizeClassShift); }
  // An upper bound of the payload's size in bytes, at most an eighth above the true size for payloads above 64 bytes.
  size_t max_payload_bytes() const;

  friend constexpr bool operator==(Locator, Locator) = default;

 private:
  uint64_t raw_ = 0;
};

// What a spill hands over. `payload` is the value's body (formats/record_body.h); `type_tag` is the RDB type byte. The
// store keeps both and returns them unchanged, having verified a checksum over them.
struct FlashRecord {
  uint8_t type_tag = 0;
  std::string payload;
  // Whose it is, as RecordOwner knows it; kept with the record, but who reads it may not be told.
  uint64_t owner = 0;
  // When it will be freed at the latest, Unix time in milliseconds; 0 if that is not known. Records that go together
  // are best kept together.
  int64_t expiry_ms = 0;
};

// One finished write or read, in the order the engine finished them.
struct FlashCompletion {
  enum class Kind : uint8_t { kWrite, kRead };
  Kind kind = Kind::kWrite;
  Locator locator;
  // kNoSpace: the tier is full, the record was not kept. kCorruption: the checksum did not match. kNotFound: no such
  // record. kIoError: the device failed.
  Status status;
  uint8_t type_tag = 0;  // reads only
  Payload payload;       // reads only
};

// Whom an engine asks that moves records about, to give space back.
class RecordOwner {
 public:
  virtual ~RecordOwner() = default;
  // Whose the record is now, if it is still wanted.
  virtual std::optional<uint64_t> OwnerOf(uint64_t owner, Locator locator) = 0;
  // There is a copy of the record at `to`. True: that is its locator from now on, and `from` is given up. False: it has
  // been given up meanwhile, and so is the copy.
  virtual bool Moved(uint64_t owner, Locator from, Locator to) = 0;
};

// Whether new records are taken.
enum class Room : uint8_t {
  kYes,
  kSoon,  // the engine is making some
  kNo,    // tier-max-size is reached, or the device said it has no space
};

enum class ReadPriority : uint8_t { kClient, kBackground };

struct FlashStats {
  uint64_t records = 0;             // live
  uint64_t live_payload_bytes = 0;  // as handed over, before compression
  uint64_t disk_bytes = 0;          // what the files take
  uint64_t max_bytes = 0;           // tier-max-size, 0 for no limit
  uint64_t host_bytes_written = 0;  // by write and by cleaning or compaction
  uint64_t payload_bytes_written = 0;
  uint64_t writes = 0;
  uint64_t reads = 0;
  uint64_t frees = 0;
  uint64_t write_errors = 0;
  uint64_t read_errors = 0;
  uint64_t corruptions = 0;
  uint64_t compressed_records = 0;
  uint64_t memory_bytes = 0;  // buffers and caches held in RAM by the engine: not held against maxmemory
  uint64_t writes_in_flight = 0;
  uint64_t write_bytes_in_flight = 0;
  uint64_t reads_in_flight = 0;
  // Of engines that do their own I/O:
  uint64_t device_reads = 0;  // for SubmitReads and ReadNow
  uint64_t device_read_bytes = 0;
  uint64_t host_bytes_read = 0;  // cleaning or compaction included
  uint64_t spare_bytes = 0;      // of disk_bytes: set aside for what is to come
  uint64_t segments_cleaned = 0;
  uint64_t moved_bytes = 0;
  uint64_t damaged_segments = 0;  // ever found, which cannot be cleaned
  bool cleaning = false;          // now
  bool device_full = false;       // the device, not tier-max-size, is what leaves no room
  bool budget_reached = false;    // tier-write-budget is what leaves no room
  // Of segments in which nothing lives and that only pins keep. A checkpoint that is begun now gives them back when it
  // has landed, but for what another pin keeps.
  uint64_t pinned_dead_bytes = 0;
  bool checkpoint_leaves_no_room = false;  // there is none, and a new checkpoint would give some
  bool snapshot_leaves_no_room = false;    // the same, and the end of the snapshot under way will
};

// What can be changed while a store is in use.
struct StoreTuning {
  uint64_t max_bytes = 0;                      // tier-max-size, 0 for no limit
  uint64_t write_budget_bytes_per_second = 0;  // tier-write-budget, 0 for no limit
  Compression compression = Compression::kSnappy;
};

// Reads a great many records for one who waits for them.
class BulkReader {
 public:
  virtual ~BulkReader() = default;
  // As ReadNow, for each of them, in order.
  virtual std::vector<Result<FlashRecord>> Read(std::span<const Locator> locators) = 0;
};

// How a child of fork(2) reads what was pinned before. It may use neither the threads nor the rings of its parent, of
// which it has none.
class ForkedReader : public BulkReader {
 public:
  // Right after the fork, each in its process. The parent destroys its reader when the child has ended.
  virtual void InParent() {}
  virtual void InChild() {}
  // A descriptor that the child must not close; -1 if there is none.
  virtual int child_fd() const { return -1; }
};

class FlashStore {
 public:
  virtual ~FlashStore() = default;

  // "rocksdb", "valuelog", "simulated" or "none".
  virtual const char* name() const = 0;
  // "io_uring" or "threads", where the engine does its own I/O; else empty.
  virtual const char* device_name() const { return ""; }
  // False only for the null store: nothing can be spilled.
  virtual bool enabled() const = 0;
  virtual Room room() const = 0;
  bool full() const { return room() == Room::kNo; }

  // Without an owner records stay where they are, and only space of which nothing is wanted is given back.
  virtual void set_owner(RecordOwner*) {}

  // Holds from the next record on. A limit below what is stored takes nothing away: no new records are taken until
  // enough of it has been given up.
  virtual void Tune(const StoreTuning&) {}

  // Takes the records and answers at once with a locator for each, in order. A record can be read and freed from then
  // on. One kWrite completion follows for each record. The value in RAM may be given up only after a good one.
  virtual std::vector<Locator> SubmitWrites(std::vector<FlashRecord> records) = 0;

  // Starts what was submitted since the last call, as far as that has not begun. Once a turn of the event loop.
  virtual void Kick() {}
  // True while Kick has something to do in a few milliseconds, whatever else happens.
  virtual bool wants_kick() const { return false; }

  // Starts a read of each locator; one kRead completion follows for each, in any order. Of a record that was freed:
  // kNotFound, or still the record itself.
  virtual void SubmitReads(std::span<const Locator> locators, ReadPriority priority) = 0;

  // Reads on the calling thread, waiting for the device. For what could not be foreseen; counted apart by the caller.
  virtual Result<FlashRecord> ReadNow(Locator locator) = 0;

  // Gives the records up; also while their write or a read of them is under way (the completion still comes).
  virtual void Free(std::span<const Locator> locators) = 0;

  // Gives up every record (FLUSHALL), faster than freeing one by one. Completions of operations under way still come.
  virtual void Clear() = 0;

  // Records freed or moved after Pin stay readable through ReadNow, by the locator of that time, until Unpin.
  virtual PinToken Pin() = 0;
  virtual void Unpin(PinToken token) = 0;

  // --- Checkpoints: what a base file that names records by their locators needs. Only the value log makes them; the
  // others answer false, and an error that says so. tiering/README.md has the order of calls.
  virtual bool supports_checkpoints() const { return false; }
  // To be called right before PrepareFork with its pin: what has been written is not written to again, and the records
  // of that moment whose write has completed stay under their locators until the checkpoint ends. Waits for what is
  // under way on the device. One at a time.
  virtual Result<StoreCheckpoint> BeginCheckpoint();
  // What goes with the base file, any bytes, and back to the store that opens the tier again: of the store as it was
  // when the checkpoint began, so to be called at once or by the forked child. Long work where records are many.
  virtual std::string DescribeCheckpoint(const StoreCheckpoint&) const { return {}; }
  // The base file that goes with the checkpoint counts from now on, and the one before it does not: what only that one
  // named is given up. SyncCheckpoint must have been done before.
  virtual void CheckpointLanded(const StoreCheckpoint&) {}
  // It will not count: the one before it does still.
  virtual void CheckpointFailed(const StoreCheckpoint&) {}
  // No base file names records any more: what the last checkpoint names is given up.
  virtual void ForgetCheckpoint() {}
  // There is one that has landed, in this process or in the one whose description the store was opened with.
  virtual bool holds_checkpoint() const { return false; }
  // While this is so (at first it is), a tier without room that a new checkpoint would give some answers Room::kSoon;
  // else kNo. To be set false when none can be made.
  virtual void ExpectCheckpoint(bool) {}
  // Of a store opened with a description: this record is wanted still. Those that are not adopted are dead. kNotFound
  // if the description does not cover it, or more have been adopted than it tells of.
  virtual Status Adopt(Locator);
  // All have been: cleaning may begin. Before this nothing of the earlier process is cleaned or removed.
  virtual void EndAdoption() {}

  // While the reader lives nothing else may be asked of the store.
  virtual std::unique_ptr<BulkReader> OpenBulkReader();
  // Waits at most so long, in microseconds, until nothing is under way between the device and memory; whether it is so
  // then. Ask before BeginCheckpoint and PrepareFork, which wait without a bound.
  virtual bool SettleWithin(int64_t) { return true; }
  // To be called right before fork(2), with the pin held that the child will read under, which stays until the child
  // has ended. Waits until nothing is under way between the device and memory that a fork would share. This one is for
  // engines whose ReadNow uses only memory and descriptors, which a child has copies of.
  virtual std::unique_ptr<ForkedReader> PrepareFork(PinToken pin);

  // Returns when everything whose write has completed is on stable storage.
  virtual Status Sync() = 0;

  // Asks the engine to give dead space back now (TIER COMPACT); returns at once.
  virtual void Compact() = 0;

  // Readable (epoll) while Reap has something to return, unless it has just returned all it might; -1 if the store
  // never completes anything.
  virtual int completion_fd() const = 0;
  // Appends at most `max` completions to `out`; returns how many.
  virtual size_t Reap(std::vector<FlashCompletion>& out, size_t max) = 0;

  virtual FlashStats Stats() const = 0;
};

}  // namespace tidemark::tiering
