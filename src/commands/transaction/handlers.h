// The commands of transactions.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void DiscardCommand(Context&);
void ExecCommand(Context&);
void MultiCommand(Context&);
void UnwatchCommand(Context&);
void WatchCommand(Context&);

}  // namespace tidemark::commands
