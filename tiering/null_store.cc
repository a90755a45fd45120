#include "tiering/null_store.h"

#include "base/check.h"

namespace tidemark::tiering {

std::vector<Locator> NullStore::SubmitWrites(std::vector<FlashRecord> records) {
  TIDEMARK_CHECK(records.empty());
  return {};
}

void NullStore::SubmitReads(std::span<const Locator> locators, ReadPriority) {
  TIDEMARK_CHECK(locators.empty());
}

Result<FlashRecord> NullStore::ReadNow(Locator) {
  return Status::NotFound("the flash tier is off");
}

void NullStore::Free(std::span<const Locator> locators) {
  TIDEMARK_CHECK(locators.empty());
}

}  // namespace tidemark::tiering
