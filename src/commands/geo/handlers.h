// The commands on places, which are kept in sorted sets as 52-bit geohashes.
#pragma once

#include "commands/context.h"

namespace tidemark::commands {

void GeoaddCommand(Context&);
void GeodistCommand(Context&);
void GeohashCommand(Context&);
void GeoposCommand(Context&);
void GeoradiusCommand(Context&);
void GeoradiusRoCommand(Context&);
void GeoradiusbymemberCommand(Context&);
void GeoradiusbymemberRoCommand(Context&);
void GeosearchCommand(Context&);
void GeosearchstoreCommand(Context&);

}  // namespace tidemark::commands
