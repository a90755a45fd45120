#include "commands/client_types.h"

#include <string>

#include "commands/arguments.h"
#include "commands/words.h"

namespace tidemark::commands {
namespace {

struct TypeName {
  std::string_view name;
  ClientType type;
};

constexpr TypeName kTypeNames[] = {
    {"normal", ClientType::kNormal}, {"slave", ClientType::kReplica}, {"replica", ClientType::kReplica},
    {"pubsub", ClientType::kPubsub}, {"master", ClientType::kMaster}, {"primary", ClientType::kMaster},
};

}  // namespace

// No client replicates or subscribes yet, so there is one kind to be found.
ClientType TypeOf(const ClientState&) {
  return ClientType::kNormal;
}

std::optional<ClientType> ClientTypeArgument(Context& ctx, std::string_view name) {
  for (const TypeName& entry : kTypeNames) {
    if (IsWord(name, entry.name)) return entry.type;
  }
  ctx.reply.Error("ERR Unknown client type '" + std::string(Quotable(name)) + "'");
  return std::nullopt;
}

}  // namespace tidemark::commands
