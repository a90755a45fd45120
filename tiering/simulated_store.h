// A flash store in memory, for tests of what stands above it: completions are held until the test steps them by hand,
// and faults are injected by the test. One thread owns it.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tiering/completion_queue.h"
#include "tiering/flash_store.h"

namespace tidemark::tiering {

class SimulatedStore final : public FlashStore {
 public:
  enum class Stepping : uint8_t {
    kByHand,     // nothing completes before Step
    kImmediate,  // everything completes when it is submitted
  };
  struct Options {
    Stepping stepping = Stepping::kImmediate;
    uint64_t capacity_bytes = 0;  // payload bytes, 0 for no limit
  };

  explicit SimulatedStore(Options options);
  ~SimulatedStore() override;

  const char* name() const override { return "simulated"; }
  bool enabled() const override { return true; }
  Room room() const override;
  std::vector<Locator> SubmitWrites(std::vector<FlashRecord> records) override;
  void SubmitReads(std::span<const Locator> locators, ReadPriority priority) override;
  Result<FlashRecord> ReadNow(Locator locator) override;
  void Free(std::span<const Locator> locators) override;
  void Clear() override;
  PinToken Pin() override;
  void Unpin(PinToken token) override;
  Status Sync() override { return Status::Ok(); }
  void Compact() override {}
  int completion_fd() const override { return completions_.fd(); }
  size_t Reap(std::vector<FlashCompletion>& out, size_t max) override;
  FlashStats Stats() const override;
  void set_owner(RecordOwner* owner) override { owner_ = owner; }

  // Test control. Finishes up to `count` operations: reads for clients first, then what was submitted first. Returns
  // how many were finished.
  size_t Step(size_t count);
  size_t StepAll() { return Step(SIZE_MAX); }
  size_t waiting() const { return client_reads_.size() + others_.size(); }
  void set_stepping(Stepping stepping);
  void set_capacity_bytes(uint64_t bytes) { options_.capacity_bytes = bytes; }
  // The next `count` writes to finish fail with `code`.
  void FailNextWrites(size_t count, StatusCode code);
  // Every read of this record, asynchronous or not, fails with `code` until HealRead.
  void FailRead(Locator locator, StatusCode code) { failing_reads_[locator.raw()] = code; }
  // Moves a record elsewhere, as an engine does that cleans. False if nobody wants it.
  bool Move(Locator from);
  void HealRead(Locator locator) { failing_reads_.erase(locator.raw()); }

 private:
  struct Operation {
    FlashCompletion::Kind kind;
    Locator locator;
  };
  struct Retained {
    FlashRecord record;
    PinToken newest_pin;  // of those that held it when it was freed
  };

  void Finish(const Operation& operation);
  Result<FlashRecord> Find(Locator locator);
  // Takes a live record out; keeps it aside while a pin is held.
  void Drop(uint64_t raw);

  Options options_;
  CompletionQueue completions_;
  uint64_t last_id_ = 0;
  PinToken last_pin_ = 0;
  std::unordered_map<uint64_t, FlashRecord> live_;
  std::unordered_map<uint64_t, Retained> retained_;
  std::set<PinToken> pins_;
  std::unordered_map<uint64_t, size_t> write_bytes_;  // of writes under way
  std::deque<Operation> client_reads_;
  std::deque<Operation> others_;
  std::unordered_map<uint64_t, FlashRecord> left_behind_;  // moved elsewhere; reads under way still find them
  std::unordered_map<uint64_t, StatusCode> failing_reads_;
  size_t failing_writes_ = 0;
  StatusCode failing_writes_code_ = StatusCode::kIoError;
  FlashStats stats_;
  RecordOwner* owner_ = nullptr;
};

}  // namespace tidemark::tiering
