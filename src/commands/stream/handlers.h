// The stream commands.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void XAckCommand(Context&);
void XAckDelCommand(Context&);
void XAddCommand(Context&);
void XAutoClaimCommand(Context&);
void XCfgSetCommand(Context&);
void XClaimCommand(Context&);
void XDelCommand(Context&);
void XDelExCommand(Context&);
void XGroupCreateCommand(Context&);
void XGroupCreateConsumerCommand(Context&);
void XGroupDelConsumerCommand(Context&);
void XGroupDestroyCommand(Context&);
void XGroupHelpCommand(Context&);
void XGroupSetIdCommand(Context&);
void XIdmpRecordCommand(Context&);
void XInfoConsumersCommand(Context&);
void XInfoGroupsCommand(Context&);
void XInfoHelpCommand(Context&);
void XInfoStreamCommand(Context&);
void XLenCommand(Context&);
void XNackCommand(Context&);
void XPendingCommand(Context&);
void XRangeCommand(Context&);
void XReadCommand(Context&);
void XReadGroupCommand(Context&);
void XRevRangeCommand(Context&);
void XSetIdCommand(Context&);
void XTrimCommand(Context&);

}  // namespace tidemark::commands
