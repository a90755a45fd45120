// tidemark-check-rdb FILE: reads an RDB file to its end, every value in it, and says what is in it or where it is
// damaged. Exit code 0 if it is whole, 1 if not.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "formats/empty_container.h"
#include "formats/rdb_reader.h"
#include "formats/value_codec.h"

namespace {

using namespace tidemark;
using namespace tidemark::formats;

class StdioSource : public ByteSource {
 public:
  explicit StdioSource(std::FILE* file) : file_(file) {}
  Result<size_t> Read(char* to, size_t room) override {
    const size_t bytes = std::fread(to, 1, room, file_);
    if (bytes == 0 && std::ferror(file_) != 0) return Status::IoError(std::strerror(errno));
    return bytes;
  }

 private:
  std::FILE* file_;
};

class Checker : public RdbHandler {
 public:
  void set_reader(const RdbReader& reader) { reader_ = &reader; }

  Status OnAux(std::string_view name, std::string_view value) override {
    Say("AUX FIELD " + std::string(name) + " = '" + std::string(value) + "'");
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
    ++keys_;
    if (key.attributes.expiry_ms) {
      ++expiring_;
      if (*key.attributes.expiry_ms < now_ms_) ++expired_;
    }
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
  void OnSkipped(const std::string& text) override { Say(text); }

  void Say(const std::string& text) const {
    std::printf("[offset %llu] %s\n", static_cast<unsigned long long>(reader_->offset()), text.c_str());
  }
  void Summarize() const {
    std::printf("[info] %llu keys read\n[info] %llu expires\n[info] %llu already expired\n", keys_, expiring_,
                expired_);
    if (empty_ > 0) std::printf("[info] %llu empty keys\n", empty_);
    if (functions_ > 0) std::printf("[info] %llu libraries of functions\n", functions_);
  }

 private:
  const values::EncodingLimits limits_;
  const int64_t now_ms_ = Clock::UnixUs() / 1000;
  const RdbReader* reader_ = nullptr;
  unsigned long long keys_ = 0;
  unsigned long long expiring_ = 0;
  unsigned long long expired_ = 0;
  unsigned long long empty_ = 0;
  unsigned long long functions_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    std::fprintf(stderr, "Usage: %s <rdb-file-name>\n", argv[0]);
    return 1;
  }
  std::FILE* const file = std::fopen(argv[1], "rb");
  if (file == nullptr) {
    std::fprintf(stderr, "Cannot open file %s: %s\n", argv[1], std::strerror(errno));
    return 1;
  }
  StdioSource source(file);
  Checker checker;
  RdbReader reader(source, checker, {});
  checker.set_reader(reader);
  checker.Say("Checking RDB file " + std::string(argv[1]));
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
  std::fclose(file);
  return status.ok() ? 0 : 1;
}
