#include "formats/tools/rdb_check.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/clock.h"
#include "formats/empty_container.h"
#include "formats/rdb_reader.h"
#include "formats/value_codec.h"

namespace tidemark::formats {
namespace {

class Checker : public RdbHandler {
 public:
  void set_reader(const RdbReader& reader) { reader_ = &reader; }

  Status OnAux(std::string_view name, std::string_view value) override {
    const bool text = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
    Say("AUX FIELD " + std::string(name) + " = " +
        (text ? "'" + std::string(value) + "'" : std::to_string(value.size()) + " bytes"));
    return Status::Ok();
  }
  Status OnDatabase(uint64_t number) override {
    Say("Selecting DB ID " + std::to_string(number));
    return Status::Ok();
  }
  Status OnFunction(std::string_view) override {
    ++functions_;
    return Status::Ok();
  }
  Status OnKey(const RdbKey& key) override {
    Count(key.attributes);
    std::string_view body = key.body;
    const Result<DecodedValue> value = DecodeValue(key.type_tag, body, {.limits = limits_, .dialect = key.dialect});
    if (value && body.empty()) return Status::Ok();
    if (IsEmptyContainer(key.type_tag, key.body)) {
      ++empty_;
      return Status::Ok();
    }
    return Status::Corruption("the value of key '" + std::string(key.name) + "', of type " +
                              std::to_string(key.type_tag) + ": " +
                              (value ? std::string("something is behind it") : value.error().message()));
  }
  Status OnColdKey(const RdbColdKey& key) override {
    Count(key.attributes);
    ++cold_;
    return Status::Ok();
  }
  void OnSkipped(const std::string& text) override { Say(text); }

  void Say(const std::string& text) const {
    std::printf("[offset %llu] %s\n", static_cast<unsigned long long>(reader_->offset()), text.c_str());
  }
  void Summarize() const {
    std::printf("[info] %llu keys read\n[info] %llu expires\n[info] %llu already expired\n", keys_, expiring_,
                expired_);
    if (cold_ > 0) {
      std::printf("[info] %llu keys whose values are in the flash tier: see tidemark-check-tier\n", cold_);
    }
    if (empty_ > 0) std::printf("[info] %llu empty keys\n", empty_);
    if (functions_ > 0) std::printf("[info] %llu libraries of functions\n", functions_);
  }

 private:
  void Count(const RdbAttributes& attributes) {
    ++keys_;
    if (!attributes.expiry_ms) return;
    ++expiring_;
    if (*attributes.expiry_ms < now_ms_) ++expired_;
  }

  const values::EncodingLimits limits_ = {};
  const int64_t now_ms_ = Clock::UnixUs() / 1000;
  const RdbReader* reader_ = nullptr;
  unsigned long long keys_ = 0;
  unsigned long long expiring_ = 0;
  unsigned long long expired_ = 0;
  unsigned long long cold_ = 0;
  unsigned long long empty_ = 0;
  unsigned long long functions_ = 0;
};

}  // namespace

std::optional<RdbEnd> CheckRdb(ByteSource& source, const std::string& name) {
  Checker checker;
  RdbReader reader(source, checker, {});
  checker.set_reader(reader);
  checker.Say("Checking RDB file " + name);
  const Status status = reader.Run();
  if (status.ok()) {
    checker.Say(reader.without_checksum() ? "RDB file was saved with checksum disabled: no check performed."
                                          : "Checksum OK");
    checker.Say("\\o/ RDB looks OK! \\o/");
  } else {
    std::printf("--- RDB ERROR DETECTED ---\n");
    checker.Say(status.message());
  }
  checker.Summarize();
  if (!status.ok()) return std::nullopt;
  return RdbEnd{reader.offset(), std::string(reader.rest())};
}

}  // namespace tidemark::formats
