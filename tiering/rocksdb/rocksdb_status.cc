#include "tiering/rocksdb/rocksdb_status.h"

#include <rocksdb/status.h>

#include <string>
#include <utility>

namespace tidemark::tiering {

Status FromRocksDb(const ::rocksdb::Status& status) {
  if (status.ok()) return Status::Ok();
  std::string text = status.ToString();
  if (status.IsNoSpace() || status.subcode() == ::rocksdb::Status::kSpaceLimit) return Status::NoSpace(std::move(text));
  if (status.IsNotFound()) return Status::NotFound(std::move(text));
  if (status.IsCorruption()) return Status::Corruption(std::move(text));
  if (status.IsShutdownInProgress() || status.IsAborted()) return Status::Unavailable(std::move(text));
  return Status::IoError(std::move(text));
}

}  // namespace tidemark::tiering
