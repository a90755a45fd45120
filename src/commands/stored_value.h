// The bytes of a string value wherever it lives, for commands that look at values without naming their keys.
#pragma once

#include <string>

#include "base/status.h"
#include "commands/context.h"
#include "keyspace/entry.h"

namespace tidemark::commands {

// A cold value is read from flash, waiting for it, and stays there. The error's message names the key.
Status ReadStoredString(Context& context, int database, const keyspace::Entry& entry, std::string& value);

}  // namespace tidemark::commands
