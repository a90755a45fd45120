// A pager between a keyspace and a simulated store, and a store wrapper that knows which records are out: each is to be
// given back exactly once.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../keyspace/test_keyspace.h"
#include "base/memory_limit.h"
#include "tiering/pager/pager.h"
#include "tiering/simulated_store.h"

namespace tidemark::tiering {

class CountingStore final : public FlashStore, public RecordOwner {
 public:
  explicit CountingStore(SimulatedStore& store) : store_(store) {}

  const char* name() const override { return store_.name(); }
  bool enabled() const override { return true; }
  Room room() const override { return store_.room(); }
  void set_owner(RecordOwner* owner) override {
    owner_ = owner;
    store_.set_owner(owner == nullptr ? nullptr : this);
  }
  std::optional<uint64_t> OwnerOf(uint64_t owner, Locator locator) override { return owner_->OwnerOf(owner, locator); }
  bool Moved(uint64_t owner, Locator from, Locator to) override {
    if (!owner_->Moved(owner, from, to)) return false;
    EXPECT_EQ(live_.erase(from.raw()), 1u) << "moved, but not there";
    live_.insert(to.raw());
    return true;
  }
  std::vector<Locator> SubmitWrites(std::vector<FlashRecord> records) override {
    std::vector<Locator> locators = store_.SubmitWrites(std::move(records));
    for (const Locator locator : locators) EXPECT_TRUE(live_.insert(locator.raw()).second);
    return locators;
  }
  void SubmitReads(std::span<const Locator> locators, ReadPriority priority) override {
    for (const Locator locator : locators) EXPECT_TRUE(live_.contains(locator.raw())) << "read of a freed record";
    store_.SubmitReads(locators, priority);
  }
  Result<FlashRecord> ReadNow(Locator locator) override { return store_.ReadNow(locator); }
  void Free(std::span<const Locator> locators) override {
    for (const Locator locator : locators) {
      EXPECT_EQ(live_.erase(locator.raw()), 1u) << "freed twice, or never written: " << locator.raw();
    }
    store_.Free(locators);
  }
  void Clear() override { store_.Clear(); }
  PinToken Pin() override { return store_.Pin(); }
  void Unpin(PinToken token) override { store_.Unpin(token); }
  Status Sync() override { return store_.Sync(); }
  void Compact() override { store_.Compact(); }
  int completion_fd() const override { return store_.completion_fd(); }
  size_t Reap(std::vector<FlashCompletion>& out, size_t max) override {
    const size_t before = out.size();
    const size_t count = store_.Reap(out, max);
    for (size_t i = before; i < out.size(); ++i) {
      // A record whose write failed was never kept.
      if (out[i].kind == FlashCompletion::Kind::kWrite && !out[i].status.ok()) live_.erase(out[i].locator.raw());
    }
    return count;
  }
  FlashStats Stats() const override { return store_.Stats(); }

  const std::set<uint64_t>& live() const { return live_; }

 private:
  SimulatedStore& store_;
  RecordOwner* owner_ = nullptr;
  std::set<uint64_t> live_;
};

struct PagerRig : FetchListener {
  // Nothing fits, or there is no limit: what the process really uses does not matter then.
  static constexpr uint64_t kShort = 1;
  static constexpr uint64_t kRoomy = uint64_t{1} << 60;

  explicit PagerRig(keyspace::KeyspaceOptions keyspace_options = {}, uint64_t seed = 1)
      : base(seed, keyspace_options), pager(base.keyspace, store, limit, options, *this) {
    limit.set_max_bytes(kRoomy);
  }

  // One for the process: an account takes an arena of the allocator for good.
  static MemoryAccount& Account() {
    static MemoryAccount account;
    return account;
  }

  void OnFetched(uint64_t waiter, uint64_t, uint64_t locator,
                 const std::shared_ptr<const FetchedValue>& value) override {
    fetched[waiter][locator] = value;
  }

  keyspace::Database& db(int index = 0) { return base.db(index); }
  keyspace::EntryRef Find(std::string_view key, int index = 0) { return db(index).Find(base.Key(key)); }
  keyspace::Residency Where(std::string_view key, int index = 0) { return pager.ResidencyOf(Find(key, index)); }
  void Set(std::string_view key, std::string_view value) { base.Set(key, value); }

  // Finishes what is under way and takes it in.
  void Finish() {
    while (simulated.waiting() > 0 || simulated.Stats().writes_in_flight + simulated.Stats().reads_in_flight > 0) {
      simulated.StepAll();
    }
    while (pager.Reap(16)) {
    }
  }
  void MakeCold(std::string_view key, int index = 0) {
    ASSERT_TRUE(pager.SpillKey(db(index), Find(key, index)));
    Finish();
    ASSERT_EQ(Where(key, index), keyspace::Residency::kCold);
  }
  // As a session does: fetches a cold value and installs it. Answers what Install said.
  Result<Pager::Installed> Bring(std::string_view key, int index = 0) {
    const Locator locator(Find(key, index)->locator());
    pager.Fetch(std::span(&locator, 1), kWaiter);
    Finish();
    keyspace::EntryRef ref = Find(key, index);
    return pager.Install(db(index), ref, *fetched[kWaiter].at(locator.raw()));
  }
  // Reads as a command does; what is transient goes back to flash.
  std::string Read(std::string_view key, int index = 0) {
    const keyspace::EntryRef ref = Find(key, index);
    if (!ref || !ref->cold()) return base.Get(key, index);
    const uint64_t locator = ref->locator();
    const auto installed = Bring(key, index);
    if (!installed) return "(" + installed.error().message() + ")";
    const std::string value = base.Get(key, index);
    if (*installed == Pager::Installed::kTransient) pager.Settle(db(index), base.Key(key), locator);
    return value;
  }

  // With nothing under way: the records out are those that entries name, one each, and no entry is left spilling.
  void ExpectConsistent() {
    Finish();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (base.keyspace.lazy_free().pending_objects() > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    base.keyspace.CollectReleasedLocators();
    const uint64_t before = limit.max_bytes();
    limit.set_max_bytes(0);
    pager.Tick();  // hands the freed locators over
    limit.set_max_bytes(before);
    std::set<uint64_t> named;
    for (int i = 0; i < base.keyspace.database_count(); ++i) {
      const keyspace::EntryDict& dict = db(i).dict();
      for (size_t bucket = 0; bucket < dict.bucket_count(); ++bucket) {
        dict.VisitChain(bucket, [&](keyspace::EntryDict::Slot slot) {
          const keyspace::Entry& entry = *dict.Get(slot);
          EXPECT_NE(entry.residency(), keyspace::Residency::kSpilling) << "nobody writes " << entry.key();
          if (entry.locator() == 0) return;
          EXPECT_TRUE(named.insert(entry.locator()).second) << "two entries name a record";
        });
      }
    }
    EXPECT_EQ(named, store.live());
  }

  static constexpr uint64_t kWaiter = 7;

  keyspace::TestKeyspace base;
  SimulatedStore simulated{{.stepping = SimulatedStore::Stepping::kByHand, .capacity_bytes = 0}};
  CountingStore store{simulated};
  MemoryLimit limit{Account()};
  TierOptions options;
  std::map<uint64_t, std::map<uint64_t, std::shared_ptr<const FetchedValue>>> fetched;
  Pager pager;
};

}  // namespace tidemark::tiering
