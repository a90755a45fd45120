#include "formats/rdb_input.h"

#include <algorithm>
#include <cstring>

#include "formats/crc64.h"

namespace tidemark::formats {

RdbInput::RdbInput(ByteSource& source, Checksum checksum)
    : source_(source), checksum_(checksum), buffer_(std::make_unique_for_overwrite<char[]>(kBufferBytes)) {}

uint64_t RdbInput::Crc() {
  if (checksum_ == Checksum::kCompute) crc_ = ExtendCrc64(crc_, {buffer_.get() + summed_, begin_ - summed_});
  summed_ = begin_;
  return crc_;
}

Status RdbInput::Fill(size_t count) {
  Crc();
  std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
  buffer_offset_ += begin_;
  end_ -= begin_;
  begin_ = summed_ = 0;
  while (end_ < count) {
    const Result<size_t> read = source_.Read(buffer_.get() + end_, kBufferBytes - end_);
    if (!read) return read.error();
    if (*read == 0) return Status::Corruption("the data ends before it should");
    end_ += *read;
  }
  return Status::Ok();
}

Status RdbInput::Copy(uint64_t count, std::string& out) {
  while (count > 0) {
    if (begin_ == end_) TIDEMARK_RETURN_IF_ERROR(Fill(1));
    const auto piece = static_cast<size_t>(std::min<uint64_t>(count, end_ - begin_));
    out.append(buffer_.get() + begin_, piece);
    begin_ += piece;
    count -= piece;
  }
  return Status::Ok();
}

}  // namespace tidemark::formats
