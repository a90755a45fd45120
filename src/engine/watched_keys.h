// WATCH: which clients watch which keys, and whose transaction must not run because one of them changed. A spill or a
// promotion is no change. Main thread.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/key_name.h"
#include "keyspace/keyspace.h"

namespace tidemark::engine {

class WatchedKeys {
 public:
  explicit WatchedKeys(keyspace::Keyspace& keyspace) : keyspace_(keyspace) {}

  bool empty() const { return watches_.empty(); }
  size_t key_count() const { return watchers_.size(); }
  size_t client_count() const { return watches_.size(); }
  size_t CountOf(uint64_t client) const;

  void Watch(uint64_t client, int database, std::string_view key);
  void Unwatch(uint64_t client);
  // A watched key has changed, or has expired since.
  bool IsBroken(uint64_t client) const;

  // As keyspace::ChangeListener.
  void OnChanged(int database, std::string_view key);
  void OnFlush(int database);
  void OnSwapped(int first, int second);

 private:
  struct Watched {
    uint64_t client = 0;
    // The key was past its expiry and yet there when the watch began: that it goes is no change.
    bool expired = false;
  };
  struct Watches {
    std::vector<KeyName> keys;
    bool broken = false;
  };

  // The key is in the database, be it past its expiry.
  bool Exists(int database, std::string_view key) const;
  bool Expired(int database, std::string_view key) const;
  void Break(uint64_t client);

  keyspace::Keyspace& keyspace_;
  std::unordered_map<KeyName, std::vector<Watched>, KeyNameHash, KeyNameEqual> watchers_;
  std::unordered_map<uint64_t, Watches> watches_;
};

}  // namespace tidemark::engine
