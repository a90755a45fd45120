// The directory of the append-only file: which files make up the data set (the manifest), their names, and the order in
// which they come and go. Main thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/background_worker.h"
#include "base/log.h"
#include "base/status.h"
#include "formats/aof_manifest.h"
#include "persistence/persistence_options.h"

namespace tidemark::persistence {

class AofDirectory {
 public:
  AofDirectory(const PersistenceOptions& options, BackgroundWorker& worker, Logger& log)
      : options_(options), worker_(worker), log_(log) {}

  std::string path() const { return options_.dir + "/" + options_.append_dir_name; }
  std::string PathOf(const std::string& name) const { return path() + "/" + name; }
  const formats::AofManifest& manifest() const { return manifest_; }
  // The value of `dir` when the manifest was read, as it is while that is in use.
  const std::string& dir() const { return dir_; }
  // There is something to load.
  bool empty() const { return !manifest_.base && manifest_.increments.empty(); }

  // The messages of all errors are lines for the log.
  // Makes the directory if it is missing.
  Status Make();
  // Reads the manifest, if there is one, and checks that the files it lists are there. Takes over the one file that
  // servers before Redis 7 wrote, if it lies where they had it. Deletes what a server that was killed had not finished:
  // nobody may be writing a base.
  Status Load();
  // From now on, and after any crash, these files are the data set.
  Status Publish(const formats::AofManifest& next);
  // Deletes what is no longer needed, in the background, and says so in the manifest.
  void DeleteHistory();

  // The number of the next base or increment.
  uint64_t NextBaseSeq() const;
  uint64_t NextIncrementSeq() const;
  // Bytes of the files of the manifest that are needed.
  uint64_t BaseBytes() const;
  uint64_t TotalBytes() const;

 private:
  Status TakeOverSingleFile(const std::string& single);
  Status CheckFiles() const;
  void DeleteTemporaryFiles();
  uint64_t SizeOf(const std::string& name) const;

  const PersistenceOptions& options_;
  BackgroundWorker& worker_;
  Logger& log_;
  std::string dir_;
  formats::AofManifest manifest_;
};

}  // namespace tidemark::persistence
