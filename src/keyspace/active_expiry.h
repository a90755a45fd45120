// Deletes keys, and fields of hashes in RAM, whose time has come though nobody asks for them: walks the databases in
// slices. Bits in the dict's slots tell which entries have an expiry or such fields, so that the walk reads only those.
// Main thread.
#pragma once

#include <cstdint>

#include "keyspace/keyspace.h"

namespace tidemark::keyspace {

class ActiveExpiry {
 public:
  explicit ActiveExpiry(Keyspace& keyspace) : keyspace_(keyspace) {}

  void set_enabled(bool enabled) { enabled_ = enabled; }
  bool enabled() const { return enabled_; }

  // Call from the cron, `period_us` after the last call: grants time for the slices until the next one. More is granted
  // while much of what the walk meets has expired.
  void Grant(int64_t period_us);
  // Walks for at most `slice_us` of the granted time. True if there is time and work left.
  bool Run(int64_t slice_us);

 private:
  static constexpr int kStalePercentGoal = 10;

  static constexpr size_t kFieldsPerVisit = 64;

  static bool HasWork(const Database& database) {
    return database.volatile_count() > 0 || database.volatile_hash_count() > 0;
  }
  // Visits the chains of one position of the cursor.
  void VisitChain(Database& database);
  // Erases expired fields of a hash that the walk met.
  void ExpireFields(Database& database, Entry* entry);
  // Moves to the next database with work; false if there is none.
  bool AdvanceDatabase();

  Keyspace& keyspace_;
  bool enabled_ = true;
  int64_t granted_us_ = 0;
  int database_ = 0;
  uint64_t cursor_ = 0;
  uint64_t met_ = 0;      // volatile entries since the last Grant
  uint64_t expired_ = 0;  // of those, expired
  // The walk has met a hash with more expired fields than it erased: since it began, and since the last Grant.
  bool fields_left_ = false;
  bool many_fields_ = false;
  double ttl_sum_ms_ = 0;
  uint64_t ttl_count_ = 0;
};

}  // namespace tidemark::keyspace
