#include "formats/rdb_writer.h"

#include <cstdio>

#include "formats/crc64.h"
#include "formats/rdb_opcodes.h"

namespace tidemark::formats {
namespace {

// A buffer that a large value has made larger is not kept.
constexpr size_t kKeptBytes = size_t{1} << 20;

void AppendOpcode(RdbOpcode opcode, std::string& out) {
  out.push_back(static_cast<char>(opcode));
}

}  // namespace

RdbWriter::RdbWriter(ByteSink& sink, const Options& options) : sink_(sink), options_(options) {}

void RdbWriter::Begin() {
  char magic[16];
  std::snprintf(magic, sizeof(magic), "REDIS%04u", kRdbVersionWritten);
  buffer_ += magic;
}

void RdbWriter::AddAux(std::string_view name, std::string_view value) {
  AppendOpcode(RdbOpcode::kAux, buffer_);
  EncodeString(name, options_.strings, buffer_);
  EncodeString(value, options_.strings, buffer_);
}

void RdbWriter::AddFunction(std::string_view library) {
  AppendOpcode(RdbOpcode::kFunction, buffer_);
  EncodeString(library, options_.strings, buffer_);
}

void RdbWriter::SelectDatabase(uint64_t number, uint64_t keys, uint64_t expiring) {
  AppendOpcode(RdbOpcode::kSelect, buffer_);
  EncodeLength(number, buffer_);
  AppendOpcode(RdbOpcode::kResize, buffer_);
  EncodeLength(keys, buffer_);
  EncodeLength(expiring, buffer_);
}

size_t RdbWriter::BeginKey(std::string_view key, const RdbAttributes& attributes) {
  if (attributes.expiry_ms) {
    AppendOpcode(RdbOpcode::kExpiryMs, buffer_);
    EncodeLittle64(static_cast<uint64_t>(*attributes.expiry_ms), buffer_);
  }
  if (attributes.idle_seconds) {
    AppendOpcode(RdbOpcode::kIdle, buffer_);
    EncodeLength(*attributes.idle_seconds, buffer_);
  } else if (attributes.frequency) {
    AppendOpcode(RdbOpcode::kFrequency, buffer_);
    buffer_.push_back(static_cast<char>(*attributes.frequency));
  }
  const size_t type_at = buffer_.size();
  buffer_.push_back(0);
  EncodeString(key, options_.strings, buffer_);
  return type_at;
}

Status RdbWriter::AddColdKey(std::string_view key, const RdbAttributes& attributes, const ColdValue& value) {
  return AddKey(key, attributes, [&](std::string& out) -> Result<uint8_t> {
    EncodeColdValue(value, out);
    return kRdbTypeCold;
  });
}

Status RdbWriter::Flush() {
  if (options_.checksum) crc_ = ExtendCrc64(crc_, buffer_);
  TIDEMARK_RETURN_IF_ERROR(sink_.Write(buffer_));
  bytes_written_ += buffer_.size();
  if (buffer_.capacity() > kKeptBytes) buffer_ = {};
  buffer_.clear();
  return Status::Ok();
}

Status RdbWriter::End() {
  AppendOpcode(RdbOpcode::kEnd, buffer_);
  TIDEMARK_RETURN_IF_ERROR(Flush());
  std::string checksum;
  EncodeLittle64(crc_, checksum);
  bytes_written_ += checksum.size();
  return sink_.Write(checksum);
}

}  // namespace tidemark::formats
