#include "formats/rdb_string.h"

namespace tidemark::formats {
namespace {

void AppendBigEndian(uint64_t value, int bytes, std::string& out) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

Status Truncated() {
  return Status::Corruption("a string ends before its length says");
}

}  // namespace

void EncodeLength(uint64_t length, std::string& out) {
  if (length < 64) {
    out.push_back(static_cast<char>(length));
  } else if (length < 16384) {
    out.push_back(static_cast<char>(0x40 | length >> 8));
    out.push_back(static_cast<char>(length));
  } else if (length <= UINT32_MAX) {
    out.push_back(static_cast<char>(0x80));
    AppendBigEndian(length, 4, out);
  } else {
    out.push_back(static_cast<char>(0x81));
    AppendBigEndian(length, 8, out);
  }
}

void EncodeRawString(std::string_view bytes, std::string& out) {
  EncodeLength(bytes.size(), out);
  out.append(bytes);
}

Result<uint64_t> DecodeLength(std::string_view& in) {
  if (in.empty()) return Truncated();
  const auto first = static_cast<unsigned char>(in[0]);
  size_t extra = 0;
  uint64_t high = 0;
  switch (first >> 6) {
    case 0:
      in.remove_prefix(1);
      return uint64_t{first};
    case 1:
      extra = 1;
      high = uint64_t{first & 0x3fu} << 8;
      break;
    case 2:
      if (first == 0x80) {
        extra = 4;
      } else if (first == 0x81) {
        extra = 8;
      } else {
        return Status::Corruption("a length has an unknown form");
      }
      break;
    default:
      return Status::Corruption("a length was expected, a special encoding stands there");
  }
  if (in.size() < 1 + extra) return Truncated();
  const uint64_t value = high | ReadBigEndian(in.substr(1, extra));
  in.remove_prefix(1 + extra);
  return value;
}

Result<std::string_view> DecodeRawString(std::string_view& in) {
  Result<uint64_t> length = DecodeLength(in);
  if (!length) return length.error();
  if (*length > in.size()) return Truncated();
  const std::string_view bytes = in.substr(0, *length);
  in.remove_prefix(*length);
  return bytes;
}

}  // namespace tidemark::formats
