// Writes the whole data set as RDB: to any sink, or to a file under its name. Runs on the main thread (SAVE), or in a
// forked child (BGSAVE): then nothing of it may touch what belongs to other threads, nor the log.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "formats/byte_stream.h"
#include "persistence/dataset_walk.h"

namespace tidemark::persistence {

// Keys past their expiry are left out.
Status WriteRdb(const SaveRequest& request, formats::ByteSink& sink);

// The name of the file that process `pid` writes before it gets its right name.
std::string TemporaryRdbName(int64_t pid);
// Writes the file of `options`, which is replaced only by one that is whole and on stable storage. The error's message
// is a line for the log.
Status SaveRdbFile(const SaveRequest& request, int64_t pid);

}  // namespace tidemark::persistence
