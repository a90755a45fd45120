// A value log on a simulated device, and the owner of its records.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store_harness.h"
#include "tiering/device/simulated_device.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {

inline constexpr uint64_t kSegmentBytes = uint64_t{1} << 20;

// Keys are numbers, and so are their owners.
class ValueLogRig : public RecordOwner {
 public:
  explicit ValueLogRig(ValueLogOptions options = {}, uint64_t segment_bytes = kSegmentBytes) {
    options.segment_bytes = segment_bytes;
    auto simulated = std::make_unique<SimulatedDevice>();
    device = simulated.get();
    store = std::make_unique<ValueLogStore>(std::move(simulated), options);
    store->set_owner(this);
  }

  std::optional<uint64_t> OwnerOf(uint64_t owner, Locator locator) override {
    const auto it = where.find(owner);
    if (it == where.end() || it->second != locator) return std::nullopt;
    return owner;
  }
  bool Moved(uint64_t owner, Locator from, Locator to) override {
    const auto it = where.find(owner);
    if (it == where.end() || it->second != from) return false;
    it->second = to;
    ++moves;
    return true;
  }

  // On the device, without what is made ahead.
  uint64_t HeldBytes() const { return device->total_bytes() - store->Stats().spare_bytes; }

  // One turn of the loop; finished writes are told to the model.
  void Turn(size_t steps = SIZE_MAX) {
    store->Kick();
    device->Step(steps);
    done.clear();
    store->Reap(done, SIZE_MAX);
    for (FlashCompletion& completion : done) {
      if (completion.kind == FlashCompletion::Kind::kRead) {
        reads[completion.locator.raw()] = std::move(completion);
        continue;
      }
      const auto key = writing.extract(completion.locator.raw());
      if (!completion.status.ok()) {
        ++failed_writes;
      } else if (values.contains(key.mapped()) && pending[key.mapped()] == completion.locator) {
        where[key.mapped()] = completion.locator;
      } else {
        store->Free({&completion.locator, 1});
      }
    }
  }
  // Spills a value under this key; what was there is given up.
  void Put(uint64_t key, std::string value) {
    Drop(key);
    const Locator locator = store->SubmitWrites({{7, value, key, 0}})[0];
    values[key] = std::move(value);
    pending[key] = locator;
    writing[locator.raw()] = key;
  }
  void Drop(uint64_t key) {
    values.erase(key);
    if (const auto it = where.find(key); it != where.end()) {
      const Locator locator = it->second;
      where.erase(it);
      store->Free({&locator, 1});
    }
  }
  void Settle() {
    ASSERT_TRUE(Eventually([&] {
      Turn();
      return writing.empty() && device->in_flight() == 0;
    }));
  }
  Result<FlashRecord> Get(uint64_t key) { return store->ReadNow(where.at(key)); }
  void ExpectAll() {
    for (const auto& [key, locator] : where) {
      const auto record = store->ReadNow(locator);
      ASSERT_TRUE(record.has_value()) << record.error().message();
      ASSERT_EQ(record->payload, values.at(key)) << key;
      ASSERT_EQ(record->type_tag, 7);
    }
  }

  SimulatedDevice* device = nullptr;
  std::unique_ptr<ValueLogStore> store;
  std::map<uint64_t, std::string> values;
  std::map<uint64_t, Locator> where;    // of what has been written
  std::map<uint64_t, Locator> pending;  // of the last write of each key
  std::map<uint64_t, uint64_t> writing;
  std::map<uint64_t, FlashCompletion> reads;
  std::vector<FlashCompletion> done;
  size_t failed_writes = 0;
  size_t moves = 0;
};

}  // namespace tidemark::tiering
