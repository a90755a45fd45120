#include "persistence/aof_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "formats/command_writer.h"

namespace tidemark::persistence {
namespace {

Status SystemError(int error) {
  return {error == ENOSPC || error == EDQUOT ? StatusCode::kNoSpace : StatusCode::kIoError,
          std::generic_category().message(error)};
}

}  // namespace

Status AofWriter::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  struct stat about {};
  if (fd < 0 || fstat(fd, &about) != 0) return SystemError(errno);
  Close();
  fd_ = fd;
  path_ = path;
  file_bytes_ = synced_bytes_ = static_cast<uint64_t>(about.st_size);
  last_sync_us_ = clock_.mono_us();
  last_timestamp_ = 0;
  return Status::Ok();
}

void AofWriter::Close() {
  if (fd_ < 0) return;
  worker_.Post([fd = fd_, shared = shared_] {
    if (fdatasync(fd) != 0) shared->error = errno;
    close(fd);
  });
  fd_ = -1;
  buffer_.clear();
  postponed_since_us_ = 0;
}

void AofWriter::Append(std::string&& stream) {
  if (fd_ < 0) return;
  if (options_.aof_timestamps && clock_.unix_seconds() != last_timestamp_) {
    last_timestamp_ = clock_.unix_seconds();
    formats::AppendTimestamp(buffer_, last_timestamp_);
  }
  if (buffer_.empty()) {
    buffer_.swap(stream);
  } else {
    buffer_.append(stream);
  }
}

Status AofWriter::status() const {
  if (!write_status_.ok()) return write_status_;
  const int error = shared_->error;
  return error == 0 ? Status::Ok() : SystemError(error);
}

// Writing to a file that is being synced may wait for the device.
bool AofWriter::Postponed() {
  if (options_.aof_sync != AofSync::kEverySecond || !shared_->syncing) return false;
  const int64_t now_us = clock_.mono_us();
  if (postponed_since_us_ == 0) postponed_since_us_ = now_us;
  const bool overdue = now_us - postponed_since_us_ >= kMaxPostponedUs;
  if (!overdue && buffer_.size() < kMaxPostponedBytes) return true;
  ++delayed_syncs_;
  if (!overdue) return false;
  log_.Log(
      LogLevel::kNotice,
      "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync "
      "to complete, this may slow down the server.");
  return false;
}

size_t AofWriter::HandOver() {
  const int64_t start_us = Clock::MonotonicUs();
  size_t written = 0;
  int error = 0;
  while (written < buffer_.size() && error == 0) {
    const ssize_t n = write(fd_, buffer_.data() + written, buffer_.size() - written);
    if (n >= 0) {
      written += static_cast<size_t>(n);
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  const int64_t took_us = Clock::MonotonicUs() - start_us;
  latency_.NoteLatency("aof-write", took_us);
  const bool syncing = shared_->syncing.load(std::memory_order_relaxed);
  latency_.NoteLatency(syncing         ? "aof-write-pending-fsync"
                       : child_writes_ ? "aof-write-active-child"
                                       : "aof-write-alone",
                       took_us);
  errno = error;
  return written;
}

void AofWriter::Write(Force force) {
  if (fd_ < 0) return;
  if (!buffer_.empty()) {
    if (force == Force::kNo && Postponed()) return;
    postponed_since_us_ = 0;
    const size_t written = HandOver();
    if (written < buffer_.size()) {
      const int error = errno;
      // A command that is there in part would end what can be loaded.
      if (written > 0 && ftruncate(fd_, static_cast<off_t>(file_bytes_)) != 0) {
        file_bytes_ += written;
        buffer_.erase(0, written);
      }
      FailWrite(error, buffer_.size());
      return;
    }
    if (!write_status_.ok()) {
      log_.Log(LogLevel::kWarning, "AOF write error looks solved. The server can write again.");
      write_status_ = Status::Ok();
    }
    file_bytes_ += buffer_.size();
    buffer_.clear();
    if (buffer_.capacity() > kKeptCapacity) buffer_.shrink_to_fit();
  }
  SyncAsConfigured();
}

void AofWriter::FailWrite(int error, uint64_t missing) {
  write_status_ = SystemError(error);
  const int64_t now_us = clock_.mono_us();
  if (now_us >= next_complaint_us_ || options_.aof_sync == AofSync::kAlways) {
    next_complaint_us_ = now_us + kComplainEveryUs;
    log_.Log(LogLevel::kWarning, "Error writing to the AOF file " + path_ + ": " + write_status_.message() + " (" +
                                     std::to_string(missing) + " bytes are kept in memory)");
  }
  if (options_.aof_sync != AofSync::kAlways) return;
  log_.Log(LogLevel::kWarning, "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...");
  _exit(1);
}

void AofWriter::SyncAsConfigured() {
  if (synced_bytes_ == file_bytes_ && shared_->error == 0) return;
  if (options_.no_sync_on_rewrite && child_writes_) return;
  switch (options_.aof_sync) {
    case AofSync::kAlways: {
      const int64_t start_us = Clock::MonotonicUs();
      if (fdatasync(fd_) != 0) {
        log_.Log(LogLevel::kWarning, "Can't persist AOF for fsync error when the AOF fsync policy is 'always': " +
                                         SystemError(errno).message() + ". Exiting...");
        _exit(1);
      }
      latency_.NoteLatency("aof-fsync-always", Clock::MonotonicUs() - start_us);
      synced_bytes_ = file_bytes_;
      last_sync_us_ = clock_.mono_us();
      break;
    }
    case AofSync::kEverySecond:
      if (clock_.mono_us() - last_sync_us_ >= kSyncEveryUs && !shared_->syncing) SyncInBackground();
      break;
    case AofSync::kNo:
      break;
  }
}

void AofWriter::SyncInBackground() {
  shared_->syncing = true;
  synced_bytes_ = file_bytes_;
  last_sync_us_ = clock_.mono_us();
  worker_.Post([fd = fd_, shared = shared_] {
    shared->error = fdatasync(fd) == 0 ? 0 : errno;
    shared->syncing = false;
  });
}

Status AofWriter::Sync() {
  if (fd_ < 0) return Status::Ok();
  Write(Force::kYes);
  if (!write_status_.ok()) return write_status_;
  if (fdatasync(fd_) != 0) return SystemError(errno);
  synced_bytes_ = file_bytes_;
  return Status::Ok();
}

void AofWriter::Cron() {
  Write();
}

}  // namespace tidemark::persistence
