// The flash tier as TIER, INFO and DEBUG see it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/engine.h"

namespace tidemark::engine {

using keyspace::Database;
using keyspace::EntryRef;

namespace {

// How long a cold read took, microseconds.
constexpr std::pair<const char*, double> kReadPercentiles[] = {
    {"tier_read_us_p50", 50}, {"tier_read_us_p99", 99}, {"tier_read_us_p999", 99.9}};

}  // namespace

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
  out.emplace_back("tier_device", parts_.store.device_name());
  add("tier_cold_keys", cold);
  add("tier_clean_keys", clean);
  add("tier_resident_keys", total - cold - clean);
  add("tier_spilling_keys", pager_.writes_in_flight());
  // What is on flash and in RAM both is not counted by its bytes: the mean of all is taken.
  const uint64_t clean_bytes =
      store.records == 0
          ? 0
          : std::min<uint64_t>(store.live_payload_bytes,
                               static_cast<uint64_t>(static_cast<double>(store.live_payload_bytes) /
                                                     static_cast<double>(store.records) * static_cast<double>(clean)));
  const uint64_t on_flash = store.live_payload_bytes - std::min(store.live_payload_bytes, store.write_bytes_in_flight);
  add("tier_cold_bytes", on_flash - std::min(on_flash, clean_bytes));
  add("tier_clean_bytes", clean_bytes);
  add("tier_ram_bytes", parts_.limit.used());
  const uint64_t hits = parts_.keyspace.stats().hits;
  add("tier_hits_ram", hits - std::min(hits, stats_.cold_hits));
  add("tier_hits_cold", stats_.cold_hits);
  add("tier_spills", pager.spills);
  add("tier_spilled_bytes", pager.spilled_bytes);
  add("tier_demotions", pager.demotions);
  add("tier_reads", pager.reads);
  add("tier_read_bytes", pager.read_bytes);
  for (const auto& [name, percentile] : kReadPercentiles) {
    add(name, static_cast<uint64_t>(std::llround(pager.read_latency.PercentileUs(percentile))));
  }
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
  add("tier_waiting_clients", parked_count(ParkReason::kFetch));
  add("tier_stalls", stalls_.count());
  add("tier_stall_us", stalls_.TotalUs(parts_.clock.mono_us()));
  add("tier_delayed_commands", stats_.delayed_commands);
  add("tier_delayed_clients", parked_count(ParkReason::kMemory));
  add("tier_parked_reads", stats_.fetch_parks);
  add("tier_live_records", store.records);
  add("tier_live_bytes", store.live_payload_bytes);
  add("tier_disk_bytes", store.disk_bytes);
  add("tier_max_bytes", store.max_bytes);
  add("tier_pinned_bytes", store.pinned_dead_bytes);
  add("tier_full", enabled() && parts_.store.full() ? 1 : 0);
  add("tier_budget_reached", store.budget_reached ? 1 : 0);
  add("tier_device_failing", tier_monitor_.failing() ? 1 : 0);
  add("tier_device_stalled", tier_monitor_.stalled() ? 1 : 0);
  add("tier_host_bytes_read", store.host_bytes_read);
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
  add("tier_cleaning", store.cleaning ? 1 : 0);
  add("tier_segments_cleaned", store.segments_cleaned);
  add("tier_damaged_segments", store.damaged_segments);
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
  // What there is no place for is refused at once, and stays.
  const uint64_t refused = parts_.store.Stats().write_errors;
  return ref && pager_.SpillKey(db, ref) && parts_.store.Stats().write_errors == refused;
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
