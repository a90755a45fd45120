// What a server has to know of a checkpoint before it makes its keyspace and opens its flash tier.
#pragma once

#include <optional>

#include "base/status.h"
#include "formats/checkpoint_head.h"
#include "persistence/persistence_options.h"

namespace tidemark::persistence {

// The head of the append-only file's base, if there is one and it is a checkpoint's, whether `appendonly` is on or not.
// A manifest that cannot be read answers nothing: loading will say what is wrong with it. Changes nothing.
Result<std::optional<formats::CheckpointHead>> FindCheckpoint(const PersistenceOptions& options);

}  // namespace tidemark::persistence
