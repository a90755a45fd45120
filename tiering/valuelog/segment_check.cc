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

#include "base/crc32c.h"
#include "tiering/device/aligned_buffer.h"
#include "tiering/space/segment_table.h"
#include "tiering/valuelog/bodies_ahead.h"

namespace tidemark::tiering {
namespace {

Status Failed(const std::string& path, int error) {
  return Status::IoError("cannot read " + path + ": " + std::generic_category().message(error));
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
  if (!header || header->detached()) return Status::Corruption("there is no record here");
  if (RecordBytes(header->body_bytes) > file.bytes() - offset) return Status::Corruption("a record of a wrong length");
  bytes = file.At(offset, RecordBytes(header->body_bytes));
  if (!bytes) return bytes.error();
  if (!VerifyRecord(*bytes, *header)) return Status::Corruption("checksum mismatch");
  return *header;
}

Status CheckDetachedAt(SegmentFile& file, uint64_t offset, size_t count, uint32_t crc) {
  const Result<std::string_view> bytes = file.At(offset, count);
  if (!bytes) return bytes.error();
  if (bytes->size() < count) return Status::Corruption("a record of a wrong length");
  return Crc32c(bytes->substr(0, count)) == crc ? Status::Ok() : Status::Corruption("checksum mismatch");
}

namespace {

class SegmentWalk {
 public:
  SegmentWalk(SegmentFile& file, uint32_t generation) : file_(file) { report_.generation = generation; }

  Result<SegmentReport> Run() {
    while (at_ < file_.bytes()) {
      const Status taken = TakeNext();
      if (taken.ok()) {
        lost_ = false;
        continue;
      }
      if (taken.code() != StatusCode::kCorruption) return taken;
      if (!std::exchange(lost_, true)) report_.damage.push_back({at_, taken.message()});
      at_ = ToGranule(at_ + 1);
    }
    return std::move(report_);
  }

 private:
  // What is at `at_`, which is behind it then. Where nothing is known of what follows, zeros are damage too.
  Status TakeNext() {
    if (ahead_.IsAt(at_)) return TakeDetached();
    const Result<std::string_view> here = file_.At(at_, sizeof(DetachedHeader));
    if (!here) return here.error();
    if ((*here)[0] == 0) {
      if (lost_) return Status::Corruption("");
      at_ = AlignUp(at_ + 1);
      return Status::Ok();
    }
    const uint32_t generation = report_.generation != 0 ? report_.generation : ClaimedGeneration(*here);
    if (const auto detached = ReadDetachedHeader(*here, generation)) {
      if (!ahead_.Add(*detached, at_, file_.bytes())) return Status::Corruption("a record of a wrong length");
      at_ += sizeof(DetachedHeader);
    } else {
      const Result<RecordHeader> header = CheckRecordAt(file_, at_, generation);
      if (!header) return header.error();
      const size_t bytes = RecordBytes(header->body_bytes);
      if (at_ + bytes > ahead_.NextOr(file_.bytes())) return Status::Corruption("a record of a wrong length");
      Count(bytes);
      at_ = ToGranule(at_ + bytes);
    }
    report_.generation = generation;
    return Status::Ok();
  }

  // Where the next record begins is certain, whatever the body is like.
  Status TakeDetached() {
    const DetachedHeader header = ahead_.front();
    ahead_.Pop();
    const uint64_t offset = std::exchange(at_, header.body_end());
    const Status body = CheckDetachedAt(file_, offset, header.record.body_bytes, header.body_crc);
    if (body.ok()) {
      Count(sizeof(header) + header.record.body_bytes);
      report_.detached_owners.emplace_back(offset, header.record.owner);
    } else if (body.code() == StatusCode::kCorruption) {
      report_.damage.push_back({offset, body.message()});
    } else {
      return body;
    }
    return Status::Ok();
  }

  void Count(size_t record_bytes) {
    report_.records += 1;
    report_.record_bytes += record_bytes;
  }

  SegmentFile& file_;
  SegmentReport report_;
  uint64_t at_ = 0;
  BodiesAhead ahead_;
  bool lost_ = false;  // behind damage: the next record may begin anywhere
};

}  // namespace

Result<SegmentReport> CheckSegment(SegmentFile& file, uint32_t generation) {
  return SegmentWalk(file, generation).Run();
}

}  // namespace tidemark::tiering
