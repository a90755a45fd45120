// What INFO shows of snapshots and of loading.
#pragma once

#include <cstdint>

namespace tidemark::persistence {

struct LoadFigures {
  bool loading = false;
  int64_t start_unix_seconds = 0;
  uint64_t total_bytes = 0;
  uint64_t loaded_bytes = 0;
  uint64_t used_memory_when_saved = 0;
  int64_t elapsed_seconds = 0;
};

struct AofFigures {
  bool enabled = false;
  bool rewriting = false;
  bool rewrite_scheduled = false;
  int64_t last_rewrite_seconds = -1;  // how long it took; -1: there was none
  int64_t current_rewrite_seconds = -1;
  bool last_rewrite_ok = true;
  uint64_t last_cow_bytes = 0;
  uint64_t rewrites = 0;
  uint64_t consecutive_failures = 0;
  bool last_write_ok = true;
  uint64_t current_bytes = 0;
  uint64_t base_bytes = 0;
  uint64_t buffer_bytes = 0;
  uint64_t buffer_memory_bytes = 0;
  uint64_t pending_syncs = 0;
  uint64_t delayed_syncs = 0;
};

struct PersistenceFigures {
  uint64_t changes_since_save = 0;
  int64_t last_save_unix_seconds = 0;  // as long as there was none: when the server started
  bool last_save_ok = true;
  bool saving = false;             // in the background
  int64_t last_save_seconds = -1;  // how long the last one in the background took; -1: there was none
  int64_t current_save_seconds = -1;
  uint64_t saves = 0;
  uint64_t last_cow_bytes = 0;
  uint64_t current_cow_bytes = 0;
  uint64_t current_cow_peak_bytes = 0;
  int64_t current_cow_age_seconds = 0;
  uint64_t current_keys = 0;
  uint64_t current_keys_total = 0;
  uint64_t last_load_keys = 0;
  uint64_t last_load_expired_keys = 0;
  uint64_t forks = 0;
  int64_t last_fork_us = 0;
  LoadFigures load;
  AofFigures aof;
};

}  // namespace tidemark::persistence
