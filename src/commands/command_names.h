// How COMMAND spells flags and ACL categories.
#pragma once

#include <string_view>
#include <vector>

#include "commands/command_spec.h"

namespace tidemark::commands {

// In the order in which COMMAND INFO has them.
std::vector<std::string_view> FlagNames(Flags flags);

// Without '@': those the spec names and those its flags imply.
std::vector<std::string_view> AclCategories(const CommandSpec& spec);

}  // namespace tidemark::commands
