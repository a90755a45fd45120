// Loads the files of an append-only file's manifest, in their order: a base, which is an RDB file or commands, and the
// commands since then. Main thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/status.h"
#include "commands/command_batch.h"
#include "formats/command_reader.h"
#include "keyspace/keyspace.h"
#include "persistence/aof_directory.h"
#include "persistence/file_stream.h"
#include "persistence/persistence_figures.h"
#include "persistence/persistence_options.h"
#include "persistence/rdb_load.h"
#include "tiering/flash_store.h"

namespace tidemark::persistence {

// Runs the commands of the file.
class CommandRunner {
 public:
  virtual ~CommandRunner() = default;
  // Commands of a new file follow: they begin in database 0.
  virtual void BeginFile() = 0;
  // Runs the commands. kInvalidArgument if there is no such command, with its name in the message. All errors
  // say at which offset the command stands. What a command itself answers is not an error.
  virtual Status Run(const commands::CommandBatch& batch) = 0;
};

class AofLoad {
 public:
  // The base may be that of a checkpoint, whose values are in `tier`.
  AofLoad(keyspace::Keyspace& keyspace, tiering::FlashStore& tier, const PersistenceOptions& options, LoadHost& host,
          CommandRunner& runner, Logger& log, LoadFigures& figures)
      : keyspace_(keyspace),
        tier_(tier),
        options_(options),
        host_(host),
        runner_(runner),
        log_(log),
        figures_(figures) {}

  // Nothing expires meanwhile, as the files say what has gone. A last file that ends within a command or a transaction
  // is cut there if aof-load-truncated allows that. kCorruption, with the path and the offset in the message, if a file
  // is damaged; what came before the damage is in the keyspace then.
  Status Run(const AofDirectory& directory);
  const LoadResult& result() const { return result_; }

 private:
  // Commands are run so many at a time, or so many bytes.
  static constexpr size_t kBatchCommands = 128;
  static constexpr size_t kBatchBytes = 256 * 1024;
  static constexpr int64_t kLogEveryUs = 5'000'000;
  enum class Place : uint8_t { kInner, kLast };

  struct OpenTransaction {
    bool open = false;
    uint64_t begin = 0;  // offset of its MULTI
    commands::CommandBatch queue;
    std::vector<std::vector<std::string>> functions;  // commands that are about those, and not among the others
  };

  Status LoadFile(const std::string& path, Place place);
  Status LoadCommands(const std::string& path, FileSource& source, const formats::CommandReader::Options& options,
                      Place place);
  Status Take(const std::string& path, std::span<const std::string_view> words, uint64_t offset);
  Status TakeFunction(const std::string& path, std::span<const std::string_view> words, uint64_t offset);
  Status RunBatch(const std::string& path, const commands::CommandBatch& batch);
  Status CutShort(const std::string& path, uint64_t at, Place place);
  Status LookAround();

  keyspace::Keyspace& keyspace_;
  tiering::FlashStore& tier_;
  const PersistenceOptions& options_;
  LoadHost& host_;
  CommandRunner& runner_;
  Logger& log_;
  LoadFigures& figures_;
  LoadResult result_;
  OpenTransaction transaction_;
  commands::CommandBatch batch_;
  uint64_t loaded_before_ = 0;  // bytes of the files before this one
  uint64_t commands_ = 0;
  uint64_t next_events_at_ = 0;
  int64_t next_log_us_ = 0;
};

}  // namespace tidemark::persistence
