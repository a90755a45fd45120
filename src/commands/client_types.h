// The kinds of client that CLIENT KILL and CLIENT LIST tell apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "commands/context.h"

namespace tidemark::commands {

enum class ClientType : uint8_t { kNormal, kReplica, kPubsub, kMaster };

ClientType TypeOf(const ClientState& client);

// The type of that name. Empty after having written the error reply.
std::optional<ClientType> ClientTypeArgument(Context& ctx, std::string_view name);

}  // namespace tidemark::commands
