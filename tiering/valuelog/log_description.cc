#include "tiering/valuelog/log_description.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

#include "base/crc32c.h"
#include "formats/rdb_string.h"
#include "tiering/device/aligned_buffer.h"
#include "tiering/space/segment_table.h"
#include "tiering/valuelog/record.h"

namespace tidemark::tiering {
namespace {

constexpr char kVersion = 2;
constexpr size_t kCrcBytes = 4;
// More than any segment or sum of records can be: sums of such numbers do not overflow.
constexpr uint64_t kMaxBytes = uint64_t{1} << 50;

void AppendCrc(std::string& out) {
  const uint32_t crc = Crc32c(out);
  for (size_t i = 0; i < kCrcBytes; ++i) out.push_back(static_cast<char>(crc >> (8 * i)));
}

bool TakeCrc(std::string_view& bytes) {
  if (bytes.size() < kCrcBytes) return false;
  uint32_t stored = 0;
  const std::string_view tail = bytes.substr(bytes.size() - kCrcBytes);
  for (size_t i = 0; i < kCrcBytes; ++i) stored |= uint32_t{static_cast<uint8_t>(tail[i])} << (8 * i);
  bytes.remove_suffix(kCrcBytes);
  return stored == Crc32c(bytes);
}

// Takes lengths off the front; what is not there or too large makes it bad, and is 0.
class Lengths {
 public:
  explicit Lengths(std::string_view in) : in_(in) {}
  uint64_t Next(uint64_t max = kMaxBytes) {
    const Result<uint64_t> length = good_ ? formats::DecodeLength(in_) : Result<uint64_t>(Status::Corruption(""));
    good_ = length && *length <= max;
    return good_ ? *length : 0;
  }
  uint64_t NextLittle64() {
    const Result<uint64_t> word = good_ ? formats::DecodeLittle64(in_) : Result<uint64_t>(Status::Corruption(""));
    good_ = word.has_value();
    return good_ ? *word : 0;
  }
  bool good() const { return good_; }
  bool at_end() const { return good_ && in_.empty(); }

 private:
  std::string_view in_;
  bool good_ = true;
};

bool CanBe(const DescribedSegment& segment) {
  const auto aligned = [](uint64_t bytes) { return AlignDown(bytes) == bytes; };
  return segment.file != 0 && aligned(segment.bytes) && aligned(segment.written) && aligned(segment.first) &&
         segment.written <= segment.bytes && segment.first < segment.written && segment.live_records > 0 &&
         segment.live_records <= segment.written / sizeof(RecordHeader);
}

}  // namespace

std::string EncodeDescription(const LogDescription& description) {
  using formats::EncodeLength;
  std::string out(1, kVersion);
  size_t words = 0;
  for (const DescribedNumber& number : description.numbers)
    words += number.segment ? number.segment->detached.size() : 0;
  constexpr size_t kMostBytesANumber = 64;
  out.reserve(words * sizeof(uint64_t) + description.numbers.size() * kMostBytesANumber);
  EncodeLength(description.segment_bytes, out);
  EncodeLength(description.numbers.size(), out);
  for (const DescribedNumber& number : description.numbers) {
    EncodeLength(number.generation, out);
    EncodeLength(number.segment ? 1 : 0, out);
    if (!number.segment) continue;
    for (const uint64_t field : {number.segment->file, number.segment->bytes, number.segment->written,
                                 number.segment->first, number.segment->live_records, number.segment->total_weight}) {
      EncodeLength(field, out);
    }
    static_assert(std::endian::native == std::endian::little);
    const std::vector<uint64_t>& detached = number.segment->detached;
    EncodeLength(detached.size(), out);
    out.append(reinterpret_cast<const char*>(detached.data()), detached.size() * sizeof(uint64_t));
  }
  uint64_t classes = 0;
  for (int i = 0; i < ClassAccount::kClasses; ++i) classes += description.account.records(i) > 0 ? 1 : 0;
  EncodeLength(classes, out);
  for (int i = 0; i < ClassAccount::kClasses; ++i) {
    if (description.account.records(i) == 0) continue;
    EncodeLength(static_cast<uint64_t>(i), out);
    EncodeLength(description.account.records(i), out);
    EncodeLength(description.account.payload_bytes(i), out);
  }
  AppendCrc(out);
  return out;
}

Result<LogDescription> DecodeDescription(std::string_view bytes) {
  const Status damaged = Status::Corruption("the description of the flash tier is damaged");
  if (bytes.empty() || !TakeCrc(bytes)) return damaged;
  if (bytes[0] != kVersion) {
    return Status::Corruption("the description of the flash tier has version " +
                              std::to_string(static_cast<uint8_t>(bytes[0])) + ", which this server does not know");
  }
  Lengths in(bytes.substr(1));
  LogDescription description;
  description.segment_bytes = in.Next();
  const uint64_t numbers = in.Next(SegmentTable::kMaxSegments);
  std::set<uint64_t> files;
  for (uint64_t i = 0; in.good() && i < numbers; ++i) {
    DescribedNumber& number = description.numbers.emplace_back();
    number.generation = static_cast<uint32_t>(in.Next(SegmentTable::kMaxGeneration));
    if (in.Next(1) == 0) continue;
    DescribedSegment segment;
    segment.file = in.Next();
    segment.bytes = in.Next();
    segment.written = in.Next();
    segment.first = in.Next();
    segment.live_records = in.Next();
    segment.total_weight = in.Next();
    segment.detached.resize(in.Next(std::min(segment.written, DetachedBodies::kOffsetEnd) / Device::kAlignment));
    for (uint64_t& word : segment.detached) word = in.NextLittle64();
    if (!in.good() || number.generation == 0 || !CanBe(segment) || !files.insert(segment.file).second) return damaged;
    if (!DetachedBodies::AreWords(segment.detached, segment.written)) return damaged;
    number.segment = std::move(segment);
  }
  const uint64_t classes = in.Next(ClassAccount::kClasses);
  for (uint64_t i = 0; in.good() && i < classes; ++i) {
    const auto size_class = static_cast<int>(in.Next(ClassAccount::kClasses - 1));
    const uint64_t records = in.Next();
    description.account.Set(size_class, records, in.Next());
  }
  if (!in.at_end()) return damaged;
  return description;
}

}  // namespace tidemark::tiering
