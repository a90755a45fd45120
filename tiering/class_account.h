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
  static constexpr int kClasses = 256;

  uint64_t records() const { return records_; }
  // Of one size class.
  uint64_t records(int size_class) const { return classes_[static_cast<size_t>(size_class)].records; }
  uint64_t payload_bytes(int size_class) const { return classes_[static_cast<size_t>(size_class)].payload_bytes; }
  void Set(int size_class, uint64_t records, uint64_t payload_bytes) {
    Class& of = classes_[static_cast<size_t>(size_class)];
    records_ += records - of.records;
    of = {records, payload_bytes};
  }
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
  // Answers how many bytes were taken off.
  uint64_t Remove(Locator locator) {
    const Class& of = ClassOf(locator);
    if (of.records == 0) return 0;
    const uint64_t bytes = of.payload_bytes / of.records;
    RemoveExactly(locator, bytes);
    return bytes;
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

  std::array<Class, kClasses> classes_{};
  uint64_t records_ = 0;
};

}  // namespace tidemark::tiering
