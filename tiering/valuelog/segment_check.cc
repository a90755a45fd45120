#include "tiering/valuelog/segment_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "tiering/device/aligned_buffer.h"
#include "tiering/space/segment_table.h"

namespace tidemark::tiering {
namespace {

Status Failed(const std::string& path, int error) {
  return Status::IoError("cannot read " + path + ": " + std::generic_category().message(error));
}

constexpr uint64_t NextGranule(uint64_t offset) {
  return (offset + Place::kGranuleBytes) / Place::kGranuleBytes * Place::kGranuleBytes;
}

// The generation that the header at the start of `bytes` claims; 0 if it is none.
uint32_t ClaimedGeneration(std::string_view bytes) {
  if (bytes.size() < sizeof(RecordHeader)) return 0;
  RecordHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header.generation;
}

}  // namespace

Result<SegmentFile> SegmentFile::Open(const std::string& path, size_t window_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Failed(path, errno);
  struct stat status {};
  if (fstat(fd, &status) != 0) {
    const int error = errno;
    close(fd);
    return Failed(path, error);
  }
  return SegmentFile(path, fd, static_cast<uint64_t>(status.st_size), window_bytes);
}

SegmentFile::SegmentFile(SegmentFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      bytes_(other.bytes_),
      window_bytes_(other.window_bytes_),
      window_(std::move(other.window_)),
      window_offset_(other.window_offset_) {}

SegmentFile::~SegmentFile() {
  if (fd_ >= 0) close(fd_);
}

Result<std::string_view> SegmentFile::At(uint64_t offset, size_t count) {
  if (offset >= bytes_) return std::string_view();
  count = std::min<uint64_t>(count, bytes_ - offset);
  if (offset < window_offset_ || offset + count > window_offset_ + window_.size()) {
    window_offset_ = offset;
    window_.resize(std::min<uint64_t>(std::max(count, window_bytes_), bytes_ - offset));
    for (size_t done = 0; done < window_.size();) {
      const ssize_t read = pread(fd_, window_.data() + done, window_.size() - done, static_cast<off_t>(offset + done));
      if (read < 0 && errno == EINTR) continue;
      if (read <= 0) {
        window_.clear();
        return Failed(path_, read < 0 ? errno : EIO);
      }
      done += static_cast<size_t>(read);
    }
  }
  return std::string_view(window_).substr(offset - window_offset_);
}

Result<RecordHeader> CheckRecordAt(SegmentFile& file, uint64_t offset, uint32_t generation) {
  Result<std::string_view> bytes = file.At(offset, sizeof(RecordHeader));
  if (!bytes) return bytes.error();
  const std::optional<RecordHeader> header = PeekHeader(*bytes, generation);
  if (!header) return Status::Corruption("there is no record here");
  if (RecordBytes(header->body_bytes) > file.bytes() - offset) return Status::Corruption("a record of a wrong length");
  bytes = file.At(offset, RecordBytes(header->body_bytes));
  if (!bytes) return bytes.error();
  if (!VerifyRecord(*bytes, *header)) return Status::Corruption("checksum mismatch");
  return *header;
}

Result<SegmentReport> CheckSegment(SegmentFile& file, uint32_t generation) {
  SegmentReport report;
  report.generation = generation;
  bool lost = false;  // behind damage: the next record may begin anywhere
  for (uint64_t at = 0; at < file.bytes();) {
    const Result<std::string_view> bytes = file.At(at, sizeof(RecordHeader));
    if (!bytes) return bytes.error();
    if ((*bytes)[0] == 0) {
      at = lost ? NextGranule(at) : AlignUp(at + 1);
      continue;
    }
    const uint32_t expected = report.generation != 0 ? report.generation : ClaimedGeneration(*bytes);
    const Result<RecordHeader> header = CheckRecordAt(file, at, expected);
    if (header) {
      report.generation = expected;
      report.records += 1;
      report.record_bytes += RecordBytes(header->body_bytes);
      at = NextGranule(at + RecordBytes(header->body_bytes) - 1);
      lost = false;
      continue;
    }
    if (header.error().code() != StatusCode::kCorruption) return header.error();
    if (!std::exchange(lost, true)) report.damage.push_back({at, header.error().message()});
    at = NextGranule(at);
  }
  return report;
}

}  // namespace tidemark::tiering
