#include "values/string_table.h"

#include <algorithm>

#include "base/memory.h"

namespace tidemark::values {
namespace {

// The dict wants its items at multiples of 16, and the allocator gives those to all but the smallest blocks.
constexpr size_t kMinBlockBytes = 16;

}  // namespace

unsigned TableString::FlagsOf(size_t length) {
  return length % kUnit == 0 && length / kUnit <= kUnitsMax ? static_cast<unsigned>(length / kUnit) : 0;
}

size_t TableString::PlainBytes(size_t length) {
  if (FlagsOf(length) != 0) return length;
  return std::max(kMinBlockBytes, length + (length < kLong ? 1 : sizeof(uint64_t)));
}

TableString* TableString::Create(std::string_view text) {
  auto* const block = static_cast<char*>(Allocate(PlainBytes(text.size())));
  char* content = block + 1;
  if (FlagsOf(text.size()) != 0) {
    content = block;
  } else if (text.size() < kLong) {
    *block = static_cast<char>(text.size());
  } else {
    const uint64_t word = uint64_t{text.size()} << 8 | kLong;
    std::memcpy(block, &word, sizeof(word));
    content = block + sizeof(word);
  }
  std::copy(text.begin(), text.end(), content);
  return reinterpret_cast<TableString*>(block);
}

size_t TableString::BlockBytes(size_t length) {
  return GoodSize(PlainBytes(length));
}

StringTable::~StringTable() {
  dict_.Clear([](TableString* string) { Release(string); });
}

bool StringTable::Add(std::string_view text) {
  const uint64_t hash = TableHash(text);
  if (dict_.Find(hash, text)) return false;
  dict_.Insert(hash, TableString::Create(text), TableString::FlagsOf(text.size()));
  string_bytes_ += TableString::BlockBytes(text.size());
  return true;
}

bool StringTable::Remove(std::string_view text) {
  const uint64_t hash = TableHash(text);
  const Table::Slot slot = dict_.Find(hash, text);
  if (!slot) return false;
  TableString* const string = dict_.Get(slot);
  // `text` may be the string's own bytes.
  string_bytes_ -= TableString::BlockBytes(text.size());
  dict_.Erase(hash, slot);
  Release(string);
  return true;
}

}  // namespace tidemark::values
