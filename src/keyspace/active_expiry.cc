#include "keyspace/active_expiry.h"

#include <algorithm>
#include <array>

#include "values/hash.h"

namespace tidemark::keyspace {
namespace {

// Of each period: what the walk may take when little has expired, and the most it may take (at effort 1; each further
// step of effort adds as much as the second).
constexpr int64_t kBasePercent = 1;
constexpr int64_t kMostPercent = 25;
constexpr int64_t kPerEffortPercent = 2;
constexpr int kChainsPerTimeCheck = 16;

}  // namespace

void ActiveExpiry::Grant(int64_t period_us) {
  KeyspaceStats& stats = keyspace_.stats();
  if (met_ > 0) {
    const double stale = 100.0 * static_cast<double>(expired_) / static_cast<double>(met_);
    stats.expired_stale_percent = stats.expired_stale_percent * 0.95 + stale * 0.05;
  }
  const int effort = keyspace_.options().active_expire_effort;
  const bool much_expired = (met_ > 0 && expired_ * 100 > met_ * kStalePercentGoal) || many_fields_;
  const int64_t percent = (much_expired ? kMostPercent : kBasePercent) + kPerEffortPercent * (effort - 1);
  if (granted_us_ <= 0 && much_expired) ++stats.expired_time_cap_reached;
  granted_us_ = period_us * percent / 100;
  met_ = 0;
  expired_ = 0;
  many_fields_ = false;
}

bool ActiveExpiry::AdvanceDatabase() {
  for (int i = 0; i < keyspace_.database_count(); ++i) {
    Database& left = keyspace_.database(database_);
    if (ttl_count_ > 0) {
      left.set_average_ttl_ms(static_cast<int64_t>(ttl_sum_ms_ / static_cast<double>(ttl_count_)));
    }
    ttl_sum_ms_ = 0;
    ttl_count_ = 0;
    database_ = (database_ + 1) % keyspace_.database_count();
    if (HasWork(keyspace_.database(database_))) return true;
  }
  return false;
}

void ActiveExpiry::VisitChain(Database& database) {
  // A chain may be longer than this; the walk comes by again.
  std::array<Entry*, 32> expired;
  std::array<Entry*, 32> hashes;
  size_t expired_count = 0;
  size_t hash_count = 0;
  const int64_t now_ms = keyspace_.clock().unix_ms();
  cursor_ = database.dict().Scan(cursor_, [&](EntryDict::Slot slot) {
    const unsigned flags = database.dict().Flags(slot);
    if ((flags & (Database::kVolatileFlag | Database::kVolatileFieldsFlag)) == 0) return;
    Entry* entry = database.dict().Get(slot);
    if (entry->ExpiredAt(now_ms)) {
      if (expired_count < expired.size()) expired[expired_count++] = entry;
      ++met_;
      return;
    }
    if ((flags & Database::kVolatileFlag) != 0) {
      ++met_;
      ttl_sum_ms_ += static_cast<double>(entry->expiry_ms() - now_ms);
      ++ttl_count_;
    }
    if ((flags & Database::kVolatileFieldsFlag) != 0 && hash_count < hashes.size() &&
        values::HashNextExpiry(entry->object()) < now_ms) {
      hashes[hash_count++] = entry;
    }
  });
  for (size_t i = 0; i < expired_count; ++i) {
    const uint64_t hash = keyspace_.Hash(expired[i]->key()).hash;
    database.DeleteExpired(database.RefOf(hash, expired[i]));
  }
  for (size_t i = 0; i < hash_count; ++i) ExpireFields(database, hashes[i]);
  expired_ += expired_count;
}

void ActiveExpiry::ExpireFields(Database& database, Entry* entry) {
  const uint64_t hash = keyspace_.Hash(entry->key()).hash;
  const EntryRef ref = database.EraseExpiredFields(database.RefOf(hash, entry), kFieldsPerVisit);
  if (ref && values::HashNextExpiry(ref->object()) < keyspace_.clock().unix_ms()) fields_left_ = many_fields_ = true;
}

bool ActiveExpiry::Run(int64_t slice_us) {
  if (!enabled_ || granted_us_ <= 0) return false;
  const int64_t start_us = Clock::MonotonicUs();
  const int64_t deadline_us = start_us + std::min(slice_us, granted_us_);
  bool work_left = true;
  bool walked_all = false;
  int64_t now_us = start_us;
  while (work_left && !walked_all && now_us < deadline_us) {
    Database& database = keyspace_.database(database_);
    if (!HasWork(database)) {
      cursor_ = 0;
      work_left = AdvanceDatabase();
      continue;
    }
    for (int i = 0; i < kChainsPerTimeCheck; ++i) {
      VisitChain(database);
      if (cursor_ == 0) {
        // One walk of a database is enough for a grant, unless much of it had expired.
        walked_all = expired_ * 100 <= met_ * kStalePercentGoal && !fields_left_;
        fields_left_ = false;
        work_left = AdvanceDatabase();
        break;
      }
    }
    now_us = Clock::MonotonicUs();
  }
  granted_us_ -= now_us - start_us;
  if (walked_all || !work_left) granted_us_ = 0;
  keyspace_.stats().expire_cycle_us += static_cast<uint64_t>(now_us - start_us);
  return granted_us_ > 0;
}

}  // namespace tidemark::keyspace
