// The list commands.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void BLMoveCommand(Context&);
void BLMoveMCommand(Context&);
void BLMPopCommand(Context&);
void BLPopCommand(Context&);
void BRPopCommand(Context&);
void BRPopLPushCommand(Context&);
void LIndexCommand(Context&);
void LInsertCommand(Context&);
void LLenCommand(Context&);
void LMoveCommand(Context&);
void LMoveMCommand(Context&);
void LMPopCommand(Context&);
void LPopCommand(Context&);
void LPosCommand(Context&);
void LPushCommand(Context&);
void LPushXCommand(Context&);
void LRangeCommand(Context&);
void LRemCommand(Context&);
void LSetCommand(Context&);
void LTrimCommand(Context&);
void RPopCommand(Context&);
void RPopLPushCommand(Context&);
void RPushCommand(Context&);
void RPushXCommand(Context&);

}  // namespace tidemark::commands
