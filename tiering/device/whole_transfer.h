// Reads and writes that go on until all bytes are there: the system may transfer fewer than asked.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "tiering/device/device.h"

namespace tidemark::tiering {

struct TransferStep {
  bool more = false;  // the operation is to be given to the system again
  int error = 0;      // if not: how it ended
};

// Takes the result of one system call (bytes, or a negative errno) off `operation`.
inline TransferStep AdvanceTransfer(DeviceOperation& operation, int64_t result) {
  if (result == -EINTR || result == -EAGAIN) return {true, 0};
  if (result < 0) return {false, static_cast<int>(-result)};
  // The files have their full size from the start: an end before it is a file cut short.
  if (result == 0 && operation.bytes > 0) return {false, EIO};
  const auto bytes = static_cast<size_t>(result);
  operation.offset += bytes;
  operation.data += bytes;
  operation.bytes -= bytes;
  return {operation.bytes > 0, 0};
}

// Runs an operation on the calling thread. Answers an errno, 0 for success.
inline int RunWhole(int fd, DeviceOperation operation) {
  for (;;) {
    const auto at = static_cast<off_t>(operation.offset);
    const ssize_t moved = operation.kind == DeviceOperation::Kind::kRead
                              ? pread(fd, operation.data, operation.bytes, at)
                              : pwrite(fd, operation.data, operation.bytes, at);
    const TransferStep step = AdvanceTransfer(operation, moved < 0 ? -errno : moved);
    if (!step.more) return step.error;
  }
}

}  // namespace tidemark::tiering
