#include "formats/dump_payload.h"

#include "formats/crc64.h"
#include "formats/rdb_string.h"

namespace tidemark::formats {
namespace {

// Redis 8.10. What its types are beyond those of rdb_types.h is refused with the type.
constexpr uint16_t kNewestRedis = 15;
constexpr uint16_t kValkey9 = 80;
constexpr uint8_t kNoType = 255;

}  // namespace

void SealDump(uint16_t rdb_version, std::string& payload) {
  payload.push_back(static_cast<char>(rdb_version));
  payload.push_back(static_cast<char>(rdb_version >> 8));
  EncodeLittle64(Crc64(payload), payload);
}

Result<DumpPayload> OpenDump(std::string_view payload) {
  if (payload.size() < kDumpFooterBytes) return Status::Corruption("too short");
  const size_t body_end = payload.size() - kDumpFooterBytes;
  std::string_view footer = payload.substr(body_end);
  const auto version =
      static_cast<uint16_t>(static_cast<unsigned char>(footer[0]) | static_cast<unsigned char>(footer[1]) << 8);
  if (version > kNewestRedis && version != kValkey9) return Status::Corruption("unknown version");
  footer.remove_prefix(2);
  if (*DecodeLittle64(footer) != Crc64(payload.substr(0, body_end + 2))) return Status::Corruption("wrong checksum");
  // Sealed, and nothing in it: a body that is wrong.
  if (body_end == 0) return DumpPayload{kNoType, {}, Dialect::kRedis};
  return DumpPayload{static_cast<uint8_t>(payload[0]), payload.substr(1, body_end - 1),
                     version == kValkey9 ? Dialect::kValkey : Dialect::kRedis};
}

}  // namespace tidemark::formats
