// The one interface of the flash tier's storage: records in, locators out. Keys, clients and the event loop are unknown
// to it. All functions are called by the main thread; an engine does its I/O on threads or rings of its own and reports
// by making `completion_fd()` readable, after which the main thread calls `Reap()`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"

namespace tidemark::tiering {

// Names a record for as long as it lives; never reused within one life of the store, so it also serves as the version
// of what it names: a completion whose locator is no longer the entry's is stale. The top byte is a size class that
// bounds how many bytes a read will bring, the rest belongs to the engine. Zero names nothing.
class Locator {
 public:
  static constexpr int kSizeClassShift = 56;

  constexpr Locator() = default;
  constexpr explicit Locator(uint64_t raw) : raw_(raw) {}
  static Locator Make(uint64_t engine_bits, size_t payload_bytes);

  constexpr uint64_t raw() const { return raw_; }
  constexpr uint64_t engine_bits() const { return raw_ & ((uint64_t{1} << kSizeClassShift) - 1); }
  constexpr bool valid() const { return raw_ != 0; }
  constexpr int size_class() const { return static_cast<int>(raw_ >> kSizeClassShift); }
  // An upper bound of the payload's size in bytes, at most twice the true size for payloads above 64 bytes.
  size_t max_payload_bytes() const;

  friend constexpr bool operator==(Locator, Locator) = default;

 private:
  uint64_t raw_ = 0;
};

// What a spill hands over. `payload` is the RDB body of the value; `type_tag` is the RDB type byte. The store keeps
// both and returns them unchanged, having verified a checksum over them.
struct FlashRecord {
  uint8_t type_tag = 0;
  std::string payload;
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
  std::string payload;   // reads only
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
  uint64_t memory_bytes = 0;  // buffers, caches and indexes held in RAM by the engine
  uint64_t writes_in_flight = 0;
  uint64_t write_bytes_in_flight = 0;
  uint64_t reads_in_flight = 0;
};

using PinToken = uint64_t;

class FlashStore {
 public:
  virtual ~FlashStore() = default;

  // "rocksdb", "valuelog", "simulated" or "none".
  virtual const char* name() const = 0;
  // False only for the null store: nothing can be spilled.
  virtual bool enabled() const = 0;
  // True while new records would be refused: tier-max-size is reached, or the device said it has no space.
  virtual bool full() const = 0;

  // Takes the records and answers at once with a locator for each, in order. A record can be read and freed from then
  // on. One kWrite completion follows for each record. The value in RAM may be given up only after a good one.
  virtual std::vector<Locator> SubmitWrites(std::vector<FlashRecord> records) = 0;

  // Starts a read of each locator; one kRead completion follows for each, in any order.
  virtual void SubmitReads(std::span<const Locator> locators, ReadPriority priority) = 0;

  // Reads on the calling thread, waiting for the device. For what could not be foreseen; counted apart by the caller.
  virtual Result<FlashRecord> ReadNow(Locator locator) = 0;

  // Gives the records up; also while their write or a read of them is under way (the completion still comes).
  virtual void Free(std::span<const Locator> locators) = 0;

  // Gives up every record (FLUSHALL), faster than freeing one by one. Completions of operations under way still come.
  virtual void Clear() = 0;

  // Records freed after Pin stay readable through ReadNow until Unpin.
  virtual PinToken Pin() = 0;
  virtual void Unpin(PinToken token) = 0;

  // Returns when everything whose write has completed is on stable storage.
  virtual Status Sync() = 0;

  // Asks the engine to give dead space back now (TIER COMPACT); returns at once.
  virtual void Compact() = 0;

  // Readable (epoll) while Reap has something to return; -1 if the store never completes anything.
  virtual int completion_fd() const = 0;
  // Appends at most `max` completions to `out`; returns how many.
  virtual size_t Reap(std::vector<FlashCompletion>& out, size_t max) = 0;

  virtual FlashStats Stats() const = 0;
};

}  // namespace tidemark::tiering
