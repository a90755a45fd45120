// Reads records for a forked child: RocksDB is of no use in there, since its threads and whoever holds its locks stay
// behind. The child asks over a pair of sockets, and a thread of the parent answers out of a snapshot.
//
//   request = locator:8
//   reply   = code:1 type-tag:1 bytes:8 payload        ; of an error: its message
//
// In the byte order of the machine: both ends are of one process.
#pragma once

#include <thread>

#include "tiering/flash_store.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace tidemark::tiering {

class RecordReader;

class RecordService final : public ForkedReader {
 public:
  // Both outlive it.
  RecordService(RecordReader& reader, const ::rocksdb::Snapshot* snapshot);
  ~RecordService() override;

  void InParent() override;
  void InChild() override;
  int child_fd() const override { return child_fd_; }
  std::vector<Result<FlashRecord>> Read(std::span<const Locator> locators) override;

 private:
  void Serve();
  Result<FlashRecord> Receive();

  RecordReader& reader_;
  const ::rocksdb::Snapshot* const snapshot_;
  int parent_fd_ = -1;
  int child_fd_ = -1;
  std::thread thread_;
};

}  // namespace tidemark::tiering
