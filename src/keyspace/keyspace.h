// All databases and what they share: options, counters, clock, random numbers, the lazy-free thread.
// Owned and used by the main thread.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/siphash.h"
#include "keyspace/access_clock.h"
#include "keyspace/change_listener.h"
#include "keyspace/database.h"
#include "keyspace/lazy_free.h"
#include "keyspace/lent_strings.h"
#include "keyspace/locator_sink.h"
#include "keyspace/removal_listener.h"

namespace tidemark::keyspace {

struct KeyspaceOptions {
  int databases = 16;
  AccessOptions access{};
  bool lazyfree_lazy_eviction = false;
  bool lazyfree_lazy_expire = false;
  bool lazyfree_lazy_server_del = false;
  bool lazyfree_lazy_user_del = false;
  bool lazyfree_lazy_user_flush = false;
  int active_expire_effort = 1;
  values::EncodingLimits encoding_limits{};
  // What keys are hashed with; empty: random. Records on flash carry the hashes of their keys, so who takes over
  // records of an earlier process takes over its seed (tiering/README.md).
  std::optional<HashSeed> hash_seed = {};
};

struct KeyspaceStats {
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t expired_keys = 0;
  uint64_t expired_fields = 0;  // of hashes
  double expired_stale_percent = 0;
  uint64_t expired_time_cap_reached = 0;
  uint64_t expire_cycle_us = 0;
  uint64_t evicted_keys = 0;
  uint64_t dirty = 0;  // changes to the data set since start
};

// What a database borrows from its keyspace.
struct KeyspaceContext {
  KeyspaceOptions& options;
  KeyspaceStats& stats;
  const Clock& clock;
  Random& random;
  LazyFree& lazy_free;
  HashSeed seed;
  LocatorSink* locator_sink = nullptr;
  // Null while nobody waits for a change.
  ChangeListener* change_listener = nullptr;
  // Null while nobody repeats what happens elsewhere.
  RemovalListener* removal_listener = nullptr;
  // Of the command that runs.
  LentStrings lent = {};
  // No access is noted while this is set (CLIENT NO-TOUCH).
  bool no_touch = false;
  // Keys past their expiry stay and are seen as missing while this is false (DEBUG SET-ACTIVE-EXPIRE touches only the
  // active cycle, not this).
  bool expire_on_access = true;
  // Nothing expires while this is set: a log of changes is replayed, which says itself what has gone.
  bool time_stands_still = false;

  // What has an expiry before this has expired. Unix time in milliseconds.
  int64_t expiry_now_ms() const { return time_stands_still ? std::numeric_limits<int64_t>::min() : clock.unix_ms(); }
};

class Keyspace {
 public:
  Keyspace(KeyspaceOptions options, const Clock& clock, uint64_t random_seed);
  ~Keyspace();

  KeyspaceOptions& options() { return options_; }
  const KeyspaceOptions& options() const { return options_; }
  KeyspaceStats& stats() { return stats_; }
  const KeyspaceStats& stats() const { return stats_; }
  const Clock& clock() const { return clock_; }
  Random& random() { return random_; }
  LazyFree& lazy_free() { return lazy_free_; }
  const LazyFree& lazy_free() const { return lazy_free_; }
  KeyspaceContext& context() { return context_; }
  const KeyspaceContext& context() const { return context_; }

  int database_count() const { return static_cast<int>(databases_.size()); }
  Database& database(int index) { return *databases_[static_cast<size_t>(index)]; }
  const Database& database(int index) const { return *databases_[static_cast<size_t>(index)]; }

  const HashSeed& hash_seed() const { return context_.seed; }
  HashedKey Hash(std::string_view key) const { return {key, SipHash13(key, context_.seed)}; }

  // Keys of all databases.
  size_t total_keys() const;
  size_t total_cold() const;
  // Deletes every key of every database.
  void FlushAll(FreeMode mode);
  // Exchanges the contents of two databases; both indexes must exist.
  void SwapDatabases(int first, int second);
  void set_locator_sink(LocatorSink* sink) { context_.locator_sink = sink; }
  // Hands over to the sink what lazily freed databases named. Call from the cron.
  void CollectReleasedLocators();

 private:
  KeyspaceOptions options_;
  KeyspaceStats stats_;
  const Clock& clock_;
  Random random_;
  LazyFree lazy_free_;
  KeyspaceContext context_;
  std::vector<std::unique_ptr<Database>> databases_;
};

}  // namespace tidemark::keyspace
