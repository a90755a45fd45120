// The commands about the flash tier. Part of the command table, see table.cc.
#pragma once

#include <span>
#include <string_view>

#include "commands/command_spec.h"
#include "commands/handlers.h"

namespace tidemark::commands::tier_table {

inline constexpr KeyRange kWhere[] = {{.first = 2, .last = 2, .need = KeyNeed::kMetadata, .flags = "RO"}};
inline constexpr KeyRange kSpillMany[] = {{.first = 2, .last = -1, .need = KeyNeed::kMetadata, .flags = "RO"}};
inline constexpr KeyRange kLoadMany[] = {{.first = 2, .last = -1, .need = KeyNeed::kValue, .flags = "RO"}};

inline constexpr CommandSpec kTierSubcommands[] = {
    {.name = "tier|checkpoint",
     .function = TierCheckpointCommand,
     .arity = 2,
     .flags = Flag::kAdmin | Flag::kNoScript,
     .group = "server",
     .since = "0.1.0",
     .complexity = "O(1)",
     .summary = "Starts to write a base of the append-only file that names the values on flash."},
    {.name = "tier|compact",
     .function = TierCompactCommand,
     .arity = 2,
     .flags = Flag::kAdmin | Flag::kNoScript,
     .group = "server",
     .since = "0.1.0",
     .complexity = "O(1)",
     .summary = "Starts to reclaim the space of dead records on flash."},
    {.name = "tier|help",
     .function = TierHelpCommand,
     .arity = 2,
     .flags = Flag::kLoading | Flag::kStale,
     .group = "server",
     .since = "0.1.0",
     .complexity = "O(1)",
     .summary = "Explains the subcommands."},
    {.name = "tier|load",
     .function = TierLoadCommand,
     .arity = -3,
     .flags = Flag::kReadonly,
     .acl_categories = "keyspace",
     .keys = kLoadMany,
     .group = "server",
     .since = "0.1.0",
     .complexity = "O(N), N keys",
     .summary = "Brings the values of keys back from flash to RAM.",
     .syntax = "key:key*"},
    {.name = "tier|spill",
     .function = TierSpillCommand,
     .arity = -3,
     .flags = Flag::kReadonly,
     .acl_categories = "keyspace",
     .keys = kSpillMany,
     .group = "server",
     .since = "0.1.0",
     .complexity = "O(N), N keys",
     .summary = "Starts to move the values of keys to flash.",
     .syntax = "key:key*"},
    {.name = "tier|stats",
     .function = TierStatsCommand,
     .arity = 2,
     .flags = Flag::kLoading | Flag::kStale,
     .group = "server",
     .since = "0.1.0",
     .complexity = "O(1)",
     .summary = "Answers the figures of the flash tier.",
     .tips = "nondeterministic_output"},
    {.name = "tier|where",
     .function = TierWhereCommand,
     .arity = 3,
     .flags = Flag::kReadonly,
     .acl_categories = "keyspace",
     .keys = kWhere,
     .group = "server",
     .since = "0.1.0",
     .complexity = "O(1)",
     .summary = "Answers where the value of a key is: RAM, flash, or on the way.",
     .syntax = "key:key",
     .tips = "nondeterministic_output"},
};

inline constexpr CommandSpec kTierCommands[] = {
    {.name = "tier",
     .arity = -2,
     .subcommands = kTierSubcommands,
     .group = "server",
     .since = "0.1.0",
     .complexity = "Depends on the subcommand",
     .summary = "Groups the commands about the flash tier."},
};

}  // namespace tidemark::commands::tier_table
