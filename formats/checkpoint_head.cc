#include "formats/checkpoint_head.h"

#include <charconv>
#include <cstdio>

#include "formats/rdb_reader.h"

namespace tidemark::formats {
namespace {

constexpr size_t kSeedDigits = 32;
constexpr size_t kMagicBytes = 9;

std::string SeedText(const HashSeed& seed) {
  char text[kSeedDigits + 1];
  std::snprintf(text, sizeof(text), "%016llx%016llx", static_cast<unsigned long long>(seed.k0),
                static_cast<unsigned long long>(seed.k1));
  return text;
}

std::optional<uint64_t> ParseHalf(std::string_view digits) {
  uint64_t half = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), half, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return half;
}

std::optional<HashSeed> ParseSeed(std::string_view text) {
  if (text.size() != kSeedDigits) return std::nullopt;
  const std::optional<uint64_t> k0 = ParseHalf(text.substr(0, kSeedDigits / 2));
  const std::optional<uint64_t> k1 = ParseHalf(text.substr(kSeedDigits / 2));
  if (!k0 || !k1) return std::nullopt;
  return HashSeed{*k0, *k1};
}

// Takes the fields, and ends the reading at what follows them.
class HeadHandler final : public RdbHandler {
 public:
  Status OnAux(std::string_view name, std::string_view value) override {
    if (name == kTierAux) tier = value;
    if (name == kHashSeedAux) {
      hash_seed = ParseSeed(value);
      if (!hash_seed) return Status::Corruption(std::string(kHashSeedAux) + " is no seed");
    }
    return Status::Ok();
  }
  Status OnDatabase(uint64_t) override { return End(); }
  Status OnFunction(std::string_view) override { return End(); }
  Status OnKey(const RdbKey&) override { return End(); }
  Status OnColdKey(const RdbColdKey&) override { return End(); }
  void OnSkipped(const std::string&) override {}

  std::optional<std::string> tier;
  std::optional<HashSeed> hash_seed;
  bool ended = false;

 private:
  Status End() {
    ended = true;
    return Status::Unavailable("the head has been read");
  }
};

}  // namespace

void AddCheckpointHead(const CheckpointHead& head, RdbWriter& writer) {
  writer.AddAux(kTierAux, head.tier);
  writer.AddAux(kHashSeedAux, SeedText(head.hash_seed));
}

Result<std::optional<CheckpointHead>> ReadCheckpointHead(ByteSource& source) {
  using Head = std::optional<CheckpointHead>;
  HeadHandler handler;
  RdbReader reader(source, handler, {.verify_checksum = false, .any_version = true});
  const Status read = reader.Run();
  if (!read.ok() && !handler.ended) {
    if (read.code() == StatusCode::kCorruption && reader.offset() <= kMagicBytes) return Head();
    return read;
  }
  if (!handler.tier && !handler.hash_seed) return Head();
  if (!handler.tier || !handler.hash_seed) {
    return Status::Corruption("a checkpoint's base file lacks its " +
                              std::string(handler.tier ? kHashSeedAux : kTierAux));
  }
  return Head(CheckpointHead{std::move(*handler.tier), *handler.hash_seed});
}

}  // namespace tidemark::formats
