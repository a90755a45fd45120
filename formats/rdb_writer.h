// Writes an RDB file (rdb_opcodes.h) in the form that Redis 7.0 and all later servers read, to any sink, through a
// buffer of its own. Keys whose values Redis 7.0 does not know (hashes with fields that expire) are written in the form
// of the first version that does. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/byte_stream.h"
#include "formats/cold_value.h"
#include "formats/rdb_string.h"

namespace tidemark::formats {

// What goes with a key beside its value.
struct RdbAttributes {
  std::optional<int64_t> expiry_ms = {};  // Unix time
  // At most one of the two.
  std::optional<uint64_t> idle_seconds = {};
  std::optional<uint8_t> frequency = {};
};

class RdbWriter {
 public:
  struct Options {
    bool checksum = true;
    StringForm strings = StringForm::kCompressed;
  };

  RdbWriter(ByteSink& sink, const Options& options);

  // Once each, first and last. Errors are the sink's.
  void Begin();
  Status End();

  // In front of the first database.
  void AddAux(std::string_view name, std::string_view value);
  // The source of a library of functions.
  void AddFunction(std::string_view library);
  // What follows is in this database, which has so many keys.
  void SelectDatabase(uint64_t number, uint64_t keys, uint64_t expiring);

  // `encode(std::string& out)` appends the body of the value to `out` and answers Result<uint8_t>, the type byte.
  template <typename Encode>
  Status AddKey(std::string_view key, const RdbAttributes& attributes, Encode&& encode) {
    const size_t type_at = BeginKey(key, attributes);
    const Result<uint8_t> type_tag = encode(buffer_);
    if (!type_tag) return type_tag.error();
    buffer_[type_at] = static_cast<char>(*type_tag);
    return buffer_.size() < kBufferBytes ? Status::Ok() : Flush();
  }

  // A key whose value is in the flash tier: the file is a checkpoint's base (CHECKPOINT.md).
  Status AddColdKey(std::string_view key, const RdbAttributes& attributes, const ColdValue& value);

  // Handed to the sink so far.
  uint64_t bytes_written() const { return bytes_written_; }

 private:
  static constexpr size_t kBufferBytes = 64 * 1024;

  // Writes what stands in front of a value; answers where its type byte is.
  size_t BeginKey(std::string_view key, const RdbAttributes& attributes);
  Status Flush();

  ByteSink& sink_;
  const Options options_;
  std::string buffer_;
  uint64_t crc_ = 0;
  uint64_t bytes_written_ = 0;
};

}  // namespace tidemark::formats
