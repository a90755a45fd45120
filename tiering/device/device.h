// Asynchronous reads and writes by offset on a set of files: what the value log stands on. Files are numbered; numbers
// are used again. One thread owns a device and calls all of its functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace tidemark::tiering {

struct DeviceOperation {
  enum class Kind : uint8_t { kRead, kWrite };
  Kind kind = Kind::kRead;
  uint32_t file = 0;
  uint64_t offset = 0;
  char* data = nullptr;  // the caller's, until the completion
  size_t bytes = 0;
  uint64_t tag = 0;  // comes back with the completion
};

struct DeviceCompletion {
  uint64_t tag = 0;
  int error = 0;  // an errno; 0: all bytes were transferred
};

class Device {
 public:
  // Of offsets, lengths and addresses, bytes.
  static constexpr size_t kAlignment = 4096;

  virtual ~Device() = default;

  // "io_uring", "threads" or "simulated".
  virtual const char* name() const = 0;
  // Most reads will go to this memory, which outlives the device: it may prepare for that. A forked child may lack it.
  virtual void ExpectReadsInto(char*, size_t) {}
  // A new file with so many bytes set aside on disk. kNoSpace if there is no room for it.
  virtual Result<uint32_t> CreateFile(uint64_t bytes) = 0;
  // As CreateFile, without waiting for the file system: TakePrepared has the file, or the error, when it is there, and
  // completion_fd() tells so. One at a time.
  virtual void PrepareFile(uint64_t bytes) = 0;
  virtual std::optional<Result<uint32_t>> TakePrepared() = 0;
  // The file of an earlier device on the same directory, by what SerialOf answered then. At least so many bytes of it
  // are there, or the error says what is wrong with it; what it has behind them is given back.
  virtual Result<uint32_t> OpenFile(uint64_t serial, uint64_t bytes) = 0;
  // Names a file for good, unlike its number.
  virtual uint64_t SerialOf(uint32_t file) const = 0;
  // Where it is; empty if it is no real file.
  virtual std::string PathOf(uint32_t) const { return {}; }
  // Gives back what a file has behind its first `bytes`, a multiple of the alignment: nothing was written there.
  virtual void ShrinkFile(uint32_t file, uint64_t bytes) = 0;
  // The file and its space go; nothing may be under way on it.
  virtual void RemoveFile(uint32_t file) = 0;
  // What ShrinkFile and RemoveFile have given up and the disk has not yet got back.
  virtual uint64_t leaving_bytes() const { return 0; }

  // Queues an operation; Kick starts what is queued. An operation that transfers less than asked is gone on with.
  virtual void Submit(const DeviceOperation& operation) = 0;
  virtual void Kick() = 0;
  // Readable while Reap may have something.
  virtual int completion_fd() const = 0;
  // Makes completion_fd() readable, whatever Reap has.
  virtual void Signal() = 0;
  // Appends what has finished. Clears what made the descriptor readable.
  virtual void Reap(std::vector<DeviceCompletion>& out) = 0;
  // Operations submitted and not reaped.
  virtual size_t in_flight() const = 0;
  // Returns when there is something to reap; at once if nothing is under way.
  virtual void Wait() = 0;

  // Reads on the calling thread. The error as in DeviceCompletion.
  virtual int ReadNow(uint32_t file, uint64_t offset, char* data, size_t bytes) = 0;
  // What has been written to this file is on stable storage.
  virtual int SyncNow(uint32_t file) = 0;
};

}  // namespace tidemark::tiering
