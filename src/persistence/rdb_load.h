// Loads an RDB file into the keyspace. Main thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "formats/rdb_reader.h"
#include "keyspace/keyspace.h"
#include "persistence/persistence_figures.h"
#include "persistence/persistence_options.h"
#include "tiering/flash_store.h"

namespace tidemark::persistence {

class FileSource;

// What goes on beside the loading.
class LoadHost {
 public:
  virtual ~LoadHost() = default;
  // Every so many bytes (PersistenceOptions::events_interval_bytes). An error ends the loading.
  virtual Status OnLoadProgress() = 0;
  // Every few keys: returns when there is memory for more, or none can be won. An error ends the loading.
  virtual Status MakeRoom() = 0;
};

enum class SameKey : uint8_t { kRefuse, kReplace };

struct LoadResult {
  uint64_t keys = 0;
  uint64_t expired_keys = 0;
  uint64_t empty_keys = 0;
  std::vector<std::string> functions;
};

class RdbLoad final : private formats::RdbHandler {
 public:
  RdbLoad(keyspace::Keyspace& keyspace, const PersistenceOptions& options, LoadHost& host, Logger& log,
          LoadFigures& figures)
      : keyspace_(keyspace), options_(options), host_(host), log_(log), figures_(figures) {}

  // Keys past their expiry are passed over. kCorruption, with the path and the offset in the message, if the file is
  // damaged; what came before the damage is in the keyspace then.
  Status Run(const std::string& path, FileSource& source, SameKey same_key);
  LoadResult& result() { return result_; }
  // Bytes of files that were loaded before this one, for the figures.
  void set_progress_offset(uint64_t bytes) { progress_offset_ = bytes; }
  // Where the values of a checkpoint's cold keys are; without it such a file is refused.
  void set_tier(tiering::FlashStore& tier) { tier_ = &tier; }
  // How long the RDB file is, and what was read from the source behind it. After Run.
  uint64_t end_offset() const { return end_offset_; }
  const std::string& rest() const { return rest_; }

 private:
  static constexpr uint64_t kKeysPerLook = 16;
  static constexpr uint64_t kBytesPerLook = 64 * 1024;
  static constexpr int64_t kLogEveryUs = 5'000'000;

  Status OnAux(std::string_view name, std::string_view value) override;
  Status OnDatabase(uint64_t number) override;
  Status OnFunction(std::string_view library) override;
  Status OnKey(const formats::RdbKey& key) override;
  Status OnColdKey(const formats::RdbColdKey& key) override;
  void OnSkipped(const std::string& text) override;
  Status Store(const formats::RdbKey& key);
  // Deletes or refuses a key of that name that is there.
  Status MakeWay(std::string_view name, const keyspace::HashedKey& key);
  void SetAccess(keyspace::EntryRef& ref, const formats::RdbAttributes& attributes);
  // So many bytes of a value have been taken in.
  Status LookAround(uint64_t bytes);
  void LogProgress();

  keyspace::Keyspace& keyspace_;
  const PersistenceOptions& options_;
  LoadHost& host_;
  Logger& log_;
  LoadFigures& figures_;
  FileSource* source_ = nullptr;
  tiering::FlashStore* tier_ = nullptr;
  SameKey same_key_ = SameKey::kRefuse;
  int database_ = 0;
  LoadResult result_;
  uint64_t progress_offset_ = 0;
  uint64_t end_offset_ = 0;
  std::string rest_;
  uint64_t keys_since_look_ = 0;
  uint64_t bytes_since_look_ = 0;
  uint64_t next_events_at_ = 0;  // bytes of the file
  int64_t next_log_us_ = 0;
};

}  // namespace tidemark::persistence
