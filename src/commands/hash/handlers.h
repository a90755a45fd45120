// The hash commands.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void HDelCommand(Context&);
void HExistsCommand(Context&);
void HExpireCommand(Context&);
void HExpireAtCommand(Context&);
void HExpireTimeCommand(Context&);
void HGetCommand(Context&);
void HGetAllCommand(Context&);
void HGetDelCommand(Context&);
void HGetExCommand(Context&);
void HImportDiscardCommand(Context&);
void HImportDiscardAllCommand(Context&);
void HImportPrepareCommand(Context&);
void HImportSetCommand(Context&);
void HIncrByCommand(Context&);
void HIncrByFloatCommand(Context&);
void HKeysCommand(Context&);
void HLenCommand(Context&);
void HMGetCommand(Context&);
void HMSetCommand(Context&);
void HPersistCommand(Context&);
void HPExpireCommand(Context&);
void HPExpireAtCommand(Context&);
void HPExpireTimeCommand(Context&);
void HPTtlCommand(Context&);
void HRandFieldCommand(Context&);
void HScanCommand(Context&);
void HSetCommand(Context&);
void HSetExCommand(Context&);
void HSetNxCommand(Context&);
void HStrlenCommand(Context&);
void HTtlCommand(Context&);
void HValsCommand(Context&);

}  // namespace tidemark::commands
