#include "tiering/rocksdb/record_service.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "tiering/rocksdb/record_reader.h"
#include "tiering/rocksdb/thread_setup.h"

namespace tidemark::tiering {
namespace {

constexpr int kNice = 10;

struct ReplyHeader {
  uint64_t bytes = 0;
  uint8_t code = 0;
  uint8_t type_tag = 0;
};

bool SendAll(int fd, const void* data, size_t bytes) {
  const char* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t sent = send(fd, at, bytes, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    at += sent;
    bytes -= static_cast<size_t>(sent);
  }
  return true;
}

bool ReceiveAll(int fd, void* data, size_t bytes) {
  char* at = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t received = recv(fd, at, bytes, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    at += received;
    bytes -= static_cast<size_t>(received);
  }
  return true;
}

void CloseEnd(int& fd) {
  if (fd >= 0) close(fd);
  fd = -1;
}

}  // namespace

RecordService::RecordService(RecordReader& reader, const ::rocksdb::Snapshot* snapshot)
    : reader_(reader), snapshot_(snapshot) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
  parent_fd_ = ends[0];
  child_fd_ = ends[1];
}

RecordService::~RecordService() {
  if (parent_fd_ >= 0) shutdown(parent_fd_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  CloseEnd(parent_fd_);
  CloseEnd(child_fd_);
}

void RecordService::InParent() {
  CloseEnd(child_fd_);
  if (parent_fd_ >= 0) thread_ = std::thread([this] { Serve(); });
}

void RecordService::InChild() {
  CloseEnd(parent_fd_);
}

void RecordService::Serve() {
  SetUpThread("tier-snapshot", kNice);
  uint64_t raw = 0;
  while (ReceiveAll(parent_fd_, &raw, sizeof(raw))) {
    const Result<FlashRecord> record = reader_.ReadNow(Locator(raw), snapshot_);
    const std::string& text = record ? record->payload : record.error().message();
    ReplyHeader header;
    header.bytes = text.size();
    if (record) {
      header.type_tag = record->type_tag;
    } else {
      header.code = static_cast<uint8_t>(record.error().code());
    }
    if (!SendAll(parent_fd_, &header, sizeof(header)) || !SendAll(parent_fd_, text.data(), text.size())) return;
  }
}

std::vector<Result<FlashRecord>> RecordService::Read(std::span<const Locator> locators) {
  // What the sockets can hold while the parent's thread is busy with a long reply.
  constexpr size_t kAhead = 64;
  std::vector<Result<FlashRecord>> records;
  records.reserve(locators.size());
  size_t asked = 0;
  while (records.size() < locators.size()) {
    for (; asked < locators.size() && asked < records.size() + kAhead; ++asked) {
      const uint64_t raw = locators[asked].raw();
      // If it is gone, Receive will say so.
      SendAll(child_fd_, &raw, sizeof(raw));
    }
    records.push_back(Receive());
  }
  return records;
}

Result<FlashRecord> RecordService::Receive() {
  ReplyHeader header;
  FlashRecord record;
  bool well = child_fd_ >= 0 && ReceiveAll(child_fd_, &header, sizeof(header));
  if (well) {
    record.payload.resize(header.bytes);
    well = ReceiveAll(child_fd_, record.payload.data(), record.payload.size());
  }
  if (!well) return Status::IoError("the parent process does not answer");
  if (header.code != 0) return Status(static_cast<StatusCode>(header.code), std::move(record.payload));
  record.type_tag = header.type_tag;
  return record;
}

}  // namespace tidemark::tiering
