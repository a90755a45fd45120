// The commands that see a string as bits.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void BitCountCommand(Context&);
void BitFieldCommand(Context&);
void BitFieldRoCommand(Context&);
void BitOpCommand(Context&);
void BitPosCommand(Context&);
void GetBitCommand(Context&);
void SetBitCommand(Context&);

}  // namespace tidemark::commands
