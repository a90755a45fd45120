#include "persistence/file_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace tidemark::persistence {
namespace {

constexpr uint64_t kSyncBytes = uint64_t{4} << 20;

// Not strerror, which other threads may be in the middle of at a fork.
Status SystemError(int error) {
  const StatusCode code = error == ENOENT                                        ? StatusCode::kNotFound
                          : error == ENOSPC || error == EDQUOT || error == EFBIG ? StatusCode::kNoSpace
                                                                                 : StatusCode::kIoError;
  return {code, std::generic_category().message(error)};
}

Status SyncDirectory(const std::string& dir) {
  const int fd = open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError(errno);
  // Some file systems have no such thing.
  const int error = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
  close(fd);
  return error == 0 ? Status::Ok() : SystemError(error);
}

}  // namespace

FileSink::~FileSink() {
  if (fd_ >= 0) close(fd_);
}

Status FileSink::Create(const std::string& path) {
  fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  return fd_ >= 0 ? Status::Ok() : SystemError(errno);
}

Status FileSink::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno);
    bytes.remove_prefix(static_cast<size_t>(n));
    written_ += static_cast<uint64_t>(n);
  }
  if (!incremental_fsync_ || written_ - handed_over_ < kSyncBytes) return Status::Ok();
  // Starts writing the last piece; waits for the one before it, so that no more than two are ever in memory.
  const auto offset = static_cast<off64_t>(handed_over_);
  const auto piece = static_cast<off64_t>(written_ - handed_over_);
  sync_file_range(fd_, offset, piece, SYNC_FILE_RANGE_WRITE);
  if (offset > 0) sync_file_range(fd_, 0, offset, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER);
  handed_over_ = written_;
  return Status::Ok();
}

Status FileSink::Finish() {
  const int synced = fsync(fd_) == 0 ? 0 : errno;
  const int closed = close(fd_) == 0 ? 0 : errno;
  fd_ = -1;
  const int error = synced != 0 ? synced : closed;
  return error == 0 ? Status::Ok() : SystemError(error);
}

FileSource::~FileSource() {
  if (fd_ >= 0) close(fd_);
}

Status FileSource::Open(const std::string& path) {
  fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat about {};
  if (fd_ < 0 || fstat(fd_, &about) != 0) return SystemError(errno);
  posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  total_bytes_ = static_cast<uint64_t>(about.st_size);
  return Status::Ok();
}

Result<size_t> FileSource::Read(char* to, size_t room) {
  for (;;) {
    const ssize_t n = read(fd_, to, room);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno);
    read_bytes_ += static_cast<uint64_t>(n);
    return static_cast<size_t>(n);
  }
}

Result<std::string> ReadWholeFile(const std::string& path) {
  constexpr size_t kPiece = 16 * 1024;
  FileSource source;
  TIDEMARK_RETURN_IF_ERROR(source.Open(path));
  std::string text;
  for (;;) {
    const size_t before = text.size();
    text.resize(before + kPiece);
    const Result<size_t> got = source.Read(text.data() + before, kPiece);
    if (!got) return got.error();
    text.resize(before + *got);
    if (*got == 0) return text;
  }
}

Status ReplaceFile(const std::string& from, const std::string& to, const std::string& dir) {
  if (rename(from.c_str(), to.c_str()) != 0) return SystemError(errno);
  return SyncDirectory(dir);
}

}  // namespace tidemark::persistence
