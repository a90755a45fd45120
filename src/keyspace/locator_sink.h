// Where the keyspace reports flash locators that nothing names any more, without knowing what a flash tier is.
#pragma once

#include <cstdint>

namespace tidemark::keyspace {

class LocatorSink {
 public:
  virtual ~LocatorSink() = default;
  // The record behind `locator` is garbage from now on.
  virtual void ReleaseLocator(uint64_t locator) = 0;
  // The key whose value is behind `locator` has another name from now on, of this hash.
  virtual void RenameLocator(uint64_t locator, uint64_t key_hash) = 0;
  // RenameLocator was called for it.
  virtual bool Renamed(uint64_t locator) const = 0;
};

}  // namespace tidemark::keyspace
