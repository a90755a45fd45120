// Goal: whatever happens at once, the value log keeps what it was given. Random writes, reads, frees, cleaning, pins,
// limits that change, FLUSHALL, against a model in memory, on a device that fails, tears writes, runs out of space,
// holds completions back and loses bits. A read brings the right value, or an error that the faults explain.
//
// TIDEMARK_VALUELOG_SEEDS is the number of rounds (100), of 10 000 operations each.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store_harness.h"
#include "support/seed.h"
#include "tiering/device/simulated_device.h"
#include "tiering/valuelog/record.h"
#include "tiering/valuelog/value_log_store.h"

namespace tidemark::tiering {
namespace {

constexpr uint64_t kSegmentBytes = uint64_t{1} << 20;
constexpr uint64_t kKeys = 3000;
constexpr int kSteps = 10'000;
constexpr uint8_t kTypeTag = 7;

class Model : public RecordOwner {
 public:
  explicit Model(uint64_t seed) : random_(seed) {
    auto simulated = std::make_unique<SimulatedDevice>();
    device_ = simulated.get();
    device_->tears = random_.Below(2) == 0;
    const ValueLogOptions options{.max_bytes = RandomLimit(),
                                  .segment_bytes = random_.Below(2) == 0 ? kSegmentBytes : 4 * kSegmentBytes};
    store_ = std::make_unique<ValueLogStore>(std::move(simulated), options);
    store_->set_owner(this);
    may_fill_ = random_.Below(4) == 0;
    const uint64_t fault_chance = random_.Below(3) * 20;
    fault_ = [this, fault_chance](const DeviceOperation& operation) {
      if (random_.Below(1000) >= fault_chance) return 0;
      const bool write = operation.kind == DeviceOperation::Kind::kWrite;
      return may_fill_ && write && random_.Below(10) == 0 ? ENOSPC : EIO;
    };
    device_->fault = fault_;
  }

  void Run() {
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) Step();
    Heal();
    if (pin_) ReleasePin();
    ASSERT_TRUE(Eventually([&] {
      Turn(SIZE_MAX);
      return writing_.empty() && reading_.empty() && device_->in_flight() == 0;
    }));
    for (const auto& [key, locator] : where_) ExpectReadNow(locator, values_.at(key));
    const FlashStats stats = store_->Stats();
    EXPECT_EQ(stats.records, where_.size());
    EXPECT_EQ(stats.reads_in_flight, 0u);
    EXPECT_EQ(stats.writes_in_flight, 0u);
    EXPECT_EQ(stats.write_bytes_in_flight, 0u);
  }

  std::optional<uint64_t> OwnerOf(uint64_t owner, Locator locator) override {
    const auto it = where_.find(owner);
    if (it == where_.end() || it->second != locator) return std::nullopt;
    return owner;
  }
  bool Moved(uint64_t owner, Locator from, Locator to) override {
    const auto it = where_.find(owner);
    if (it == where_.end() || it->second != from) return false;
    it->second = to;
    ++moves;
    return true;
  }

  // What has been met in all rounds.
  static inline size_t moves = 0;
  static inline size_t writes = 0;
  static inline size_t good_reads = 0;
  static inline size_t failed_reads = 0;
  static inline size_t failed_writes = 0;
  static inline size_t flipped_bits = 0;
  static inline size_t detached = 0;  // of those, where header and body are apart
  static inline size_t corruptions = 0;
  static inline size_t pins = 0;

 private:
  uint64_t RandomLimit() { return random_.Below(2) == 0 ? 0 : (8 + random_.Below(16)) * kSegmentBytes; }

  void Step() {
    const uint64_t key = random_.Below(kKeys);
    switch (random_.Below(16)) {
      case 0:
      case 1:
        Drop(key);
        break;
      case 2:
      case 3:
      case 4:
        Read(key);
        break;
      case 5:
        Turn(random_.Below(4));
        break;
      case 6:
        Rarely();
        break;
      default:
        if (store_->room() == Room::kYes) Put(key);
        Turn(held_ > 0 ? 0 : random_.Below(4));
        held_ -= held_ > 0 ? 1 : 0;
    }
  }
  // What would hide everything else if it were done often.
  void Rarely() {
    switch (random_.Below(40)) {
      case 0:
      case 1:
        store_->Compact();
        break;
      case 2:
        Tune();
        break;
      case 3:
        // The store tries a full device again after a second, which is most of a round: not in all of them.
        if (may_fill_) device_->capacity_bytes = device_->total_bytes() + random_.Below(3) * kSegmentBytes;
        break;
      case 4:
      case 5:
        held_ = static_cast<int>(random_.Below(200));
        break;
      case 6:
      case 7:
        FlipABit();
        break;
      case 8:
        pin_ ? ReleasePin() : TakePin();
        break;
      case 9:
        if (random_.Below(10) == 0) Clear();
        break;
      case 10:
        device_->fault = device_->fault == nullptr ? fault_ : nullptr;
        break;
      case 11:
        // Fails where a write does, which is no news.
        if (random_.Below(4) == 0) static_cast<void>(store_->Sync().ok());
        break;
      default:
        Turn(SIZE_MAX);
    }
  }

  void Tune() {
    store_->Tune({.max_bytes = RandomLimit(),
                  .write_budget_bytes_per_second = random_.Below(4) == 0 ? uint64_t{64} << 20 : 0,
                  .compression = random_.Below(2) == 0 ? Compression::kSnappy : Compression::kNone});
  }

  void Put(uint64_t key) {
    Drop(key);
    std::string value = random_.Below(3) == 0 ? RandomPayload(random_, random_.Below(3000))
                                              : CompressiblePayload(random_, random_.Below(3000));
    if (random_.Below(6) == 0)
      value = RandomPayload(random_, random_.Below(300) < 100 ? 4096 : 3800 + random_.Below(9000));
    if (random_.Below(500) == 0) value = RandomPayload(random_, random_.Below(2 * kSegmentBytes));
    ++writes;
    const Locator locator = store_->SubmitWrites({{kTypeTag, value, key, 0}})[0];
    ASSERT_TRUE(writing_.emplace(locator.raw(), key).second) << "a locator given twice";
    values_[key] = std::move(value);
    last_write_[key] = locator;
  }
  void Drop(uint64_t key) {
    values_.erase(key);
    if (const auto dropped = where_.extract(key)) store_->Free({&dropped.mapped(), 1});
  }
  void Clear() {
    store_->Clear();
    where_.clear();
    values_.clear();
    last_write_.clear();
  }
  void Read(uint64_t key) {
    const auto it = where_.find(key);
    if (it == where_.end()) return;
    reading_[it->second.raw()].push_back({key, values_.at(key)});
    store_->SubmitReads({&it->second, 1}, ReadPriority::kClient);
  }

  void Turn(size_t steps) {
    store_->Kick();
    device_->Step(steps);
    done_.clear();
    store_->Reap(done_, SIZE_MAX);
    for (FlashCompletion& completion : done_) {
      if (completion.kind == FlashCompletion::Kind::kRead) {
        FinishRead(completion);
      } else {
        FinishWrite(completion);
      }
    }
  }
  void FinishWrite(const FlashCompletion& completion) {
    const auto key = writing_.extract(completion.locator.raw());
    ASSERT_FALSE(key.empty()) << "a completion of nothing";
    const auto last = last_write_.find(key.mapped());
    const bool wanted =
        values_.contains(key.mapped()) && last != last_write_.end() && last->second == completion.locator;
    if (!completion.status.ok()) {
      ++failed_writes;
      if (wanted) values_.erase(key.mapped());
    } else if (wanted) {
      where_[key.mapped()] = completion.locator;
    } else {
      store_->Free({&completion.locator, 1});
    }
  }
  void FinishRead(const FlashCompletion& completion) {
    const auto it = reading_.find(completion.locator.raw());
    ASSERT_NE(it, reading_.end()) << "a completion of nothing";
    const auto [key, value] = it->second.front();
    it->second.erase(it->second.begin());
    if (it->second.empty()) reading_.erase(it);
    switch (completion.status.code()) {
      case StatusCode::kOk:
        ++good_reads;
        EXPECT_EQ(completion.payload, value) << "key " << key;
        EXPECT_EQ(completion.type_tag, kTypeTag);
        break;
      case StatusCode::kCorruption:
        ++corruptions;
        EXPECT_TRUE(damaged_.contains(completion.locator.raw())) << "key " << key;
        break;
      case StatusCode::kNotFound: {
        const auto now = where_.find(key);
        EXPECT_TRUE(now == where_.end() || now->second != completion.locator) << "key " << key << " is there";
        break;
      }
      default:
        ++failed_reads;
        EXPECT_EQ(completion.status.code(), StatusCode::kIoError) << completion.status.message();
    }
  }
  void ExpectReadNow(Locator locator, const std::string& value) {
    const Result<FlashRecord> record = store_->ReadNow(locator);
    if (record) {
      ASSERT_EQ(record->payload, value);
      ASSERT_EQ(record->type_tag, kTypeTag);
    } else {
      ASSERT_EQ(record.error().code(), StatusCode::kCorruption) << record.error().message();
      ASSERT_TRUE(damaged_.contains(locator.raw()));
      ++corruptions;
    }
  }

  // Of a record that has been written.
  void FlipABit() {
    if (where_.empty() || device_->files().empty()) return;
    auto it = where_.lower_bound(random_.Below(kKeys));
    if (it == where_.end()) it = where_.begin();
    const Place place = Place::Of(it->second);
    for (auto& [number, bytes] : device_->files()) {
      const std::vector<char*> record = RecordIn(bytes, place, it->first);
      if (record.empty()) continue;
      *record[random_.Below(record.size())] ^= static_cast<char>(1 << random_.Below(8));
      damaged_.insert(it->second.raw());
      ++flipped_bits;
      return;
    }
  }
  // The bytes of the file that are the key's record, its header too if that is elsewhere. Empty if it is not there.
  std::vector<char*> RecordIn(std::string& bytes, const Place& place, uint64_t key) {
    std::vector<char*> record;
    const auto add = [&](size_t offset, size_t count) {
      for (size_t i = 0; i < count; ++i) record.push_back(bytes.data() + offset + i);
    };
    if (place.offset >= bytes.size()) return record;
    const std::string& value = values_.at(key);
    const std::string_view here = std::string_view(bytes).substr(place.offset);
    const Result<RecordView> ordinary = ViewRecord(here, place.generation);
    const Result<FlashRecord> copy = ordinary ? ordinary->Copy() : ordinary.error();
    if (copy && copy->owner == key && copy->payload == value) {
      add(place.offset, RecordBytes(ordinary->body.size()));
      return record;
    }
    if (!here.starts_with(value)) return record;
    for (size_t at = 0; at < place.offset; at += Place::kGranuleBytes) {
      const auto header = ReadDetachedHeader(std::string_view(bytes).substr(at), place.generation);
      if (!header || header->body_offset() != place.offset || header->record.owner != key) continue;
      ++detached;
      add(place.offset, value.size());
      // As likely to be hit as the body.
      for (size_t i = 0; i < value.size(); i += sizeof(*header)) add(at, sizeof(*header));
      return record;
    }
    return record;
  }

  void TakePin() {
    pin_ = store_->Pin();
    ++pins;
    pinned_.clear();
    for (const auto& [key, locator] : where_) {
      if (random_.Below(50) == 0) pinned_.emplace_back(locator, values_.at(key));
    }
  }
  void ReleasePin() {
    const auto fault = std::exchange(device_->fault, nullptr);
    for (const auto& [locator, value] : pinned_) ExpectReadNow(locator, value);
    device_->fault = fault;
    store_->Unpin(*pin_);
    pin_.reset();
  }

  void Heal() {
    device_->fault = nullptr;
    device_->capacity_bytes = UINT64_MAX;
    held_ = 0;
    store_->Tune({});
  }

  Random random_;
  SimulatedDevice* device_ = nullptr;
  std::unique_ptr<ValueLogStore> store_;
  std::function<int(const DeviceOperation&)> fault_;
  bool may_fill_ = false;
  int held_ = 0;  // for so many steps the device finishes nothing, or little

  std::map<uint64_t, std::string> values_;
  std::map<uint64_t, Locator> where_;                                          // of what has been written
  std::map<uint64_t, Locator> last_write_;                                     // of each key
  std::map<uint64_t, uint64_t> writing_;                                       // key, by locator
  std::map<uint64_t, std::vector<std::pair<uint64_t, std::string>>> reading_;  // key and value, by locator
  std::set<uint64_t> damaged_;                                                 // locators
  std::optional<PinToken> pin_;
  std::vector<std::pair<Locator, std::string>> pinned_;
  std::vector<FlashCompletion> done_;
};

TEST(ValueLogModel, RandomWorkOnADeviceWithEveryFault) {
  const char* const wanted = std::getenv("TIDEMARK_VALUELOG_SEEDS");
  const int seeds = wanted == nullptr ? 100 : std::atoi(wanted);
  const uint64_t first = TestSeed();
  for (int round = 0; round < seeds && !HasFailure(); ++round) {
    const uint64_t seed = first + static_cast<uint64_t>(round);
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model(seed).Run();
  }
  EXPECT_GT(Model::moves, 0u);
  EXPECT_GT(Model::detached, 0u);
  std::printf(
      "%d seeds from %llu, %d operations each: %zu writes, %zu good reads, %zu failed, %zu corrupt (%zu bits flipped, "
      "%zu of "
      "detached bodies or their headers), %zu failed writes, %zu moves, %zu pins\n",
      seeds, static_cast<unsigned long long>(first), kSteps, Model::writes, Model::good_reads, Model::failed_reads,
      Model::corruptions, Model::flipped_bits, Model::detached, Model::failed_writes, Model::moves, Model::pins);
}

}  // namespace
}  // namespace tidemark::tiering
