// The engine's directory: made, recognised as ours, and emptied.
#pragma once

#include <string>

#include "base/status.h"

namespace rocksdb {
struct Options;
}

namespace tidemark::tiering {

// Leaves `dir` existing, marked and without a database in it. Refuses a directory that holds anything and does not
// carry our marker, and one that another server uses; the message says what to do.
Status PrepareTierDirectory(const std::string& dir, const ::rocksdb::Options& options);

}  // namespace tidemark::tiering
