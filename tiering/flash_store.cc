#include "tiering/flash_store.h"

#include <bit>

#include "base/check.h"

namespace tidemark::tiering {
namespace {

// Class 0 holds payloads of at most 64 bytes. Above that each power of two is cut into eight equal steps, so that the
// bound is less than an eighth above the true size: class 1 is 65..72, class 8 is 121..128, class 9 is 129..144.
constexpr int kSmallestShift = 6;
constexpr int kStepBits = 3;
constexpr size_t kSmallest = size_t{1} << kSmallestShift;
constexpr int kLargestShift = 37;
static_assert((kLargestShift - kSmallestShift) << kStepBits <= 0xff,
              "the size class of every payload fits in the top byte");

int SizeClass(size_t bytes) {
  if (bytes <= kSmallest) return 0;
  TIDEMARK_CHECK(bytes <= size_t{1} << kLargestShift);
  const size_t last = bytes - 1;
  const int power = std::bit_width(last) - 1;
  const int step = static_cast<int>((last >> (power - kStepBits)) & ((1 << kStepBits) - 1));
  return ((power - kSmallestShift) << kStepBits) + step + 1;
}

class OneByOneReader final : public ForkedReader {
 public:
  explicit OneByOneReader(FlashStore& store) : store_(store) {}
  std::vector<Result<FlashRecord>> Read(std::span<const Locator> locators) override {
    std::vector<Result<FlashRecord>> records;
    records.reserve(locators.size());
    for (const Locator locator : locators) records.push_back(store_.ReadNow(locator));
    return records;
  }

 private:
  FlashStore& store_;
};

}  // namespace

std::unique_ptr<BulkReader> FlashStore::OpenBulkReader() {
  return std::make_unique<OneByOneReader>(*this);
}

std::unique_ptr<ForkedReader> FlashStore::PrepareFork(PinToken) {
  return std::make_unique<OneByOneReader>(*this);
}

Result<StoreCheckpoint> FlashStore::BeginCheckpoint() {
  return Status::Unavailable(std::string("the flash store '") + name() + "' makes no checkpoints");
}

Status FlashStore::Adopt(Locator) {
  return Status::Unavailable(std::string("the flash store '") + name() + "' keeps nothing of an earlier server");
}

Locator Locator::Make(uint64_t engine_bits, size_t payload_bytes) {
  TIDEMARK_CHECK(engine_bits != 0 && engine_bits >> kSizeClassShift == 0);
  return Locator(static_cast<uint64_t>(SizeClass(payload_bytes)) << kSizeClassShift | engine_bits);
}

size_t Locator::max_payload_bytes() const {
  if (size_class() == 0) return kSmallest;
  const int power = ((size_class() - 1) >> kStepBits) + kSmallestShift;
  const size_t steps = static_cast<size_t>((size_class() - 1) & ((1 << kStepBits) - 1)) + 1;
  return (size_t{1} << power) + (steps << (power - kStepBits));
}

}  // namespace tidemark::tiering
