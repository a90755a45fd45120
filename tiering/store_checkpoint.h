// A checkpoint of a flash store: what a base file that names records by their locators needs of the store, so that a
// later process finds them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace tidemark::tiering {

using PinToken = uint64_t;

struct StoreCheckpoint {
  // Holds what the base file names.
  PinToken pin = 0;
  // Paths of files, and last of their directory, that are to be on stable storage before the base file counts.
  std::vector<std::string> unsynced;
};

// Returns when they are. Uses nothing but the file system: for any thread and for a forked child.
Status SyncCheckpoint(const StoreCheckpoint& checkpoint);

}  // namespace tidemark::tiering
