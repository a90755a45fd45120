// One client's MULTI: the commands it has queued.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command_spec.h"

namespace tidemark::engine {

class QueuedCommand {
 public:
  QueuedCommand(const commands::CommandSpec& spec, std::span<const std::string_view> args) : spec_(&spec) {
    size_t total = 0;
    for (const std::string_view arg : args) total += arg.size();
    bytes_.reserve(total);
    lengths_.reserve(args.size());
    for (const std::string_view arg : args) {
      bytes_.append(arg);
      lengths_.push_back(static_cast<uint32_t>(arg.size()));
    }
  }

  const commands::CommandSpec& spec() const { return *spec_; }
  // Views into this object.
  std::vector<std::string_view> Args() const {
    std::vector<std::string_view> args;
    args.reserve(lengths_.size());
    size_t at = 0;
    for (const uint32_t length : lengths_) {
      args.push_back(std::string_view(bytes_).substr(at, length));
      at += length;
    }
    return args;
  }
  size_t memory_bytes() const {
    return sizeof(*this) + bytes_.capacity() + lengths_.capacity() * sizeof(lengths_.front());
  }

 private:
  const commands::CommandSpec* spec_;
  std::string bytes_;
  std::vector<uint32_t> lengths_;
};

struct Transaction {
  bool open = false;
  bool failed = false;  // a command could not be queued: EXEC will refuse
  std::vector<QueuedCommand> queue;
  commands::Flags flags;  // of all in the queue
  size_t queue_bytes = 0;

  void Add(const commands::CommandSpec& spec, std::span<const std::string_view> args) {
    queue.emplace_back(spec, args);
    queue_bytes += queue.back().memory_bytes();
    flags = flags | spec.flags;
  }
};

}  // namespace tidemark::engine
