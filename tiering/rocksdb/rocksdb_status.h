// RocksDB's errors in our terms.
#pragma once

#include "base/status.h"

namespace rocksdb {
class Status;
}

namespace tidemark::tiering {

Status FromRocksDb(const ::rocksdb::Status& status);

}  // namespace tidemark::tiering
