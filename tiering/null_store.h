// The flash tier switched off: holds nothing, is always full, and must not be asked to keep or read anything.
#pragma once

#include "tiering/flash_store.h"

namespace tidemark::tiering {

class NullStore final : public FlashStore {
 public:
  const char* name() const override { return "none"; }
  bool enabled() const override { return false; }
  Room room() const override { return Room::kNo; }
  std::vector<Locator> SubmitWrites(std::vector<FlashRecord> records) override;
  void SubmitReads(std::span<const Locator> locators, ReadPriority priority) override;
  Result<FlashRecord> ReadNow(Locator locator) override;
  void Free(std::span<const Locator> locators) override;
  void Clear() override {}
  PinToken Pin() override { return 0; }
  void Unpin(PinToken) override {}
  Status Sync() override { return Status::Ok(); }
  void Compact() override {}
  int completion_fd() const override { return -1; }
  size_t Reap(std::vector<FlashCompletion>&, size_t) override { return 0; }
  FlashStats Stats() const override { return {}; }
};

}  // namespace tidemark::tiering
