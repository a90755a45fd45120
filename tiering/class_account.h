// The payload bytes of what lives in a store, by the size class of its locator. A locator does not tell the exact size
// of what is freed, so the class's mean is taken off; the error is bounded by the width of the class and gone when the
// class is empty.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "tiering/flash_store.h"

namespace tidemark::tiering {

class ClassAccount {
 public:
  uint64_t records() const { return records_; }
  uint64_t payload_bytes() const {
    uint64_t bytes = 0;
    for (const Class& one : classes_) bytes += one.payload_bytes;
    return bytes;
  }

  void Add(Locator locator, uint64_t payload_bytes) {
    Class& of = ClassOf(locator);
    ++of.records;
    of.payload_bytes += payload_bytes;
    ++records_;
  }
  void RemoveExactly(Locator locator, uint64_t payload_bytes) {
    Class& of = ClassOf(locator);
    if (of.records == 0) return;
    --of.records;
    of.payload_bytes = of.records == 0 ? 0 : of.payload_bytes - std::min(of.payload_bytes, payload_bytes);
    --records_;
  }
  void Remove(Locator locator) {
    const Class& of = ClassOf(locator);
    if (of.records > 0) RemoveExactly(locator, of.payload_bytes / of.records);
  }
  void Clear() {
    classes_.fill({});
    records_ = 0;
  }

 private:
  struct Class {
    uint64_t records = 0;
    uint64_t payload_bytes = 0;
  };

  Class& ClassOf(Locator locator) { return classes_[static_cast<size_t>(locator.size_class())]; }

  std::array<Class, 256> classes_{};
  uint64_t records_ = 0;
};

}  // namespace tidemark::tiering
