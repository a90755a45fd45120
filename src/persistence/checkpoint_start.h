// What a server has to know of a checkpoint before it makes its keyspace and opens its flash tier.
#pragma once

#include <optional>

#include "base/status.h"
#include "formats/checkpoint_head.h"
#include "persistence/persistence_options.h"

namespace tidemark::persistence {

// The head of the append-only file's base, if there is one and it is a checkpoint's, whether `appendonly` is on or not.
// What is wrong with other files, loading will say; but a tier that is opened without a checkpoint is emptied, so it is
// an error, with the path in the message, if a file is there that is called a checkpoint's base and either that or the
// manifest, which says whether it counts, cannot be read. Changes nothing.
Result<std::optional<formats::CheckpointHead>> FindCheckpoint(const PersistenceOptions& options);

}  // namespace tidemark::persistence
