// The way through all keys of a data set that is being written, whatever the form: cold values are read many at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "formats/checkpoint_head.h"
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
  // The base file of a checkpoint is written: it has this head, and cold values stay where they are.
  const formats::CheckpointHead* checkpoint = nullptr;
  // Told now and then how many keys have been written; an error ends the save.
  std::function<Status(uint64_t keys)> on_progress = {};
};

// Writes what it is shown, in that order.
class DatasetForm {
 public:
  virtual ~DatasetForm() = default;
  virtual Status BeginDatabase(const keyspace::Database& database) = 0;
  // A key whose value is in RAM, or whose value is not wanted.
  virtual Status WriteEntry(const keyspace::Entry& entry) = 0;
  // A cold key; what could not be read is an error that names it.
  virtual Status WriteCold(const keyspace::Entry& entry, const tiering::FlashRecord& record) = 0;
  // Whether cold values are to be read. If not, WriteEntry is shown their entries.
  virtual bool wants_cold_values() const { return true; }
};

// Shows every key that has not expired; none that has by the clock, unless that stands still.
Status WalkDataset(const SaveRequest& request, DatasetForm& form);

// An error about a value on flash, with its key.
Status UnreadableCold(const keyspace::Entry& entry, const Status& why);

}  // namespace tidemark::persistence
