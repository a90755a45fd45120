// The HyperLogLog commands.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void PfAddCommand(Context&);
void PfCountCommand(Context&);
void PfDebugCommand(Context&);
void PfMergeCommand(Context&);
void PfSelfTestCommand(Context&);

}  // namespace tidemark::commands
