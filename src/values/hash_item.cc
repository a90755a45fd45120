#include "values/hash_item.h"

#include <algorithm>

#include "base/memory.h"

namespace tidemark::values {
namespace {

void Put(char* to, std::string_view bytes) {
  std::copy(bytes.begin(), bytes.end(), to);
}

}  // namespace

size_t HashItem::PlainBytes(size_t field_bytes, size_t value_bytes, bool expiry) {
  const bool is_long = field_bytes > kShortFieldMax || value_bytes > kShortValueMax;
  const size_t head = is_long ? 2 * sizeof(uint64_t) : 2;
  return std::max(kMinBlockBytes, head + (expiry ? kExpiryBytes : 0) + field_bytes + value_bytes);
}

size_t HashItem::BlockBytes() const {
  const Lengths lengths = ReadLengths();
  return GoodSize(PlainBytes(lengths.field, lengths.value, has_expiry()));
}

HashItem* HashItem::Create(std::string_view field, std::string_view value, int64_t expiry_ms) {
  const bool expiry = expiry_ms != 0;
  auto* const item = static_cast<HashItem*>(Allocate(PlainBytes(field.size(), value.size(), expiry)));
  const uint8_t flags = expiry ? kHasExpiry : 0;
  if (field.size() <= kShortFieldMax && value.size() <= kShortValueMax) {
    item->Store(0, static_cast<uint8_t>(field.size() << 2 | flags));
    item->Store(1, static_cast<uint8_t>(value.size()));
  } else {
    item->Store(0, uint64_t{field.size()} << 8 | flags | kLong);
    item->Store(sizeof(uint64_t), uint64_t{value.size()});
  }
  if (expiry) {
    item->set_expiry_ms(expiry_ms);
    item->set_heap_index(0);
  }
  const size_t content = item->HeadBytes() + (expiry ? kExpiryBytes : 0);
  Put(item->bytes() + content, field);
  Put(item->bytes() + content + field.size(), value);
  return item;
}

bool HashItem::TryReplace(std::string_view value) {
  const Lengths lengths = ReadLengths();
  if (value.size() != lengths.value) {
    const bool fits_short = lengths.field <= kShortFieldMax && value.size() <= kShortValueMax;
    if (fits_short == is_long()) return false;
    if (GoodSize(PlainBytes(lengths.field, value.size(), has_expiry())) != BlockBytes()) return false;
    if (is_long()) {
      Store(sizeof(uint64_t), uint64_t{value.size()});
    } else {
      Store(1, static_cast<uint8_t>(value.size()));
    }
  }
  Put(bytes() + lengths.content + lengths.field, value);
  return true;
}

}  // namespace tidemark::values
