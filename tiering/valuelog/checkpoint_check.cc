#include "tiering/valuelog/checkpoint_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "formats/rdb_reader.h"
#include "tiering/device/segment_files.h"
#include "tiering/space/segment_table.h"
#include "tiering/valuelog/log_description.h"
#include "tiering/valuelog/segment_check.h"

namespace tidemark::tiering {
namespace {

// More of those that are damaged are only counted.
constexpr uint64_t kKeysNamed = 100;

class KeyCheck final : public formats::RdbHandler {
 public:
  KeyCheck(std::string dir, const HashSeed& seed, const std::function<void(const std::string&)>& say)
      : dir_(std::move(dir)), seed_(seed), say_(say) {}

  void Expect(const LogDescription& log) {
    for (uint32_t number = 0; number < log.numbers.size(); ++number) {
      const DescribedNumber& described = log.numbers[number];
      if (!described.segment) continue;
      Kept& kept = kept_[number];
      kept.segment = *described.segment;
      kept.detached = DetachedBodies::FromWords(std::exchange(kept.segment.detached, {}));
      kept.generation = described.generation;
      const Result<SegmentFile> file = SegmentFile::Open(PathOf(kept), SegmentFile::kToLookUp);
      if (file && file->bytes() >= kept.segment.bytes) continue;
      ++report_.bad_files;
      say_(file ? PathOf(kept) + " has " + std::to_string(file->bytes()) + " bytes of " +
                      std::to_string(kept.segment.bytes)
                : file.error().message());
    }
  }
  CheckpointReport Finish() {
    for (const auto& [number, kept] : kept_) {
      report_.segments.push_back({SegmentFiles::NameOf(kept.segment.file), number, kept.generation, kept.records,
                                  kept.live_bytes, kept.segment.bytes});
    }
    return std::move(report_);
  }

 private:
  struct Kept {
    DescribedSegment segment;
    DetachedBodies detached;  // its words
    uint32_t generation = 0;
    std::optional<SegmentFile> file;      // once a key has asked for it
    std::optional<SegmentReport> walked;  // once a key has asked for a detached body
    uint64_t records = 0;
    uint64_t live_bytes = 0;
  };

  std::string PathOf(const Kept& kept) const { return dir_ + "/" + SegmentFiles::NameOf(kept.segment.file); }

  Status OnAux(std::string_view, std::string_view) override { return Status::Ok(); }
  Status OnDatabase(uint64_t number) override {
    database_ = number;
    return Status::Ok();
  }
  Status OnFunction(std::string_view) override { return Status::Ok(); }
  Status OnKey(const formats::RdbKey&) override {
    ++report_.hot_keys;
    return Status::Ok();
  }
  Status OnColdKey(const formats::RdbColdKey& key) override {
    ++report_.cold_keys;
    const Status found = Find(key);
    if (!found.ok() && ++report_.bad_keys <= kKeysNamed) {
      say_("key '" + std::string(key.name) + "' in database " + std::to_string(database_) + ": " + found.message());
    }
    return Status::Ok();
  }
  void OnSkipped(const std::string&) override {}

  struct Found {
    uint64_t owner = 0;
    size_t bytes = 0;
    bool fits = false;  // it has the size that the locator tells, and lies in what was written
  };
  static Result<Found> FindAt(Kept& kept, const Place& place, Locator locator) {
    const auto detached = kept.detached.Find(place.offset);
    if (!detached) {
      const Result<RecordHeader> header = CheckRecordAt(*kept.file, place.offset, place.generation);
      if (!header) return header.error();
      const size_t bytes = RecordBytes(header->body_bytes);
      const bool fits = Locator::Make(place.EngineBits(), header->payload_bytes) == locator;
      return Found{header->owner, bytes, fits && place.offset + bytes <= kept.segment.written};
    }
    const size_t bytes = locator.max_payload_bytes() - detached->padding;
    TIDEMARK_RETURN_IF_ERROR(CheckDetachedAt(*kept.file, place.offset, bytes, detached->crc));
    if (!kept.walked) {
      Result<SegmentReport> walked = CheckSegment(*kept.file, place.generation);
      if (!walked) return walked.error();
      kept.walked = std::move(*walked);
    }
    const auto& owners = kept.walked->detached_owners;
    const auto owner = std::lower_bound(owners.begin(), owners.end(), std::pair(place.offset, uint64_t{0}));
    if (owner == owners.end() || owner->first != place.offset) return Status::Corruption("a record without its header");
    return Found{owner->second, sizeof(DetachedHeader) + bytes, place.offset + bytes <= kept.segment.written};
  }

  Status Find(const formats::RdbColdKey& key) {
    const Locator locator(key.value.locator);
    const Place place = Place::Of(locator);
    const auto it = kept_.find(place.segment);
    if (it == kept_.end() || it->second.generation != place.generation) {
      return Status::Corruption("the checkpoint does not name the segment that it is said to lie in");
    }
    Kept& kept = it->second;
    if (!kept.file) {
      Result<SegmentFile> file = SegmentFile::Open(PathOf(kept), SegmentFile::kToLookUp);
      if (!file) return file.error();
      kept.file.emplace(std::move(*file));
    }
    const auto at = [&](const std::string& what) {
      return Status::Corruption(kept.file->path() + " at offset " + std::to_string(place.offset) + ": " + what);
    };
    const Result<Found> found = FindAt(kept, place, locator);
    if (!found) return at(found.error().message());
    if (!found->fits) return at("a record of another size");
    if (!key.value.renamed && found->owner != SipHash13(key.name, seed_)) return at("the record of another key");
    if (++kept.records > kept.segment.live_records) return at("more records are named than lived in this segment");
    kept.live_bytes += found->bytes;
    return Status::Ok();
  }

  const std::string dir_;
  const HashSeed seed_;
  const std::function<void(const std::string&)>& say_;
  std::map<uint32_t, Kept> kept_;  // by number
  uint64_t database_ = 0;
  CheckpointReport report_;
};

template <typename Field>
uint64_t Sum(const CheckpointReport& report, Field field) {
  uint64_t sum = 0;
  for (const CheckpointReport::Segment& segment : report.segments) sum += segment.*field;
  return sum;
}

}  // namespace

uint64_t CheckpointReport::records() const {
  return Sum(*this, &Segment::records);
}
uint64_t CheckpointReport::live_bytes() const {
  return Sum(*this, &Segment::live_bytes);
}
uint64_t CheckpointReport::bytes() const {
  return Sum(*this, &Segment::bytes);
}

Result<CheckpointReport> CheckCheckpoint(const std::string& dir, const formats::CheckpointHead& head,
                                         formats::ByteSource& file,
                                         const std::function<void(const std::string&)>& say) {
  const Result<LogDescription> log = DecodeDescription(head.tier);
  if (!log) return log.error();
  KeyCheck check(dir, head.hash_seed, say);
  check.Expect(*log);
  TIDEMARK_RETURN_IF_ERROR(formats::RdbReader(file, check, {}).Run());
  return check.Finish();
}

}  // namespace tidemark::tiering
