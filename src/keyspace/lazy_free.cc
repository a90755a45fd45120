#include "keyspace/lazy_free.h"

#include <utility>

namespace tidemark::keyspace {

LazyFree::LazyFree() : worker_("lazy-free") {}

LazyFree::~LazyFree() {
  worker_.Drain();
}

void LazyFree::FreeLater(const values::Object& object) {
  pending_.fetch_add(1, std::memory_order_relaxed);
  worker_.Post([this, object] {
    values::FreeObject(object);
    freed_.fetch_add(1, std::memory_order_relaxed);
    pending_.fetch_sub(1, std::memory_order_release);
  });
}

void LazyFree::FreeDictLater(std::unique_ptr<EntryDict> dict) {
  const size_t objects = dict->size();
  pending_.fetch_add(objects, std::memory_order_relaxed);
  worker_.Post([this, objects, dict = std::shared_ptr<EntryDict>(std::move(dict))] {
    std::vector<uint64_t> locators;
    dict->Clear([&](Entry* entry) {
      if (entry->locator() != 0) locators.push_back(entry->locator());
      if (entry->storage() == Entry::Storage::kPointer) values::FreeObject(entry->object());
      EntryFactory::Free(entry);
    });
    {
      std::lock_guard lock(mutex_);
      locators_.insert(locators_.end(), locators.begin(), locators.end());
    }
    freed_.fetch_add(objects, std::memory_order_relaxed);
    pending_.fetch_sub(objects, std::memory_order_release);
  });
}

std::vector<uint64_t> LazyFree::TakeLocators() {
  std::lock_guard lock(mutex_);
  return std::exchange(locators_, {});
}

}  // namespace tidemark::keyspace
