// SORT and SORT_RO.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void SortCommand(Context&);
void SortRoCommand(Context&);

}  // namespace tidemark::commands
