// Makes and frees entries. An entry whose shape changes (an expiry comes, a value goes cold) is described, changed in
// the description, and made anew.
#pragma once

#include "keyspace/entry.h"

namespace tidemark::keyspace {

struct EntryParts {
  std::string_view key;
  values::Type type = values::Type::kString;
  values::Encoding encoding = values::Encoding::kRaw;
  uint32_t access = 0;
  Residency residency = Residency::kResident;
  int64_t expiry_ms = Entry::kNoExpiry;
  uint64_t locator = 0;
  Entry::Storage storage = Entry::Storage::kNone;
  std::string_view inline_value;            // kInline
  int64_t integer = 0;                      // kInteger
  void* pointer = nullptr;                  // kPointer
  uint8_t cold_size = Entry::kUnknownSize;  // kNone
};

class EntryFactory {
 public:
  static Entry* Make(const EntryParts& parts);
  // The views point into the entry.
  static EntryParts Describe(const Entry& entry);
  // Rewrites `entry` in place when `parts` has the same key and fixed fields and fits in the same allocation.
  static bool TryRewrite(Entry& entry, const EntryParts& parts);
  // Frees the entry's own block, not what its pointer names.
  static void Free(Entry* entry);

  static void SetInteger(Entry& entry, int64_t value) { entry.StoreWord(entry.word_offset(), value); }
  static void SetPointer(Entry& entry, void* pointer) { entry.StoreWord(entry.word_offset(), pointer); }
  static void SetLocator(Entry& entry, uint64_t locator) { entry.StoreWord(entry.locator_offset(), locator); }
  static void SetExpiry(Entry& entry, int64_t unix_ms) { entry.StoreWord(sizeof(Entry), unix_ms); }
  static void SetResidency(Entry& entry, Residency residency) {
    entry.residency_ = static_cast<uint32_t>(residency) & 0x3;
  }
  static void SetEncoding(Entry& entry, values::Encoding encoding) {
    entry.encoding_ = static_cast<uint32_t>(encoding) & 0xf;
  }

 private:
  static size_t LayoutBytes(const EntryParts& parts);
  static void Write(Entry& entry, const EntryParts& parts);
};

}  // namespace tidemark::keyspace
