// The commands of transactions. Part of the command table, see table.cc.
#pragma once

#include "commands/command_spec.h"
#include "commands/transaction/handlers.h"

namespace tidemark::commands::transaction_table {

inline constexpr KeyRange kWatched[] = {{.first = 1, .last = -1, .need = KeyNeed::kMetadata, .flags = "RO"}};
inline constexpr Flags kAtOnce = Flag::kNoScript | Flag::kLoading | Flag::kStale | Flag::kFast | Flag::kAllowBusy;

inline constexpr CommandSpec kTransactionCommands[] = {
    {.name = "discard",
     .function = DiscardCommand,
     .arity = 1,
     .flags = kAtOnce,
     .acl_categories = "transaction",
     .group = "transactions",
     .since = "2.0.0",
     .complexity = "O(N), N queued commands",
     .summary = "Drops the queued commands of a transaction and its watches."},
    {.name = "exec",
     .function = ExecCommand,
     .arity = 1,
     .flags = Flag::kNoScript | Flag::kLoading | Flag::kStale | Flag::kSkipSlowlog,
     .acl_categories = "transaction",
     .group = "transactions",
     .since = "1.2.0",
     .complexity = "That of the queued commands",
     .summary = "Runs the queued commands of a transaction, unless a watched key has changed."},
    {.name = "multi",
     .function = MultiCommand,
     .arity = 1,
     .flags = kAtOnce,
     .acl_categories = "transaction",
     .group = "transactions",
     .since = "1.2.0",
     .complexity = "O(1)",
     .summary = "Begins a transaction: what follows is queued until EXEC."},
    {.name = "unwatch",
     .function = UnwatchCommand,
     .arity = 1,
     .flags = kAtOnce,
     .acl_categories = "transaction",
     .group = "transactions",
     .since = "2.2.0",
     .complexity = "O(N), N watched keys",
     .summary = "Forgets the keys that the client watches."},
    {.name = "watch",
     .function = WatchCommand,
     .arity = -2,
     .flags = kAtOnce,
     .acl_categories = "transaction",
     .keys = kWatched,
     .group = "transactions",
     .since = "2.2.0",
     .complexity = "O(1) for each key",
     .summary = "Has the next EXEC refuse if one of the keys changes before it.",
     .syntax = "key:key*"},
};

}  // namespace tidemark::commands::transaction_table
