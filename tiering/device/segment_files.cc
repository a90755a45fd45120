#include "tiering/device/segment_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/clock.h"

namespace tidemark::tiering {
namespace {

Status Failed(const std::string& what, const std::string& path, int error) {
  const StatusCode code =
      error == ENOSPC || error == EDQUOT || error == EFBIG ? StatusCode::kNoSpace : StatusCode::kIoError;
  return {code, "cannot " + what + " " + path + ": " + std::generic_category().message(error)};
}

// When a segment was last read is of no interest, and noting it costs each read a little. Only the owner of a file may
// ask for that.
int WithoutAccessTime(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags >= 0) static_cast<void>(fcntl(fd, F_SETFL, flags | O_NOATIME));
  return fd;
}

}  // namespace

// Serials count up from the time of the start, in milliseconds, so that no later process gives a file the name of one
// that a checkpoint of an earlier one has named.
SegmentFiles::SegmentFiles(std::string dir)
    : dir_(std::move(dir)),
      last_serial_(static_cast<uint64_t>(std::max<int64_t>(0, Clock::UnixUs() / 1000))),
      worker_("tier-files") {}

SegmentFiles::~SegmentFiles() {
  worker_.Drain();
  if (prepared_ && *prepared_) close((*prepared_)->fd);
  for (const File& file : files_) {
    if (file.fd >= 0) close(file.fd);
  }
}

std::string SegmentFiles::NameOf(uint64_t serial) {
  return std::to_string(serial) + ".segment";
}

Result<int> SegmentFiles::Open(const std::string& path, Existing existing) {
  const bool create = existing == Existing::kNo;
  const int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0);
  const char* const what = create ? "create" : "open";
  constexpr mode_t kMode = 0600;
  if (direct_) {
    const int fd = open(path.c_str(), flags | O_DIRECT, kMode);
    if (fd >= 0) return WithoutAccessTime(fd);
    if (errno != EINVAL) return Failed(what, path, errno);
    // A file system without direct I/O (tmpfs, some network ones). The refused call may have made the file.
    direct_ = false;
    if (create) unlink(path.c_str());
  }
  const int fd = open(path.c_str(), flags, kMode);
  if (fd < 0) return Failed(what, path, errno);
  return WithoutAccessTime(fd);
}

uint32_t SegmentFiles::Add(File file) {
  uint32_t number = static_cast<uint32_t>(files_.size());
  if (unused_.empty()) {
    files_.emplace_back();
  } else {
    number = unused_.back();
    unused_.pop_back();
  }
  files_[number] = std::move(file);
  return number;
}

Result<uint32_t> SegmentFiles::Reopen(uint64_t serial, uint64_t bytes) {
  const std::string path = dir_ + "/" + NameOf(serial);
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return Status::NotFound(path + " is not there");
    return Failed("look at", path, errno);
  }
  const auto there = static_cast<uint64_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || there < bytes) {
    return Status::Corruption(path + " has " + std::to_string(there) + " bytes of " + std::to_string(bytes));
  }
  const Result<int> fd = Open(path, Existing::kYes);
  if (!fd) return fd.error();
  last_serial_ = std::max(last_serial_, serial);
  const uint32_t number = Add({*fd, serial, path, there});
  if (there > bytes) Shrink(number, bytes);
  return number;
}

Result<SegmentFiles::File> SegmentFiles::Make(uint64_t serial, uint64_t bytes) {
  const std::string path = dir_ + "/" + NameOf(serial);
  const Result<int> fd = Open(path, Existing::kNo);
  if (!fd) return fd.error();
  int error = posix_fallocate(*fd, 0, static_cast<off_t>(bytes));
  if (error == EOPNOTSUPP || error == EINVAL) error = ftruncate(*fd, static_cast<off_t>(bytes)) == 0 ? 0 : errno;
  if (error != 0) {
    close(*fd);
    unlink(path.c_str());
    return Failed("set space aside for", path, error);
  }
  return File{*fd, serial, path, bytes};
}

Result<uint32_t> SegmentFiles::Create(uint64_t bytes) {
  Result<File> made = Make(++last_serial_, bytes);
  if (!made) return made.error();
  return Add(std::move(*made));
}

void SegmentFiles::Prepare(uint64_t bytes, std::function<void()> done) {
  worker_.Post([this, serial = ++last_serial_, bytes, done = std::move(done)] {
    Result<File> made = Make(serial, bytes);
    {
      const std::lock_guard lock(prepared_mutex_);
      prepared_.emplace(std::move(made));
    }
    done();
  });
}

std::optional<Result<uint32_t>> SegmentFiles::TakePrepared() {
  const std::lock_guard lock(prepared_mutex_);
  if (!prepared_) return std::nullopt;
  Result<File> made = *std::exchange(prepared_, std::nullopt);
  if (!made) return made.error();
  return Add(std::move(*made));
}

void SegmentFiles::Shrink(uint32_t file, uint64_t bytes) {
  // It waits for the transfers that are under way. The descriptor is closed by the same thread, later.
  const uint64_t given_back = std::exchange(files_[file].bytes, bytes) - bytes;
  leaving_bytes_ += given_back;
  worker_.Post([this, fd = files_[file].fd, bytes, given_back] {
    static_cast<void>(ftruncate(fd, static_cast<off_t>(bytes)) == 0);
    leaving_bytes_ -= given_back;
  });
}

void SegmentFiles::Remove(uint32_t file) {
  File removed = std::exchange(files_[file], File{});
  unused_.push_back(file);
  leaving_bytes_ += removed.bytes;
  worker_.Post([this, removed = std::move(removed)] {
    unlink(removed.path.c_str());
    close(removed.fd);
    leaving_bytes_ -= removed.bytes;
  });
}

}  // namespace tidemark::tiering
