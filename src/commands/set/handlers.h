// The set commands.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void SAddCommand(Context&);
void SCardCommand(Context&);
void SDiffCommand(Context&);
void SDiffCardCommand(Context&);
void SDiffStoreCommand(Context&);
void SInterCommand(Context&);
void SInterCardCommand(Context&);
void SInterStoreCommand(Context&);
void SIsMemberCommand(Context&);
void SMembersCommand(Context&);
void SMIsMemberCommand(Context&);
void SMoveCommand(Context&);
void SPopCommand(Context&);
void SRandMemberCommand(Context&);
void SRemCommand(Context&);
void SScanCommand(Context&);
void SUnionCommand(Context&);
void SUnionCardCommand(Context&);
void SUnionStoreCommand(Context&);

}  // namespace tidemark::commands
