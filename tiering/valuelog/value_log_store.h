// The flash store made for this use: a log of segments. A spilled value is appended, its locator says where; a read is
// one read of the device; a value that is given up leaves a hole, and what lives of the emptiest segments is moved
// together to free the others. What lies on flash: FORMAT.md.
//
// Owned by the main thread, which does all the bookkeeping; the device does the waiting.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "tiering/class_account.h"
#include "tiering/compression.h"
#include "tiering/device/aligned_buffer.h"
#include "tiering/device/device.h"
#include "tiering/flash_store.h"
#include "tiering/space/segment_table.h"
#include "tiering/tier_directory.h"
#include "tiering/tier_options.h"
#include "tiering/valuelog/log_writer.h"
#include "tiering/valuelog/record.h"
#include "tiering/valuelog/segment_cleaner.h"

namespace tidemark::tiering {

struct ValueLogOptions {
  std::string dir = {};
  uint64_t max_bytes = 0;  // tier-max-size, 0 for no limit
  uint64_t segment_bytes = uint64_t{32} << 20;
  Compression compression = Compression::kSnappy;
  uint64_t write_budget_bytes_per_second = 0;  // 0 for no limit
  DeviceChoice device = DeviceChoice::kAuto;
  int io_threads = 2;  // of the device on threads
  // The description of a checkpoint of an earlier process: what it names is kept.
  std::optional<std::string> keep = {};
  // The path of the manifest that names checkpoints, if any does.
  std::string manifest = {};
};

class ValueLogStore final : public FlashStore {
 public:
  // Removes from the directory, if it is ours, all that is not to be kept. An error, and nothing removed, if something
  // of that is missing or not what it should be; the message names the file and says what to do. `notices` are for the
  // log.
  static Result<std::unique_ptr<ValueLogStore>> Open(const ValueLogOptions& options,
                                                     std::vector<std::string>* notices = nullptr);
  ValueLogStore(std::unique_ptr<Device> device, const ValueLogOptions& options);
  ~ValueLogStore() override;
  // The segments of an earlier life, in a store in which nothing has happened yet: Adopt is to tell what lives in them.
  // They are held as by a checkpoint that has landed. An error if something is missing; then the store is of no use.
  Status Resume(std::string_view description);

  const char* name() const override { return "valuelog"; }
  const char* device_name() const override { return device_->name(); }
  bool enabled() const override { return true; }
  Room room() const override { return room_; }
  void set_owner(RecordOwner* owner) override { owner_ = owner; }
  void Tune(const StoreTuning& tuning) override;
  std::vector<Locator> SubmitWrites(std::vector<FlashRecord> records) override;
  void Kick() override;
  bool wants_kick() const override { return writer_.holds_unsubmitted() || cleaning_yields_; }
  void SubmitReads(std::span<const Locator> locators, ReadPriority priority) override;
  Result<FlashRecord> ReadNow(Locator locator) override;
  void Free(std::span<const Locator> locators) override;
  void Clear() override;
  PinToken Pin() override;
  void Unpin(PinToken token) override;
  bool supports_checkpoints() const override { return true; }
  Result<StoreCheckpoint> BeginCheckpoint() override;
  std::string DescribeCheckpoint(const StoreCheckpoint& checkpoint) const override;
  void CheckpointLanded(const StoreCheckpoint& checkpoint) override;
  void CheckpointFailed(const StoreCheckpoint& checkpoint) override;
  void ForgetCheckpoint() override;
  bool holds_checkpoint() const override { return held_.has_value(); }
  void ExpectCheckpoint(bool expect) override { checkpoint_expected_ = expect; }
  Status Adopt(Locator locator) override;
  void EndAdoption() override;
  std::unique_ptr<BulkReader> OpenBulkReader() override;
  bool SettleWithin(int64_t us) override;
  // What is still in the write buffers the child reads from its copy of them.
  std::unique_ptr<ForkedReader> PrepareFork(PinToken pin) override;
  Status Sync() override;
  void Compact() override { thorough_ = true; }
  int completion_fd() const override { return device_->completion_fd(); }
  size_t Reap(std::vector<FlashCompletion>& out, size_t max) override;
  FlashStats Stats() const override;

  // As ReadNow, into a buffer of `pool`, and not counted. Any thread, while no other function of the store runs.
  Result<FlashRecord> ReadQuietly(Locator locator, BufferPool& pool) const;

 private:
  struct Read {
    Locator locator;
    PooledBuffer memory;
    size_t skip = 0;   // of the first block, before the record
    size_t bytes = 0;  // that were asked for
  };
  // Where the blocks lie that hold a record.
  struct Extent {
    uint64_t offset = 0;
    size_t skip = 0;
    size_t bytes = 0;
  };
  // A value of 4 KiB that begins in the middle of a block.
  static constexpr size_t kReadBufferBytes = 3 * Device::kAlignment;
  static constexpr size_t kReadBuffersKept = 256;
  static constexpr uint64_t kReadTag = 0;
  static constexpr uint64_t kTagMask = 3;

  static Extent ExtentOf(const Place& place, const Segment& segment, Locator locator);
  bool HasDone() const { return done_taken_ < done_.size(); }
  FlashCompletion& AddCompletedRead(Locator locator);
  void CompleteNow(Locator locator, Result<FlashRecord> record);
  // The record or detached body of this locator, which the bytes begin with, verified.
  static Result<RecordView> ViewAt(const Segment& segment, Locator locator, std::string_view bytes);
  static Result<FlashRecord> CopyAt(const Segment& segment, Locator locator, std::string_view bytes);
  // Verifies what has been read and moves it into `completion`, its memory too if that can be spared.
  Status TakeRecord(const Segment& segment, Read& read, FlashCompletion& completion) const;
  // Of those that wait, as many as the buffers allow.
  void StartReads();
  void KickDevice();
  void FinishRead(uint64_t slot, int error);
  void FinishWrite(uint64_t index, int error);
  void FinishMove(const WrittenRecord& record, bool well);
  void Doom(uint32_t segment);
  PinToken PinSegments(std::vector<uint32_t> segments);
  // Gives a segment back that is doomed, if nothing holds it.
  void RemoveIfFree(uint32_t segment);
  // As RemoveIfFree, and dooms what is sealed and empty.
  void Reconsider(uint32_t segment);
  void CleanSome();
  // Whether cleaning leaves the device to clients that wait for reads: but for a step now and then, unless space is
  // short.
  bool CleaningYields(int64_t now_us) const;
  bool SpaceIsShort(int64_t now_us) const;
  // The device failed while this segment was cleaned.
  void PutOff(uint32_t segment);
  // What part of a segment must be dead for it to be cleaned now; above 1: none is.
  double CleaningThreshold(int64_t now_us) const;
  // The same of one whose space a checkpoint holds until the next has landed.
  double HeldCleaningThreshold(int64_t now_us) const;
  uint32_t PickVictim(int64_t now_us) const;
  // A checkpoint that is made now would make room.
  bool CheckpointLeavesNoRoom() const;
  // The end of the child that reads what was pinned will make room.
  bool SnapshotLeavesNoRoom(int64_t now_us) const;
  void UpdateRoom();
  void SpendBudget();
  bool OverBudget() const { return options_.write_budget_bytes_per_second != 0 && budget_bytes_ < 0; }
  void CountRead(const Status& status);
  void TakeDeviceCompletions();
  // Returns when nothing is under way on the device.
  void WaitForDevice();

  ValueLogOptions options_;
  std::unique_ptr<TierDirectory> directory_;
  BufferPool read_pool_;
  std::unique_ptr<Device> device_;
  SegmentTable segments_;
  LogWriter writer_;
  SegmentCleaner cleaner_;
  RecordOwner* owner_ = nullptr;
  Room room_ = Room::kYes;
  bool thorough_ = false;  // Compact was called
  int64_t last_write_us_ = 0;
  int64_t fed_us_ = 0;        // when the cleaner was last not starved
  int64_t next_look_us_ = 0;  // for something to clean
  int64_t last_cleaning_us_ = 0;
  bool cleaning_yields_ = false;

  std::vector<Read> reads_;
  std::vector<uint32_t> free_reads_;
  size_t reading_bytes_ = 0;          // of buffers, in `reads_`
  size_t unkicked_reads_ = 0;         // submitted since the device was told to start
  std::deque<Locator> queued_reads_;  // each counts as a read of its segment
  std::vector<DeviceCompletion> device_done_;
  std::vector<FlashCompletion> done_;
  size_t done_taken_ = 0;  // of `done_`, from the front
  std::string scratch_;

  std::map<PinToken, std::vector<uint32_t>> pins_;  // the segments that each holds
  PinToken last_pin_ = 0;
  std::optional<PinToken> snapshot_;     // of the forked child that reads
  std::optional<PinToken> held_;         // of the checkpoint that counts
  std::optional<PinToken> begun_;        // of the one that is being made
  std::optional<ClassAccount> earlier_;  // of what has not been adopted yet; set from Resume to EndAdoption
  bool checkpoint_expected_ = true;
  bool checkpoint_leaves_no_room_ = false;
  bool snapshot_leaves_no_room_ = false;
  uint64_t damaged_segments_ = 0;  // ever found
  uint64_t failed_writes_ = 0;     // makes the locators of records for which there was no place

  double budget_bytes_ = 0;
  int64_t budget_us_ = 0;
  uint64_t budget_spent_through_ = 0;  // of the writer's submitted bytes

  ClassAccount account_;
  FlashStats counters_;
};

}  // namespace tidemark::tiering
