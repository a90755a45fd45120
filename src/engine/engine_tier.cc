// The flash tier as TIER, INFO and DEBUG see it.
#include <cstdio>
#include <utility>

#include "engine/engine.h"

namespace tidemark::engine {

using keyspace::Database;
using keyspace::EntryRef;

std::vector<std::pair<std::string, std::string>> Engine::Stats() const {
  const tiering::PagerStats& pager = pager_.stats();
  const tiering::FlashStats store = parts_.store.Stats();
  const size_t total = parts_.keyspace.total_keys();
  const size_t cold = parts_.keyspace.total_cold();
  size_t clean = 0;
  for (int i = 0; i < parts_.keyspace.database_count(); ++i) clean += parts_.keyspace.database(i).clean_count();
  std::vector<std::pair<std::string, std::string>> out;
  const auto add = [&](std::string name, uint64_t value) { out.emplace_back(std::move(name), std::to_string(value)); };
  add("tier_enabled", enabled() ? 1 : 0);
  out.emplace_back("tier_engine", parts_.store.name());
  add("tier_cold_keys", cold);
  add("tier_clean_keys", clean);
  add("tier_resident_keys", total - cold - clean);
  add("tier_spills", pager.spills);
  add("tier_spilled_bytes", pager.spilled_bytes);
  add("tier_demotions", pager.demotions);
  add("tier_reads", pager.reads);
  add("tier_read_bytes", pager.read_bytes);
  add("tier_promotions", pager.promotions);
  add("tier_shared_reads", pager.shared_flights);
  add("tier_sync_reads", pager.sync_reads);
  add("tier_stale_writes", pager.stale_writes);
  add("tier_read_errors", pager.read_errors);
  add("tier_write_errors", pager.write_errors);
  add("tier_corruptions", pager.corruptions);
  add("tier_reads_in_flight", store.reads_in_flight);
  add("tier_writes_in_flight", store.writes_in_flight);
  add("tier_write_bytes_in_flight", store.write_bytes_in_flight);
  add("tier_delayed_commands", stats_.delayed_commands);
  add("tier_delayed_clients", parked_count(ParkReason::kMemory));
  add("tier_parked_reads", stats_.fetch_parks);
  add("tier_live_records", store.records);
  add("tier_live_bytes", store.live_payload_bytes);
  add("tier_disk_bytes", store.disk_bytes);
  add("tier_max_bytes", store.max_bytes);
  add("tier_full", enabled() && parts_.store.full() ? 1 : 0);
  add("tier_host_bytes_written", store.host_bytes_written);
  char amplification[32];
  std::snprintf(amplification, sizeof(amplification), "%.2f",
                store.payload_bytes_written == 0
                    ? 0.0
                    : static_cast<double>(store.host_bytes_written) / static_cast<double>(store.payload_bytes_written));
  out.emplace_back("tier_write_amplification", amplification);
  add("tier_compressed_records", store.compressed_records);
  add("tier_memory_bytes", store.memory_bytes);
  add("tier_device_reads", store.device_reads);
  add("tier_device_read_bytes", store.device_read_bytes);
  add("tier_segments_cleaned", store.segments_cleaned);
  add("tier_moved_bytes", store.moved_bytes);
  return out;
}

std::string_view Engine::Where(int database, std::string_view key) const {
  const EntryRef ref = parts_.keyspace.database(database).Find(parts_.keyspace.Hash(key));
  return keyspace::ResidencyName(pager_.ResidencyOf(ref));
}

bool Engine::Spill(int database, std::string_view key) {
  Database& db = parts_.keyspace.database(database);
  const EntryRef ref = db.Find(parts_.keyspace.Hash(key));
  return ref && pager_.SpillKey(db, ref);
}

Status Engine::Load(int database, std::string_view key) {
  Database& db = parts_.keyspace.database(database);
  EntryRef ref = db.Find(parts_.keyspace.Hash(key));
  if (!ref) return Status::NotFound("no such key");
  if (!ref->cold()) return Status::Ok();
  const Result<tiering::Pager::Installed> installed = pager_.Install(db, ref, pager_.ReadNow(ref->locator()));
  return installed ? Status::Ok() : installed.error();
}

Result<formats::DecodedValue> Engine::ReadCold(int database, std::string_view key) {
  const EntryRef ref = parts_.keyspace.database(database).Find(parts_.keyspace.Hash(key));
  if (!ref || !ref->cold()) return Status::NotFound("the value is not on flash");
  return pager_.Decode(*ref, pager_.ReadNow(ref->locator()));
}

void Engine::Compact() {
  parts_.store.Compact();
}

}  // namespace tidemark::engine
