// What can be configured of snapshots. Read at each use, so that CONFIG SET works by changing a field.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidemark::persistence {

// Save after so many seconds if there were so many changes.
struct SavePoint {
  int64_t seconds = 0;
  int64_t changes = 0;
  bool operator==(const SavePoint&) const = default;
};

enum class RdbVersionCheck : uint8_t { kStrict, kRelaxed };

struct PersistenceOptions {
  std::string dir;  // absolute
  std::string dbfilename;
  std::vector<SavePoint> save_points;
  bool rdb_compression = true;
  bool rdb_checksum = true;
  bool incremental_fsync = true;
  bool save_idle_times = false;  // maxmemory-policy goes by them
  bool stop_writes_on_error = true;
  RdbVersionCheck version_check = RdbVersionCheck::kStrict;
  // For tests: microseconds a key; of a negative number -n, one microsecond every n keys.
  int key_save_delay = 0;
  int key_load_delay = 0;
  // How many bytes are loaded between two looks at the clients.
  uint64_t events_interval_bytes = 512 * 1024;
};

}  // namespace tidemark::persistence
