// Writes the base file of an append-only file: the data set as it is now. Runs on the main thread or in a forked child,
// as rdb_save.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/aof_manifest.h"
#include "persistence/dataset_walk.h"

namespace tidemark::persistence {

// The name of the file that process `pid` writes before it gets its right name.
std::string TemporaryBaseName(int64_t pid);
bool IsTemporaryBaseName(std::string_view name);
// Writes the file, which is on stable storage then. The error's message is a line for the log.
Status WriteAofBase(const SaveRequest& request, formats::AofBaseForm form, const std::string& path);

}  // namespace tidemark::persistence
