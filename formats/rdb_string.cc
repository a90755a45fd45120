#include "formats/rdb_string.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "base/lzf.h"
#include "base/numbers.h"

namespace tidemark::formats {
namespace {

constexpr uint8_t kSpecial = 0xc0;
constexpr uint8_t kInt8 = 0xc0;
constexpr uint8_t kInt16 = 0xc1;
constexpr uint8_t kInt32 = 0xc2;
constexpr uint8_t kLzf = 0xc3;

constexpr uint8_t kOldNan = 253;
constexpr uint8_t kOldInfinite = 254;
constexpr uint8_t kOldNegativeInfinite = 255;

// The most characters of a number that may be stored in 32 bits.
constexpr size_t kMaxInt32Chars = 11;
// Shorter strings are not tried, and what does not save this much is stored raw.
constexpr size_t kLeastToCompress = 21;
constexpr size_t kLeastSaved = 4;
// Three bytes of LZF can stand for 264.
constexpr uint64_t kMaxLzfExpansion = 88;

void AppendLittle(uint64_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

void AppendBig(uint64_t value, int bytes, std::string& out) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t LoadLittle(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

uint64_t LoadBig(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

Status Truncated() {
  return Status::Corruption("a value ends before its length says");
}

bool AppendAsInteger(std::string_view bytes, std::string& out) {
  if (bytes.size() > kMaxInt32Chars) return false;
  const std::optional<int64_t> number = ParseInt64(bytes);
  if (!number || *number < INT32_MIN || *number > INT32_MAX) return false;
  const bool one = *number >= INT8_MIN && *number <= INT8_MAX;
  const bool two = *number >= INT16_MIN && *number <= INT16_MAX;
  out.push_back(static_cast<char>(one ? kInt8 : two ? kInt16 : kInt32));
  AppendLittle(static_cast<uint64_t>(*number), one ? 1 : two ? 2 : 4, out);
  return true;
}

bool AppendCompressed(std::string_view bytes, std::string& out) {
  if (bytes.size() < kLeastToCompress) return false;
  std::string data(bytes.size() - kLeastSaved, '\0');
  data.resize(LzfCompress(bytes, data.data(), data.size()));
  if (data.empty()) return false;
  EncodeLzfString(data, bytes.size(), out);
  return true;
}

Result<std::string_view> DecodeInteger(std::string_view& in, size_t bytes, std::string& scratch) {
  const Result<std::string_view> raw = DecodeBytes(in, bytes);
  if (!raw) return raw.error();
  const auto unused_bits = static_cast<unsigned>(64 - 8 * bytes);
  const auto number = static_cast<int64_t>(LoadLittle(*raw) << unused_bits) >> unused_bits;
  char text[kInt64Chars];
  scratch = FormatInt64(number, text);
  return std::string_view(scratch);
}

Result<std::string_view> DecodeLzf(std::string_view& in, std::string& scratch) {
  const Result<uint64_t> data_bytes = DecodeLength(in);
  if (!data_bytes) return data_bytes.error();
  const Result<uint64_t> bytes = DecodeLength(in);
  if (!bytes) return bytes.error();
  if (*data_bytes > in.size()) return Truncated();
  if (*bytes == 0 || *bytes > *data_bytes * kMaxLzfExpansion) {
    return Status::Corruption("compressed data cannot expand to the length it says");
  }
  scratch.resize(*bytes);
  const Result<std::string_view> data = DecodeBytes(in, *data_bytes);
  if (!LzfDecompress(*data, scratch.data(), scratch.size())) return Status::Corruption("damaged compressed data");
  return std::string_view(scratch);
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
    AppendBig(length, 4, out);
  } else {
    out.push_back(static_cast<char>(0x81));
    AppendBig(length, 8, out);
  }
}

void EncodeRawString(std::string_view bytes, std::string& out) {
  EncodeLength(bytes.size(), out);
  out.append(bytes);
}

void EncodeString(std::string_view bytes, StringForm form, std::string& out) {
  if (form != StringForm::kRaw && AppendAsInteger(bytes, out)) return;
  if (form == StringForm::kCompressed && AppendCompressed(bytes, out)) return;
  EncodeRawString(bytes, out);
}

void EncodeLzfString(std::string_view data, size_t bytes, std::string& out) {
  out.push_back(static_cast<char>(kLzf));
  EncodeLength(data.size(), out);
  EncodeLength(bytes, out);
  out.append(data);
}

void EncodeDouble(double value, std::string& out) {
  AppendLittle(std::bit_cast<uint64_t>(value), 8, out);
}

void EncodeLittle64(uint64_t value, std::string& out) {
  AppendLittle(value, 8, out);
}

void EncodeBig64(uint64_t value, std::string& out) {
  AppendBig(value, 8, out);
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
  const uint64_t value = high | LoadBig(in.substr(1, extra));
  in.remove_prefix(1 + extra);
  return value;
}

Result<std::string_view> DecodeBytes(std::string_view& in, size_t count) {
  if (count > in.size()) return Truncated();
  const std::string_view bytes = in.substr(0, count);
  in.remove_prefix(count);
  return bytes;
}

Result<std::string_view> DecodeRawString(std::string_view& in) {
  const Result<uint64_t> length = DecodeLength(in);
  if (!length) return length.error();
  return DecodeBytes(in, *length);
}

Result<std::string_view> DecodeString(std::string_view& in, std::string& scratch) {
  if (in.empty()) return Truncated();
  const auto first = static_cast<unsigned char>(in[0]);
  if ((first & kSpecial) != kSpecial) return DecodeRawString(in);
  in.remove_prefix(1);
  switch (first) {
    case kInt8:
      return DecodeInteger(in, 1, scratch);
    case kInt16:
      return DecodeInteger(in, 2, scratch);
    case kInt32:
      return DecodeInteger(in, 4, scratch);
    case kLzf:
      return DecodeLzf(in, scratch);
    default:
      return Status::Corruption("a string has an unknown encoding");
  }
}

Result<double> DecodeDouble(std::string_view& in) {
  const Result<uint64_t> bits = DecodeLittle64(in);
  if (!bits) return bits.error();
  return std::bit_cast<double>(*bits);
}

Result<double> DecodeOldDouble(std::string_view& in) {
  const Result<std::string_view> size = DecodeBytes(in, 1);
  if (!size) return size.error();
  const auto bytes = static_cast<unsigned char>((*size)[0]);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (bytes == kOldNan) return std::numeric_limits<double>::quiet_NaN();
  if (bytes == kOldInfinite) return kInfinity;
  if (bytes == kOldNegativeInfinite) return -kInfinity;
  const Result<std::string_view> text = DecodeBytes(in, bytes);
  if (!text) return text.error();
  const std::optional<double> value = ParseDouble(*text);
  if (!value) return Status::Corruption("a number is none");
  return *value;
}

Result<uint64_t> DecodeLittle64(std::string_view& in) {
  const Result<std::string_view> bytes = DecodeBytes(in, 8);
  if (!bytes) return bytes.error();
  return LoadLittle(*bytes);
}

Result<uint64_t> DecodeBig64(std::string_view& in) {
  const Result<std::string_view> bytes = DecodeBytes(in, 8);
  if (!bytes) return bytes.error();
  return LoadBig(*bytes);
}

}  // namespace tidemark::formats
