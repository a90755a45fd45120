// What a client says of itself and of who it is: its name, its library, its password. Shared by HELLO, AUTH and CLIENT.
#pragma once

#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

// The one user there is.
inline constexpr std::string_view kDefaultUser = "default";

// True if every byte is a visible ASCII character, so that the text fits into a field of CLIENT LIST.
bool IsAttributeText(std::string_view text);

// Each answers false after having written the error reply, and writes nothing otherwise.
bool SetClientName(Context& ctx, std::string_view name);
bool Authenticate(Context& ctx, std::string_view user, std::string_view password);

// True if a new connection needs no password.
bool PasswordIsOff(const Context& ctx);

}  // namespace tidemark::commands
