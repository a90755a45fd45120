#include "values/hash_table.h"

#include "base/memory.h"

namespace tidemark::values {

HashTable::~HashTable() {
  dict_.Clear([](HashItem* item) { Release(item); });
}

void HashTable::Insert(const Place& place, std::string_view field, std::string_view value, int64_t expiry_ms) {
  HashItem* const item = HashItem::Create(field, value, expiry_ms);
  dict_.Insert(place.hash, item, 0);
  item_bytes_ += item->BlockBytes();
  if (expiry_ms != 0) heap_.Add(item);
}

void HashTable::Exchange(const Place& place, HashItem* old, HashItem* fresh) {
  dict_.Set(place.slot, fresh, 0);
  item_bytes_ += fresh->BlockBytes();
  item_bytes_ -= old->BlockBytes();
  Release(old);
}

void HashTable::SetValue(const Place& place, std::string_view value) {
  HashItem* const item = dict_.Get(place.slot);
  if (item->TryReplace(value)) return;
  HashItem* const fresh = HashItem::Create(item->field(), value, item->expiry_ms());
  if (item->has_expiry()) {
    fresh->set_heap_index(item->heap_index());
    heap_.SetPointer(fresh);
  }
  Exchange(place, item, fresh);
}

void HashTable::SetExpiry(const Place& place, int64_t expiry_ms) {
  HashItem* const item = dict_.Get(place.slot);
  if (item->has_expiry() && expiry_ms != 0) {
    item->set_expiry_ms(expiry_ms);
    heap_.Move(item);
    return;
  }
  if (!item->has_expiry() && expiry_ms == 0) return;
  HashItem* const fresh = HashItem::Create(item->field(), item->value(), expiry_ms);
  if (item->has_expiry()) heap_.Remove(item);
  if (fresh->has_expiry()) heap_.Add(fresh);
  Exchange(place, item, fresh);
}

void HashTable::Erase(const Place& place) {
  HashItem* const item = dict_.Get(place.slot);
  if (item->has_expiry()) heap_.Remove(item);
  item_bytes_ -= item->BlockBytes();
  dict_.Erase(place.hash, place.slot);
  Release(item);
}

size_t HashTable::EraseExpired(int64_t unix_ms, size_t most, std::vector<std::string>* names) {
  size_t erased = 0;
  while (erased < most && !heap_.empty() && heap_.first()->ExpiredAt(unix_ms)) {
    const HashItem* const item = heap_.first();
    if (names != nullptr) names->emplace_back(item->field());
    const uint64_t hash = TableHash(item->field());
    Erase({hash, dict_.FindPointer(hash, item)});
    ++erased;
  }
  return erased;
}

}  // namespace tidemark::values
