// From the words of a request to the command that is meant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "commands/command_spec.h"

namespace tidemark::commands {

// The command that `args` (not empty) names, or its subcommand, if the number of arguments fits. Otherwise null, and
// `error` is the whole error reply.
const CommandSpec* Resolve(std::span<const std::string_view> args, std::string& error);

// The same without a look at the number of arguments; null if there is no such command or subcommand. A container alone
// is the container.
const CommandSpec* LookupSpec(std::span<const std::string_view> args);

inline bool ArityFits(const CommandSpec& spec, size_t arg_count) {
  const auto count = static_cast<int64_t>(arg_count);
  return spec.arity >= 0 ? count == spec.arity : count >= -spec.arity;
}

}  // namespace tidemark::commands
