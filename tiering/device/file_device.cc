#include "tiering/device/file_device.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "tiering/device/whole_transfer.h"

namespace tidemark::tiering {

FileDevice::FileDevice(const std::string& dir) : files_(dir), event_fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  TIDEMARK_CHECK(event_fd_ >= 0);
}

FileDevice::~FileDevice() {
  // What is under way there signals.
  files_.Drain();
  close(event_fd_);
}

void FileDevice::PrepareFile(uint64_t bytes) {
  files_.Prepare(bytes, [this] { Signal(); });
}

void FileDevice::Signal() {
  const uint64_t one = 1;
  TIDEMARK_CHECK(write(event_fd_, &one, sizeof(one)) == sizeof(one));
}

void FileDevice::ClearSignal() {
  uint64_t signals = 0;
  [[maybe_unused]] const ssize_t cleared = read(event_fd_, &signals, sizeof(signals));
}

int FileDevice::ReadNow(uint32_t file, uint64_t offset, char* data, size_t bytes) {
  return RunWhole(files_.fd(file), {.offset = offset, .data = data, .bytes = bytes});
}

int FileDevice::SyncNow(uint32_t file) {
  return fdatasync(files_.fd(file)) == 0 ? 0 : errno;
}

}  // namespace tidemark::tiering
