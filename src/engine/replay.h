// Runs commands that were recorded, as those of no client: no gate is asked, nothing is recorded again, and what they
// answer goes nowhere. Main thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "commands/client_state.h"
#include "commands/command_spec.h"
#include "protocol/output_buffer.h"
#include "protocol/reply_writer.h"

namespace tidemark::engine {

class Engine;
struct EngineParts;

class Replay final : private protocol::ErrorObserver {
 public:
  explicit Replay(Engine& engine);

  void SelectDatabase(int index) { client_.database = index; }
  // Brings the values that the command needs from flash, waiting for each, and runs it. kInvalidArgument: there is no
  // such command, or not with so many arguments. An error of the tier if a value cannot be read: the command has not
  // been run then.
  Status Run(std::span<const std::string_view> words);

  // Commands that have answered an error, and the first of these.
  uint64_t failed() const { return failed_; }
  const std::string& first_error() const { return first_error_; }

 private:
  // protocol::ErrorObserver
  void OnErrorReply(std::string_view text) override;
  Status LoadKeys(const commands::CommandSpec& spec, std::span<const std::string_view> words);

  Engine& engine_;
  const EngineParts& parts_;
  commands::ClientState client_;
  protocol::OutputBuffer output_;
  protocol::ReplyWriter reply_;
  std::vector<commands::KeyArgument> keys_;
  std::string_view running_;  // the name of the command
  std::string resolve_error_;
  uint64_t failed_ = 0;
  std::string first_error_;
};

}  // namespace tidemark::engine
