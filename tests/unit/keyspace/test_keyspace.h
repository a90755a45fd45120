// A keyspace for tests: a clock that the test owns, and a sink that knows which locators are out and which came back.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/clock.h"
#include "keyspace/keyspace.h"
#include "keyspace/locator_sink.h"

namespace tidemark::keyspace {

// Hands out locators as a flash store would and takes each back once.
class RecordingSink : public LocatorSink {
 public:
  uint64_t Issue() {
    const uint64_t locator = ++last_;
    live_[locator] = true;
    return locator;
  }
  void ReleaseLocator(uint64_t locator) override {
    const auto found = live_.find(locator);
    ASSERT_NE(found, live_.end()) << "locator " << locator << " was never issued";
    ASSERT_TRUE(found->second) << "locator " << locator << " released twice";
    found->second = false;
  }
  bool Renamed(uint64_t) const override { return false; }
  void RenameLocator(uint64_t locator, uint64_t) override {
    ASSERT_TRUE(IsLive(locator)) << "locator " << locator << " renamed after its release";
  }
  size_t live() const {
    size_t count = 0;
    for (const auto& [locator, alive] : live_) count += alive ? 1 : 0;
    return count;
  }
  bool IsLive(uint64_t locator) const {
    const auto found = live_.find(locator);
    return found != live_.end() && found->second;
  }

 private:
  uint64_t last_ = 0;
  std::map<uint64_t, bool> live_;
};

struct TestKeyspace {
  static constexpr int64_t kStartMs = 1'700'000'000'000;

  explicit TestKeyspace(uint64_t seed = 1, KeyspaceOptions options = {}) : keyspace(options, clock, seed) {
    clock.Set(kStartMs * 1000, 0);
    keyspace.set_locator_sink(&sink);
  }

  Database& db(int index = 0) { return keyspace.database(index); }
  HashedKey Key(std::string_view key) const { return keyspace.Hash(key); }
  EntryRef Set(std::string_view key, std::string_view value, KeepExpiry keep = KeepExpiry::kNo) {
    return db().SetString(db().LookupWrite(Key(key)), Key(key), value, keep);
  }
  // The string behind the key, "(none)" if there is no such key.
  std::string Get(std::string_view key, int index = 0) {
    const EntryRef ref = db(index).Find(Key(key));
    if (!ref) return "(none)";
    char scratch[kScratchBytes];
    return std::string(ref->StringView(scratch));
  }
  // Spills the key's value, as the tier would; returns the locator.
  uint64_t MakeCold(EntryRef& ref, Database& database) {
    const uint64_t locator = sink.Issue();
    database.MarkSpilling(ref);
    database.MakeCold(ref, locator);
    return locator;
  }

  static constexpr size_t kScratchBytes = 32;

  Clock clock;
  RecordingSink sink;
  Keyspace keyspace;
};

}  // namespace tidemark::keyspace
