// Writes the whole data set as RDB: to any sink, or to a file under its name. Runs on the main thread (SAVE), or in a
// forked child (BGSAVE): then nothing of it may touch what belongs to other threads, nor the log.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "formats/byte_stream.h"
#include "keyspace/keyspace.h"
#include "persistence/persistence_options.h"
#include "tiering/flash_store.h"

namespace tidemark::persistence {

struct SaveRequest {
  const keyspace::Keyspace& keyspace;
  const PersistenceOptions& options;
  // The sources of libraries of functions.
  const std::vector<std::string>& functions;
  uint64_t used_memory = 0;  // bytes, for the file to tell
  bool aof_base = false;
  // Where keys have access times rather than frequencies: whether those are worth keeping.
  bool with_idle_times = false;
  // Reads the records of cold values.
  tiering::BulkReader* cold = nullptr;
  // Told now and then how many keys have been written; an error ends the save.
  std::function<Status(uint64_t keys)> on_progress = {};
};

// Keys past their expiry are left out.
Status WriteRdb(const SaveRequest& request, formats::ByteSink& sink);

// The name of the file that process `pid` writes before it gets its right name.
std::string TemporaryRdbName(int64_t pid);
// Writes the file of `options`, which is replaced only by one that is whole and on stable storage. The error's message
// is a line for the log.
Status SaveRdbFile(const SaveRequest& request, int64_t pid);

}  // namespace tidemark::persistence
