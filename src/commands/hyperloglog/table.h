// The HyperLogLog commands. Part of the command table, see table.cc.
#pragma once

#include "commands/command_spec.h"
#include "commands/hyperloglog/handlers.h"

namespace tidemark::commands::hyperloglog_table {

inline constexpr KeyRange kInsert[] = {{.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,insert"}};
inline constexpr KeyRange kCount[] = {
    {.first = 1,
     .last = -1,
     .need = KeyNeed::kValue,
     .flags = "RW,access",
     .notes = "RW because it may change the internal representation of the key, and propagate to replicas"}};
inline constexpr KeyRange kMerge[] = {{.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,access,insert"},
                                      {.first = 2, .last = -1, .need = KeyNeed::kValue, .flags = "RO,access"}};
inline constexpr KeyRange kDebug[] = {{.first = 2, .last = 2, .need = KeyNeed::kValue, .flags = "RW,access"}};

inline constexpr CommandSpec kHyperLogLogCommands[] = {
    {.name = "pfadd",
     .function = PfAddCommand,
     .arity = -2,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "hyperloglog",
     .keys = kInsert,
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "O(1) an element",
     .summary = "Adds elements to a HyperLogLog, making the key if it is missing.",
     .syntax = "key:key element?*"},
    {.name = "pfcount",
     .function = PfCountCommand,
     .arity = -2,
     .flags = Flag::kReadonly | Flag::kMayReplicate,
     .acl_categories = "hyperloglog",
     .keys = kCount,
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "O(1) for one key whose count is known, else O(N), N keys, with a large constant",
     .summary = "Estimates how many different elements were added to one HyperLogLog, or to several together.",
     .syntax = "key:key*"},
    {.name = "pfdebug",
     .function = PfDebugCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kAdmin,
     .acl_categories = "hyperloglog",
     .keys = kDebug,
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "N/A",
     .summary = "Shows or changes how a HyperLogLog is stored: GETREG, DECODE, ENCODING, TODENSE.",
     .syntax = "subcommand key:key",
     .doc_flags = "syscmd"},
    {.name = "pfmerge",
     .function = PfMergeCommand,
     .arity = -2,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "hyperloglog",
     .keys = kMerge,
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "O(N), N HyperLogLogs, with a large constant",
     .summary = "Merges HyperLogLogs into one.",
     .syntax = "destkey:key sourcekey:key?*"},
    {.name = "pfselftest",
     .function = PfSelfTestCommand,
     .arity = 1,
     .flags = Flag::kAdmin,
     .acl_categories = "hyperloglog",
     .group = "hyperloglog",
     .since = "2.8.9",
     .complexity = "N/A",
     .summary = "Checks the arithmetic of HyperLogLogs on this machine.",
     .doc_flags = "syscmd"},
};

}  // namespace tidemark::commands::hyperloglog_table
