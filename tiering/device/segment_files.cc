#include "tiering/device/segment_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tidemark::tiering {
namespace {

Status Failed(const std::string& what, const std::string& path, int error) {
  const StatusCode code =
      error == ENOSPC || error == EDQUOT || error == EFBIG ? StatusCode::kNoSpace : StatusCode::kIoError;
  return {code, "cannot " + what + " " + path + ": " + std::generic_category().message(error)};
}

}  // namespace

SegmentFiles::SegmentFiles(std::string dir) : dir_(std::move(dir)), remover_("tier-remove") {}

SegmentFiles::~SegmentFiles() {
  for (const File& file : files_) {
    if (file.fd >= 0) close(file.fd);
  }
}

Result<int> SegmentFiles::Open(const std::string& path) {
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  constexpr mode_t kMode = 0600;
  if (direct_) {
    const int fd = open(path.c_str(), kFlags | O_DIRECT, kMode);
    if (fd >= 0) return fd;
    if (errno != EINVAL) return Failed("create", path, errno);
    // A file system without direct I/O (tmpfs, some network ones). The refused call may have made the file.
    direct_ = false;
    unlink(path.c_str());
  }
  const int fd = open(path.c_str(), kFlags, kMode);
  if (fd < 0) return Failed("create", path, errno);
  return fd;
}

Result<uint32_t> SegmentFiles::Create(uint64_t bytes) {
  const std::string path = dir_ + "/" + std::to_string(++created_) + ".segment";
  const Result<int> fd = Open(path);
  if (!fd) return fd.error();
  int error = posix_fallocate(*fd, 0, static_cast<off_t>(bytes));
  if (error == EOPNOTSUPP || error == EINVAL) error = ftruncate(*fd, static_cast<off_t>(bytes)) == 0 ? 0 : errno;
  if (error != 0) {
    close(*fd);
    unlink(path.c_str());
    return Failed("set space aside for", path, error);
  }
  uint32_t number = static_cast<uint32_t>(files_.size());
  if (unused_.empty()) {
    files_.emplace_back();
  } else {
    number = unused_.back();
    unused_.pop_back();
  }
  files_[number] = {*fd, path, bytes};
  return number;
}

void SegmentFiles::Shrink(uint32_t file, uint64_t bytes) {
  // It waits for the transfers that are under way. The descriptor is closed by the same thread, later.
  const uint64_t given_back = std::exchange(files_[file].bytes, bytes) - bytes;
  leaving_bytes_ += given_back;
  remover_.Post([this, fd = files_[file].fd, bytes, given_back] {
    static_cast<void>(ftruncate(fd, static_cast<off_t>(bytes)) == 0);
    leaving_bytes_ -= given_back;
  });
}

void SegmentFiles::Remove(uint32_t file) {
  File removed = std::exchange(files_[file], File{});
  unused_.push_back(file);
  leaving_bytes_ += removed.bytes;
  remover_.Post([this, removed = std::move(removed)] {
    unlink(removed.path.c_str());
    close(removed.fd);
    leaving_bytes_ -= removed.bytes;
  });
}

}  // namespace tidemark::tiering
