// The reply of a container's HELP subcommand.
#pragma once

#include <initializer_list>
#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

// `container` in upper case. Each line is sent as it is, between the opening line and the lines on HELP itself.
void ReplyHelp(Context& context, std::string_view container, std::initializer_list<std::string_view> lines);

// The error for a subcommand that the table admits but whose arguments do not fit.
void ReplySubcommandSyntaxError(Context& context);

}  // namespace tidemark::commands
