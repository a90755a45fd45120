// Reads an RDB file (rdb_opcodes.h) of any version from any source, through bounded buffers: one of fixed size, and one
// that holds one value in its serialised form. Nothing in it is believed; an error says at which offset.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "formats/byte_stream.h"
#include "formats/cold_value.h"
#include "formats/rdb_input.h"
#include "formats/rdb_types.h"
#include "formats/rdb_writer.h"

namespace tidemark::formats {

// A key as the file has it. The views stay until the handler returns.
struct RdbKey {
  std::string_view name;
  RdbAttributes attributes;
  uint8_t type_tag = 0;
  std::string_view body;  // for DecodeValue
  Dialect dialect = Dialect::kRedis;
};

// A key whose value is in the flash tier (CHECKPOINT.md).
struct RdbColdKey {
  std::string_view name;
  RdbAttributes attributes;
  ColdValue value;
};

// Is told what a file holds, in its order. An error that it answers ends the reading.
class RdbHandler {
 public:
  virtual ~RdbHandler() = default;
  virtual Status OnAux(std::string_view name, std::string_view value) = 0;
  // What follows is in this database.
  virtual Status OnDatabase(uint64_t number) = 0;
  virtual Status OnFunction(std::string_view library) = 0;
  virtual Status OnKey(const RdbKey& key) = 0;
  // Refused by who has no flash tier to find the value in.
  virtual Status OnColdKey(const RdbColdKey& key);
  // Something was passed over that other servers may need; `text` says what.
  virtual void OnSkipped(const std::string& text) = 0;
};

class RdbReader {
 public:
  struct Options {
    bool verify_checksum = true;
    bool any_version =
        false;  // also versions newer than those known: what is not known of them is refused piece by piece
    uint64_t max_value_bytes = uint64_t{1} << 36;
  };

  RdbReader(ByteSource& source, RdbHandler& handler, const Options& options);

  // Reads one file from its magic to its checksum. kCorruption, with the offset in the message, if it is damaged; other
  // errors are the source's and the handler's.
  Status Run();

  // Bytes read so far.
  uint64_t offset() const { return input_.offset(); }
  // What was taken from the source behind the end of the file.
  std::string_view rest() const { return input_.rest(); }
  // The file says that it has no checksum. After Run.
  bool without_checksum() const { return without_checksum_; }

 private:
  class BodyCopier;

  Status ReadMagic();
  Status ReadParts();
  Status ReadKey(uint8_t type_tag);
  Status ReadColdKey(std::string_view name);
  Status ReadAux();
  Status ReadFunction();
  Status ReadResize();
  Status ReadModuleAux();
  Status SkipModuleItems();
  Status ReadSlotInfo();
  Status ReadSlotImport();
  Status CheckEnd();
  Result<uint64_t> Length();
  // The text stays until the next call with the same strings.
  Result<std::string_view> String(std::string& raw, std::string& scratch);

  RdbInput input_;
  RdbHandler& handler_;
  const Options options_;
  Dialect dialect_ = Dialect::kRedis;
  unsigned version_ = 0;
  bool without_checksum_ = false;
  RdbAttributes attributes_;  // of the next key
  std::string raw_;
  std::string scratch_;
  std::string value_raw_;
  std::string value_scratch_;
};

}  // namespace tidemark::formats
