// Fuzzes the reader of RDB files: the input is read in pieces, every value in it decoded. Whatever is in it, the reader
// ends with an answer and takes no more than there is; a file that is accepted is read alike in any pieces, and what it
// holds can be written as a file that is accepted.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../support/byte_streams.h"
#include "../unit/formats/contents.h"
#include "formats/checkpoint_head.h"
#include "formats/empty_container.h"
#include "formats/rdb_reader.h"
#include "formats/rdb_writer.h"

namespace {

using namespace tidemark;
using namespace tidemark::formats;

const values::EncodingLimits kLimits;

void Require(bool condition) {
  if (!condition) std::abort();
}

// Writes what it is told of.
class Rewriter : public RdbHandler {
 public:
  Rewriter() : writer_(sink_, {}) { writer_.Begin(); }
  Status OnAux(std::string_view name, std::string_view value) override {
    writer_.AddAux(name, value);
    return Status::Ok();
  }
  Status OnDatabase(uint64_t number) override {
    writer_.SelectDatabase(number, 1, 1);
    return Status::Ok();
  }
  Status OnFunction(std::string_view library) override {
    writer_.AddFunction(library);
    return Status::Ok();
  }
  Status OnKey(const RdbKey& key) override {
    std::string_view body = key.body;
    const Result<DecodedValue> value = DecodeValue(key.type_tag, body, {.limits = kLimits, .dialect = key.dialect});
    if (!value || !body.empty()) {
      return IsEmptyContainer(key.type_tag, key.body) ? Status::Ok() : Status::Corruption("value");
    }
    lines.push_back(std::string(key.name));
    const Contents contents = ContentsOf(*value);
    lines.insert(lines.end(), contents.begin(), contents.end());
    return writer_.AddKey(key.name, key.attributes, [&](std::string& out) -> Result<uint8_t> {
      if (value->type == values::Type::kString) return EncodeText(value->text, StringForm::kCompressed, out);
      return EncodeObject(*value->object, {.strings = StringForm::kCompressed, .audience = Audience::kRedis7}, out);
    });
  }
  Status OnColdKey(const RdbColdKey& key) override {
    lines.push_back(std::string(key.name));
    EncodeColdValue(key.value, lines.emplace_back());
    return writer_.AddColdKey(key.name, key.attributes, key.value);
  }
  void OnSkipped(const std::string&) override {}
  const std::string& Finish() {
    Require(writer_.End().ok());
    return sink_.text;
  }

  std::vector<std::string> lines;

 private:
  StringSink sink_;
  RdbWriter writer_;
};

bool Read(std::string_view text, size_t piece, bool verify, Rewriter& into) {
  StringSource source(text, piece);
  RdbReader reader(source, into, {.verify_checksum = verify, .any_version = !verify});
  const bool well = reader.Run().ok();
  Require(reader.offset() <= text.size());
  return well;
}

}  // namespace

// The first byte chooses the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  StringSource head(text);
  static_cast<void>(ReadCheckpointHead(head).has_value());
  Rewriter whole;
  Rewriter pieces;
  const bool well = Read(text, SIZE_MAX, false, whole);
  Require(Read(text, size_t{data[0]} + 1, false, pieces) == well);
  Require(whole.lines == pieces.lines);
  if (!well) return 0;
  Rewriter again;
  Require(Read(whole.Finish(), 4096, true, again));
  Require(again.lines == whole.lines);
  return 0;
}
