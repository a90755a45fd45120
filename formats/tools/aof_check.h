// Checking one file of an append-only log, which may begin with an RDB file, and cutting it where it is damaged or
// where a time has come. What is found is printed on standard output, in the words of redis-check-aof.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tidemark::formats {

enum class AofVerdict : uint8_t {
  kValid,
  kEmpty,
  kInvalid,      // and left as it is
  kFixed,        // cut behind the last whole command or transaction
  kCutToTime,    // cut in front of what was done later
  kCannotCheck,  // and why is printed
};

struct AofCheckOptions {
  bool fix = false;                   // asks on standard input before it cuts anything
  std::optional<int64_t> until = {};  // Unix time, seconds
};

struct AofCheckTarget {
  std::string name;  // for what is printed
  std::string path;
  // Only the last file of a log may be cut.
  bool last = true;
};

AofVerdict CheckAof(const AofCheckTarget& target, const AofCheckOptions& options);

// Whether the file begins as an RDB file does.
bool BeginsAsRdb(const std::string& path);

}  // namespace tidemark::formats
