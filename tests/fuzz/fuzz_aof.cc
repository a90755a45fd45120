// Fuzzes the readers of the append-only file: of commands, in pieces and behind a prefix, and of manifests. Whatever is
// in it they end with an answer and take no more than there is; what is accepted is written again as it was.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "../support/byte_streams.h"
#include "formats/aof_manifest.h"
#include "formats/command_reader.h"
#include "formats/command_writer.h"

namespace {

using namespace tidemark;
using namespace tidemark::formats;
using Item = CommandReader::Item;

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Read {
  std::vector<std::string> items;
  Item last = Item::kEnd;
  uint64_t begin = 0;
  std::string error;

  friend bool operator==(const Read&, const Read&) = default;
};

// The first `prefix` bytes are handed over, the others come in pieces.
Read ReadLog(std::string_view text, size_t prefix, size_t piece) {
  prefix = std::min(prefix, text.size());
  StringSource source(text.substr(prefix), piece);
  CommandReader reader(source, {.max_word_bytes = 1 << 20, .max_words = 1 << 16, .prefix = text.substr(0, prefix)});
  Read read;
  for (uint64_t end = 0;; end = reader.end_offset()) {
    read.last = reader.Next();
    Require(reader.begin_offset() == end && reader.end_offset() <= text.size());
    const std::string_view whole = text.substr(end, reader.end_offset() - end);
    std::string again;
    if (read.last == Item::kCommand) {
      Require(!reader.words().empty());
      AppendCommand(again, reader.words());
      Require(again == whole);
    } else if (read.last == Item::kAnnotation) {
      Require(whole.size() <= CommandReader::kMaxAnnotationBytes);
      again = "#" + std::string(reader.annotation());
      Require(whole == again + "\n" || whole == again + "\r\n");
    } else {
      Require(reader.Next() == read.last);
      Require(read.last != Item::kFailed && (read.last != Item::kEnd || end == text.size()));
      read.begin = end;
      read.error = reader.error();
      Require(read.error.empty() == (read.last == Item::kEnd));
      return read;
    }
    read.items.push_back(again);
  }
}

void FuzzLog(std::string_view text, uint8_t choice) {
  const Read whole = ReadLog(text, 0, SIZE_MAX);
  const size_t piece = size_t{choice} + 1;
  Require(ReadLog(text, 0, piece) == whole);
  Require(ReadLog(text, piece * 3, piece) == whole);
  // What a sound log was cut off to is never taken for a damaged one.
  const std::string_view sound = text.substr(0, whole.begin);
  Require(ReadLog(sound.substr(0, sound.size() * choice / 256), 0, SIZE_MAX).last != Item::kMalformed);
}

void FuzzManifest(std::string_view text) {
  const Result<AofManifest> manifest = AofManifest::Parse(text);
  if (!manifest) {
    Require(manifest.error().code() == StatusCode::kCorruption && !manifest.error().message().empty());
    return;
  }
  const std::string rendered = manifest->Render() + "#\n";
  for (std::string_view rest = rendered; !rest.empty();) {
    const size_t line_bytes = rest.find('\n') + 1;
    // Quoting has made a name too long.
    if (line_bytes > AofManifest::kMaxLineBytes) return;
    rest.remove_prefix(line_bytes);
  }
  const Result<AofManifest> again = AofManifest::Parse(rendered);
  Require(again.has_value() && *again == *manifest);
}

}  // namespace

// The lowest bit of the first byte chooses the reader, the others the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    FuzzLog(text, data[0] / 2);
  } else {
    FuzzManifest(text);
  }
  return 0;
}
