// The manifest of a multi-part append-only file: which files of its directory make up the data set, in which order.
//
//   manifest = *( "#" text LF / record LF )                    ; kMaxLineBytes a line, LF included
//   record   = "file" name "seq" number "type" type *( key value )
//   type     = "b" / "h" / "i"      ; base: the data set as it once was, at most one; history: no longer needed;
//                                   ; increment: the commands since then, their numbers growing
//
// Words may be quoted (base/quoting.h), the pairs of a record stand in any order, and those that are not known are
// passed over. Known are also "startoffset" and "endoffset", the part of the replication stream that an increment
// holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace tidemark::formats {

struct AofFile {
  std::string name;  // within the directory
  uint64_t seq = 0;  // from 1 on
  std::optional<uint64_t> start_offset = {};
  std::optional<uint64_t> end_offset = {};

  friend bool operator==(const AofFile&, const AofFile&) = default;
};

struct AofManifest {
  // A longer line cannot be read back: names are to be short enough for it (any of up to 230 bytes are).
  static constexpr size_t kMaxLineBytes = 1024;

  std::optional<AofFile> base;
  std::vector<AofFile> history;
  std::vector<AofFile> increments;  // in order of their numbers

  // kCorruption for what is no manifest. The message has the number and the text of the line and, on its last line,
  // what is wrong with it.
  static Result<AofManifest> Parse(std::string_view text);
  std::string Render() const;

  friend bool operator==(const AofManifest&, const AofManifest&) = default;
};

enum class AofBaseForm : uint8_t {
  kCommands,
  kRdb,
  kCheckpoint,  // an RDB file that may point at values on flash
};

// The names of the files; `prefix` is `appendfilename`.
std::string AofManifestName(std::string_view prefix);
std::string AofBaseName(std::string_view prefix, uint64_t seq, AofBaseForm form);
// Whether that is how the bases of checkpoints are called.
bool IsCheckpointBaseName(std::string_view name);
std::string AofIncrementName(std::string_view prefix, uint64_t seq);
// Of a file that is not whole yet.
std::string AofTemporaryName(std::string_view name);

}  // namespace tidemark::formats
