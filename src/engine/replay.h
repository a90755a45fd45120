// Runs commands that were recorded, as those of no client: no gate is asked, nothing is recorded again, and what they
// answer goes nowhere. Main thread.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "commands/client_state.h"
#include "commands/command_batch.h"
#include "commands/command_spec.h"
#include "protocol/output_buffer.h"
#include "protocol/reply_writer.h"
#include "tiering/flash_store.h"

namespace tidemark::engine {

class Engine;
struct EngineParts;

class Replay final : private protocol::ErrorObserver {
 public:
  // `make_room` is called now and then, when values have been brought back: it returns when there is memory for more;
  // an error ends the run.
  Replay(Engine& engine, std::function<Status()> make_room);

  void SelectDatabase(int index) { client_.database = index; }
  // Brings the values that the commands need from flash, many at a time, and runs one after the other.
  // kInvalidArgument: there is no such command, or not with so many arguments; the message names it. An error of the
  // tier if a value cannot be read: the command has not been run then. kCorruption: it is for a database that there is
  // not.
  Status Run(const commands::CommandBatch& batch);

  // Commands that have answered an error, and the first of these.
  uint64_t failed() const { return failed_; }
  const std::string& first_error() const { return first_error_; }

 private:
  // protocol::ErrorObserver
  void OnErrorReply(std::string_view text) override;
  // A cold value that one of the commands needs.
  struct Wanted {
    int database = 0;
    std::string_view key;  // in the batch
    uint64_t hash = 0;
    tiering::Locator locator;
  };
  // Of reads for one batch, and of values brought back between two calls of `make_room`.
  static constexpr uint64_t kPrefetchedBytes = 4 << 20;

  void Prefetch(const commands::CommandBatch& batch);
  void CollectWanted(std::span<const std::string_view> words, int database, std::vector<Wanted>& wanted);
  Status RunOne(std::span<const std::string_view> words);
  Status LoadKeys(const commands::CommandSpec& spec, std::span<const std::string_view> words);

  Engine& engine_;
  const EngineParts& parts_;
  const std::function<Status()> make_room_;
  uint64_t loaded_bytes_ = 0;  // since it was called
  commands::ClientState client_;
  protocol::OutputBuffer output_;
  protocol::ReplyWriter reply_;
  std::vector<commands::KeyArgument> keys_;
  std::string_view running_;  // the name of the command
  std::string resolve_error_;
  bool too_few_databases_ = false;
  uint64_t failed_ = 0;
  std::string first_error_;
};

}  // namespace tidemark::engine
