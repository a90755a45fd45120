// The command line: `[conf-file | -] [--directive value ...]`, or a request for the version or for help.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "server/config_source.h"

namespace tidemark::server {

enum class StartupAction : uint8_t { kServe, kShowVersion, kShowHelp };

struct StartupArguments {
  StartupAction action = StartupAction::kServe;
  // To be loaded in this order. Standard input is named here, not read: see ReadStandardInput.
  std::vector<ConfigSource> sources;
};

// The error's message is one line to print before ending with exit code 1.
//
// `--name` starts a directive. The argument right after it is its value whatever it looks like, so that a value may
// begin with dashes; from then on the next argument with two dashes starts another directive. `--save` alone stands for
// `--save ""`. A name and its values may also be one argument: "--port 6380".
Result<StartupArguments> ParseCommandLine(int argc, const char* const* argv);

// Fills in the lines of the sources that are standard input.
void ReadStandardInput(StartupArguments& arguments);

// "Tidemark server v=..." on one line, and the usage; both end with a line break.
std::string VersionText();
std::string HelpText();

}  // namespace tidemark::server
