// Directives of snapshots and of the append-only file.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/quoting.h"
#include "server/directive.h"
#include "server/list_types.h"

namespace tidemark::server {
namespace {

using persistence::PersistenceOptions;

bool IsPath(std::string_view text) {
  return text.find('/') != text.npos;
}

std::string_view CheckDumpFile(std::string_view text) {
  return IsPath(text) ? "dbfilename can't be a path, just a filename" : "";
}

std::string_view CheckAppendFile(std::string_view text) {
  // A line of the manifest must be able to hold it, whatever has to be escaped in it.
  constexpr size_t kLongest = 200;
  if (text.empty()) return "appendfilename can't be empty";
  if (text.size() > kLongest) return "appendfilename can't be longer than 200 bytes";
  return IsPath(text) ? "appendfilename can't be a path, just a filename" : "";
}

std::string_view CheckAppendDirectory(std::string_view text) {
  if (text.empty()) return "appenddirname can't be empty";
  return IsPath(text) ? "appenddirname can't be a path, just a dirname" : "";
}

void SetSavePoints(Options& options, const std::string& value) {
  const std::vector<std::string> words = *SplitWords(value);
  options.persistence.save_points.clear();
  for (size_t i = 0; i + 1 < words.size(); i += 2) {
    options.persistence.save_points.push_back({*ParseInt64(words[i]), *ParseInt64(words[i + 1])});
  }
}

}  // namespace

void AddPersistenceDirectives(DirectiveTable& table) {
  table.Bool("aof-disable-auto-gc", "no").Hidden().Sets(&PersistenceOptions::aof_disable_auto_gc);
  table.Bool("aof-load-truncated", "yes").Sets(&PersistenceOptions::aof_load_truncated);
  table.Text("aof_rewrite_cpulist", "").Alias("aof-rewrite-cpulist").AtStart().WithoutEffect();
  table.Bool("aof-rewrite-incremental-fsync", "yes").Sets(&PersistenceOptions::aof_incremental_fsync);
  table.Bool("aof-timestamp-enabled", "no").Sets(&PersistenceOptions::aof_timestamps);
  table.Bool("aof-use-rdb-preamble", "yes").Sets(&PersistenceOptions::aof_rdb_preamble);
  table.Text("appenddirname", "appendonlydir", CheckAppendDirectory)
      .AtStart()
      .Sets(&PersistenceOptions::append_dir_name);
  table.Text("appendfilename", "appendonly.aof", CheckAppendFile).AtStart().Sets(&PersistenceOptions::append_filename);
  table.Choice("appendfsync", "everysec", {"everysec", "always", "no"}).Sets(&PersistenceOptions::aof_sync);
  table.Bool("appendonly", "no").Sets(&PersistenceOptions::append_only);
  table.Memory("auto-aof-rewrite-min-size", "64mb", {0, INT64_MAX}).Sets(&PersistenceOptions::aof_rewrite_min_bytes);
  table.Integer("auto-aof-rewrite-percentage", "100", {0, INT32_MAX}).Sets(&PersistenceOptions::aof_rewrite_percentage);
  table.Text("dbfilename", "dump.rdb", CheckDumpFile).Restricted().Sets(&PersistenceOptions::dbfilename);
  table.Integer("key-load-delay", "0", {INT32_MIN, INT32_MAX}).Hidden().Sets(&PersistenceOptions::key_load_delay);
  table.Integer("loading-process-events-interval-bytes", "524288", {1024, INT32_MAX})
      .Hidden()
      .Sets(&PersistenceOptions::events_interval_bytes);
  table.Bool("no-appendfsync-on-rewrite", "no").Sets(&PersistenceOptions::no_sync_on_rewrite);
  table.Bool("rdb-del-sync-files", "no").WithoutEffect();
  table.Integer("rdb-key-save-delay", "0", {INT32_MIN, INT32_MAX}).Hidden().Sets(&PersistenceOptions::key_save_delay);
  table.Bool("rdb-save-incremental-fsync", "yes").Sets(&PersistenceOptions::incremental_fsync);
  table.Choice("rdb-version-check", "strict", {"strict", "relaxed"}).Sets(&PersistenceOptions::version_check);
  table.Bool("rdbchecksum", "yes").AtStart().Sets(&PersistenceOptions::rdb_checksum);
  table.Bool("rdbcompression", "yes").Sets(&PersistenceOptions::rdb_compression);
  table.Choice("sanitize-dump-payload", "no", {"no", "yes", "clients"}).WithoutEffect();
  table.Of(std::make_shared<SaveType>(), "save", {"3600", "1", "300", "100", "60", "10000"}).Calls(SetSavePoints);
  table.Bool("stop-writes-on-bgsave-error", "yes").Sets(&PersistenceOptions::stop_writes_on_error);
}

}  // namespace tidemark::server
