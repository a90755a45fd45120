// The libraries of functions that files bring along. They cannot be called; what files and logs say of them is
// followed, so that the next file holds those that another server would have.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace tidemark::persistence {

// Does to `libraries`, which are the sources, what a FUNCTION command of a log says: LOAD [REPLACE], DELETE, FLUSH,
// RESTORE. kInvalidArgument for what is no such command.
Status ApplyFunctionCommand(std::span<const std::string_view> words, std::vector<std::string>& libraries);

}  // namespace tidemark::persistence
