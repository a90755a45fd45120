// The sorted set commands.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void BzmpopCommand(Context&);
void BzpopmaxCommand(Context&);
void BzpopminCommand(Context&);
void ZaddCommand(Context&);
void ZcardCommand(Context&);
void ZcountCommand(Context&);
void ZdiffCommand(Context&);
void ZdiffstoreCommand(Context&);
void ZincrbyCommand(Context&);
void ZinterCommand(Context&);
void ZintercardCommand(Context&);
void ZinterstoreCommand(Context&);
void ZlexcountCommand(Context&);
void ZmpopCommand(Context&);
void ZmscoreCommand(Context&);
void ZpopmaxCommand(Context&);
void ZpopminCommand(Context&);
void ZrandmemberCommand(Context&);
void ZrangeCommand(Context&);
void ZrangebylexCommand(Context&);
void ZrangebyscoreCommand(Context&);
void ZrangestoreCommand(Context&);
void ZrankCommand(Context&);
void ZremCommand(Context&);
void ZremrangebylexCommand(Context&);
void ZremrangebyrankCommand(Context&);
void ZremrangebyscoreCommand(Context&);
void ZrevrangeCommand(Context&);
void ZrevrangebylexCommand(Context&);
void ZrevrangebyscoreCommand(Context&);
void ZrevrankCommand(Context&);
void ZscanCommand(Context&);
void ZscoreCommand(Context&);
void ZunionCommand(Context&);
void ZunionstoreCommand(Context&);

}  // namespace tidemark::commands
