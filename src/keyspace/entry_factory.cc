#include "keyspace/entry_factory.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"

namespace tidemark::keyspace {
namespace {

constexpr size_t kWord = 8;
// The allocator aligns blocks of 16 bytes and more to 16, as the dict wants its items; a block of 8 it does not.
constexpr size_t kMinBlockBytes = 16;

bool HasWord(Entry::Storage storage) {
  return storage == Entry::Storage::kInteger || storage == Entry::Storage::kPointer;
}

}  // namespace

size_t EntryFactory::LayoutBytes(const EntryParts& parts) {
  size_t bytes = sizeof(Entry) + parts.key.size();
  if (parts.expiry_ms != Entry::kNoExpiry) bytes += kWord;
  if (parts.locator != 0) bytes += kWord;
  if (HasWord(parts.storage)) bytes += kWord;
  if (parts.key.size() >= Entry::kLongKey) bytes += sizeof(uint32_t);
  if (parts.storage == Entry::Storage::kInline) bytes += parts.inline_value.size();
  return std::max(bytes, kMinBlockBytes);
}

void EntryFactory::Write(Entry& entry, const EntryParts& parts) {
  entry.access_ = parts.access;
  entry.type_ = static_cast<uint32_t>(parts.type) & 0x7;
  entry.encoding_ = static_cast<uint32_t>(parts.encoding) & 0xf;
  entry.residency_ = static_cast<uint32_t>(parts.residency) & 0x3;
  entry.storage_ = static_cast<uint32_t>(parts.storage) & 0x3;
  entry.has_expiry_ = parts.expiry_ms != Entry::kNoExpiry;
  entry.has_locator_ = parts.locator != 0;
  entry.inline_bytes_ = parts.storage == Entry::Storage::kNone ? parts.cold_size : 0;
  entry.short_key_bytes_ =
      (parts.key.size() >= Entry::kLongKey ? Entry::kLongKey : static_cast<uint32_t>(parts.key.size())) &
      Entry::kLongKey;
  if (entry.has_expiry_) SetExpiry(entry, parts.expiry_ms);
  if (entry.has_locator_) entry.StoreWord(entry.locator_offset(), parts.locator);
  if (parts.storage == Entry::Storage::kInteger) SetInteger(entry, parts.integer);
  if (parts.storage == Entry::Storage::kPointer) SetPointer(entry, parts.pointer);
  if (entry.short_key_bytes_ == Entry::kLongKey) {
    entry.StoreWord(entry.key_length_offset(), static_cast<uint32_t>(parts.key.size()));
  }
  char* const base = reinterpret_cast<char*>(&entry);
  // In place, the key may already stand where it goes.
  std::memmove(base + entry.key_offset(), parts.key.data(), parts.key.size());
  if (parts.storage == Entry::Storage::kInline) {
    entry.inline_bytes_ = static_cast<uint8_t>(parts.inline_value.size());
    std::memmove(base + entry.inline_offset(), parts.inline_value.data(), parts.inline_value.size());
  }
}

Entry* EntryFactory::Make(const EntryParts& parts) {
  TIDEMARK_CHECK(parts.key.size() <= UINT32_MAX && parts.inline_value.size() <= Entry::kMaxInlineBytes);
  auto* entry = static_cast<Entry*>(Allocate(LayoutBytes(parts)));
  Write(*entry, parts);
  return entry;
}

EntryParts EntryFactory::Describe(const Entry& entry) {
  EntryParts parts;
  parts.key = entry.key();
  parts.type = entry.type();
  parts.encoding = entry.encoding();
  parts.access = entry.access();
  parts.residency = entry.residency();
  parts.expiry_ms = entry.expiry_ms();
  parts.locator = entry.locator();
  parts.storage = entry.storage();
  switch (entry.storage()) {
    case Entry::Storage::kInline:
      parts.inline_value = entry.StringView(nullptr);
      break;
    case Entry::Storage::kInteger:
      parts.integer = entry.integer();
      break;
    case Entry::Storage::kPointer:
      parts.pointer = entry.pointer();
      break;
    case Entry::Storage::kNone:
      parts.cold_size = entry.inline_bytes_;
      break;
  }
  return parts;
}

bool EntryFactory::TryRewrite(Entry& entry, const EntryParts& parts) {
  const bool same_fields = entry.has_expiry_ == (parts.expiry_ms != Entry::kNoExpiry) &&
                           entry.has_locator_ == (parts.locator != 0) && entry.has_word() == HasWord(parts.storage);
  if (!same_fields) return false;
  // With equal lengths the allocator need not be asked: the common case of a value that changes and keeps its size.
  const size_t bytes = LayoutBytes(parts);
  if (bytes != entry.inline_offset() + (entry.storage() == Entry::Storage::kInline ? entry.inline_bytes_ : 0)) {
    const size_t room = tidemark::AllocatedBytes(&entry);
    if (bytes > room || GoodSize(bytes) != room) return false;
  }
  Write(entry, parts);
  return true;
}

void EntryFactory::Free(Entry* entry) {
  Release(entry);
}

}  // namespace tidemark::keyspace
