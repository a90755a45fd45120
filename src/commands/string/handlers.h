// The string commands.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void AppendCommand(Context&);
void DecrCommand(Context&);
void DecrByCommand(Context&);
void DelExCommand(Context&);
void DelIfEqCommand(Context&);
void DigestCommand(Context&);
void GetCommand(Context&);
void GetDelCommand(Context&);
void GetExCommand(Context&);
void GetRangeCommand(Context&);
void GetSetCommand(Context&);
void IncrCommand(Context&);
void IncrByCommand(Context&);
void IncrByFloatCommand(Context&);
void IncrExCommand(Context&);
void LcsCommand(Context&);
void MGetCommand(Context&);
void MSetCommand(Context&);
void MSetExCommand(Context&);
void MSetNxCommand(Context&);
void PSetExCommand(Context&);
void SetCommand(Context&);
void SetExCommand(Context&);
void SetNxCommand(Context&);
void SetRangeCommand(Context&);
void StrlenCommand(Context&);

}  // namespace tidemark::commands
