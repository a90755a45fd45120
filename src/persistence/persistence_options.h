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

// When what has been appended is brought to stable storage: before any reply to it is sent; by a thread, once a second;
// when the system likes.
enum class AofSync : uint8_t { kEverySecond, kAlways, kNo };

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
  bool append_only = false;
  std::string append_filename;
  std::string append_dir_name;
  AofSync aof_sync = AofSync::kEverySecond;
  bool no_sync_on_rewrite = false;
  bool aof_rdb_preamble = true;
  bool tier_checkpoint = false;
  bool aof_load_truncated = true;
  bool aof_timestamps = false;
  bool aof_disable_auto_gc = false;
  bool aof_incremental_fsync = true;
  int64_t aof_rewrite_percentage = 100;
  uint64_t aof_rewrite_min_bytes = uint64_t{64} << 20;
  // For tests: microseconds a key; of a negative number -n, one microsecond every n keys.
  int key_save_delay = 0;
  int key_load_delay = 0;
  // How many bytes are loaded between two looks at the clients.
  uint64_t events_interval_bytes = 512 * 1024;
};

}  // namespace tidemark::persistence
