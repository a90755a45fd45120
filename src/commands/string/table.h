// The string commands. Part of the command table, see table.cc.
#pragma once

#include <span>
#include <string_view>

#include "commands/arguments.h"
#include "commands/command_spec.h"
#include "commands/string/handlers.h"
#include "commands/string/value_condition.h"

namespace tidemark::commands::string_table {

inline constexpr KeyRange kReadOne[] = {{.first = 1, .last = 1, .need = KeyNeed::kString, .flags = "RO,access"}};
inline constexpr KeyRange kReadTwo[] = {{.first = 1, .last = 2, .need = KeyNeed::kString, .flags = "RO,access"}};
inline constexpr KeyRange kReadMany[] = {{.first = 1, .last = -1, .need = KeyNeed::kString, .flags = "RO,access"}};
inline constexpr KeyRange kLength[] = {{.first = 1, .last = 1, .need = KeyNeed::kString, .flags = "RO"}};
inline constexpr KeyRange kInsert[] = {{.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,insert"}};
inline constexpr KeyRange kUpdateValue[] = {{.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,update"}};
inline constexpr KeyRange kAccessUpdate[] = {
    {.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,access,update"}};
inline constexpr KeyRange kAccessDelete[] = {
    {.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,access,delete"}};
inline constexpr KeyRange kDeleteIfEqual[] = {{.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RM,delete"}};
inline constexpr KeyRange kGetEx[] = {{.first = 1,
                                       .last = 1,
                                       .need = KeyNeed::kValue,
                                       .flags = "RW,access,update",
                                       .notes = "RW and UPDATE because it changes the TTL"}};
inline constexpr KeyRange kSet[] = {{.first = 1,
                                     .last = 1,
                                     .need = KeyNeed::kNothing,
                                     .flags = "RW,access,update,variable_flags",
                                     .notes = "RW and ACCESS due to the optional `GET` argument"}};
inline constexpr KeyRange kOverwrite[] = {{.first = 1, .last = 1, .need = KeyNeed::kNothing, .flags = "OW,update"}};
inline constexpr KeyRange kOverwritePairs[] = {
    {.first = 1, .last = -1, .step = 2, .need = KeyNeed::kNothing, .flags = "OW,update"}};
inline constexpr KeyRange kInsertNew[] = {{.first = 1, .last = 1, .need = KeyNeed::kMetadata, .flags = "OW,insert"}};
inline constexpr KeyRange kInsertPairs[] = {
    {.first = 1, .last = -1, .step = 2, .need = KeyNeed::kMetadata, .flags = "OW,insert"}};

inline constexpr KeyRange kDeleteOnCondition[] = {
    {.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,delete,variable_flags"}};
inline constexpr KeyRange kOverwriteCounted[] = {
    {.first = 1, .step = 2, .need = KeyNeed::kNothing, .flags = "OW,update", .search = KeySearch::kCount}};

// SET looks at the old value if it is to answer it or to compare it, and only at the key if it is to be there or not.
// Whatever stands after the value is looked at as a word: where it is the argument of an option the call is an error.
inline void RefineSet(std::span<const std::string_view> args, std::span<KeyArgument> keys) {
  if (args.size() == 3) return;
  for (const std::string_view word : args.subspan(3)) {
    if (IsWord(word, "get") || ValueConditionKind(word)) {
      keys[0].need = KeyNeed::kValue;
      return;
    }
    if (IsWord(word, "nx") || IsWord(word, "xx")) keys[0].need = KeyNeed::kMetadata;
  }
}

// Without a condition DELEX deletes whatever is there.
inline void RefineDelEx(std::span<const std::string_view> args, std::span<KeyArgument> keys) {
  if (args.size() == 2) keys[0].need = KeyNeed::kNothing;
}

// MSETEX looks at its keys if they are to be there or not.
inline void RefineMSetEx(std::span<const std::string_view> args, std::span<KeyArgument> keys) {
  for (size_t i = 2 + 2 * keys.size(); i < args.size(); ++i) {
    if (!IsWord(args[i], "nx") && !IsWord(args[i], "xx")) continue;
    for (KeyArgument& key : keys) key.need = KeyNeed::kMetadata;
    return;
  }
}

inline constexpr CommandSpec kStringCommands[] = {
    {.name = "append",
     .function = AppendCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kInsert,
     .group = "string",
     .since = "2.0.0",
     .complexity = "O(1) amortised",
     .summary = "Adds bytes to the end of a string, making the key if it is missing.",
     .syntax = "key:key value"},
    {.name = "decr",
     .function = DecrCommand,
     .arity = 2,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessUpdate,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Subtracts one from the integer in a key; a missing key counts as 0.",
     .syntax = "key:key"},
    {.name = "decrby",
     .function = DecrByCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessUpdate,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Subtracts a number from the integer in a key; a missing key counts as 0.",
     .syntax = "key:key decrement:integer"},
    {.name = "delex",
     .function = DelExCommand,
     .arity = -2,
     .flags = Flag::kWrite | Flag::kFast,
     .acl_categories = "string",
     .keys = kDeleteOnCondition,
     .refine_keys = RefineDelEx,
     .group = "string",
     .since = "8.4.0",
     .complexity = "O(1); O(N) for IFDEQ and IFDNE, N bytes",
     .summary = "Deletes a key, if a condition on its string holds.",
     .syntax = "key:key (IFEQ=ifeq-value|IFNE=ifne-value|IFDEQ=ifdeq-digest|IFDNE=ifdne-digest)condition?"},
    {.name = "delifeq",
     .function = DelIfEqCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kFast,
     .acl_categories = "string",
     .keys = kDeleteIfEqual,
     .group = "string",
     .since = "9.0.0",
     .complexity = "O(1)",
     .summary = "Deletes a key if its string equals the given one.",
     .syntax = "key:key value"},
    {.name = "digest",
     .function = DigestCommand,
     .arity = 2,
     .flags = Flag::kReadonly | Flag::kFast,
     .acl_categories = "string",
     .keys = kReadOne,
     .group = "string",
     .since = "8.4.0",
     .complexity = "O(N), N bytes",
     .summary = "Answers the XXH3 digest of a string.",
     .syntax = "key:key"},
    {.name = "get",
     .function = GetCommand,
     .arity = 2,
     .flags = Flag::kReadonly | Flag::kFast,
     .acl_categories = "string",
     .keys = kReadOne,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Answers the string stored in a key.",
     .syntax = "key:key"},
    {.name = "getdel",
     .function = GetDelCommand,
     .arity = 2,
     .flags = Flag::kWrite | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessDelete,
     .group = "string",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Answers the string stored in a key and deletes the key.",
     .syntax = "key:key"},
    {.name = "getex",
     .function = GetExCommand,
     .arity = -2,
     .flags = Flag::kWrite | Flag::kFast,
     .acl_categories = "string",
     .keys = kGetEx,
     .group = "string",
     .since = "6.2.0",
     .complexity = "O(1)",
     .summary = "Answers the string stored in a key, and may set or remove its expiry.",
     .syntax = "key:key "
               "(EX=seconds:integer|PX=milliseconds:integer|EXAT=unix-time-seconds:unix-time|PXAT=unix-time-"
               "milliseconds:unix-time|PERSIST)expiration?"},
    {.name = "getrange",
     .function = GetRangeCommand,
     .arity = 4,
     .flags = Flag::kReadonly,
     .acl_categories = "string",
     .keys = kReadOne,
     .group = "string",
     .since = "2.4.0",
     .complexity = "O(N), N bytes answered",
     .summary = "Answers the part of a string between two offsets.",
     .syntax = "key:key start:integer end:integer"},
    {.name = "getset",
     .function = GetSetCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessUpdate,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Stores a string and answers the one it replaced.",
     .syntax = "key:key value",
     .deprecated = "6.2.0|`SET` with the `!GET` argument"},
    {.name = "incr",
     .function = IncrCommand,
     .arity = 2,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessUpdate,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Adds one to the integer in a key; a missing key counts as 0.",
     .syntax = "key:key"},
    {.name = "incrby",
     .function = IncrByCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessUpdate,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Adds a number to the integer in a key; a missing key counts as 0.",
     .syntax = "key:key increment:integer"},
    {.name = "incrbyfloat",
     .function = IncrByFloatCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessUpdate,
     .group = "string",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Adds a floating-point number to the number in a key; a missing key counts as 0.",
     .syntax = "key:key increment:double"},
    {.name = "increx",
     .function = IncrExCommand,
     .arity = -2,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kAccessUpdate,
     .group = "string",
     .since = "8.8.0",
     .complexity = "O(1)",
     .summary = "Adds to the number in a key within bounds, and may set or remove its expiry.",
     .syntax = "key:key (BYFLOAT=float:double|BYINT=integer:integer)increment? SATURATE? LBOUND=lowerbound? "
               "UBOUND=upperbound? "
               "(EX=seconds:integer|PX=milliseconds:integer|EXAT=unix-time-seconds:unix-time|PXAT=unix-time-"
               "milliseconds:unix-time|PERSIST)expiration? ENX?"},
    {.name = "lcs",
     .function = LcsCommand,
     .arity = -3,
     .flags = Flag::kReadonly,
     .acl_categories = "string",
     .keys = kReadTwo,
     .group = "string",
     .since = "7.0.0",
     .complexity = "O(N*M), N and M the lengths of the strings",
     .summary = "Finds the longest common subsequence of two strings.",
     .syntax = "key1:key key2:key LEN? IDX? MINMATCHLEN=min-match-len:integer? WITHMATCHLEN?"},
    {.name = "mget",
     .function = MGetCommand,
     .arity = -2,
     .flags = Flag::kReadonly | Flag::kFast,
     .acl_categories = "string",
     .keys = kReadMany,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(N), N keys",
     .summary = "Answers the strings of several keys, in order.",
     .syntax = "key:key*",
     .tips = "request_policy:multi_shard"},
    {.name = "mset",
     .function = MSetCommand,
     .arity = -3,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "string",
     .keys = kOverwritePairs,
     .group = "string",
     .since = "1.0.1",
     .complexity = "O(N), N keys",
     .summary = "Stores several keys with their strings, all at once.",
     .syntax = "{key:key value}data*",
     .tips = "request_policy:multi_shard,response_policy:all_succeeded"},
    {.name = "msetex",
     .function = MSetExCommand,
     .arity = -4,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kMovableKeys,
     .acl_categories = "string",
     .keys = kOverwriteCounted,
     .refine_keys = RefineMSetEx,
     .group = "string",
     .since = "8.4.0",
     .complexity = "O(N), N keys",
     .summary = "Stores several keys with their strings and one expiry, all at once, or none.",
     .syntax = "numkeys:integer {key:key value}data* (NX|XX)condition? "
               "(EX=seconds:integer|PX=milliseconds:integer|EXAT=unix-time-seconds:unix-time|PXAT=unix-time-"
               "milliseconds:unix-time|KEEPTTL)expiration?",
     .tips = "request_policy:multi_shard,response_policy:all_succeeded"},
    {.name = "msetnx",
     .function = MSetNxCommand,
     .arity = -3,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "string",
     .keys = kInsertPairs,
     .group = "string",
     .since = "1.0.1",
     .complexity = "O(N), N keys",
     .summary = "Stores several keys with their strings, but only if none of the keys exists.",
     .syntax = "{key:key value}data*",
     .tips = "request_policy:multi_shard,response_policy:agg_min"},
    {.name = "psetex",
     .function = PSetExCommand,
     .arity = 4,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "string",
     .keys = kOverwrite,
     .group = "string",
     .since = "2.6.0",
     .complexity = "O(1)",
     .summary = "Stores a string with an expiry in milliseconds.",
     .syntax = "key:key milliseconds:integer value"},
    {.name = "set",
     .function = SetCommand,
     .arity = -3,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "string",
     .keys = kSet,
     .refine_keys = RefineSet,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Stores a string in a key, whatever the key held before; options set conditions and an expiry.",
     .syntax = "key:key value (NX|XX|IFEQ=comparison-value@8.1.0|IFNE=ifne-value@8.4.0|IFDEQ=ifdeq-digest@8.4.0|IFDNE="
               "ifdne-digest@8.4.0)condition?@2.6.12 GET?@6.2.0 "
               "(EX=seconds:integer@2.6.12|PX=milliseconds:integer@2.6.12|EXAT=unix-time-seconds:unix-time@6.2.0|PXAT="
               "unix-time-milliseconds:unix-time@6.2.0|KEEPTTL@6.0.0)expiration?",
     .history = "2.6.12: options EX, PX, NX and XX\n"
                "6.0.0: option KEEPTTL\n"
                "6.2.0: options GET, EXAT and PXAT\n"
                "7.0.0: NX and GET may be combined\n"
                "8.1.0: option IFEQ\n"
                "8.4.0: options IFNE, IFDEQ and IFDNE"},
    {.name = "setex",
     .function = SetExCommand,
     .arity = 4,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "string",
     .keys = kOverwrite,
     .group = "string",
     .since = "2.0.0",
     .complexity = "O(1)",
     .summary = "Stores a string with an expiry in seconds.",
     .syntax = "key:key seconds:integer value"},
    {.name = "setnx",
     .function = SetNxCommand,
     .arity = 3,
     .flags = Flag::kWrite | Flag::kDenyOom | Flag::kFast,
     .acl_categories = "string",
     .keys = kInsertNew,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(1)",
     .summary = "Stores a string if the key does not exist.",
     .syntax = "key:key value"},
    {.name = "setrange",
     .function = SetRangeCommand,
     .arity = 4,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "string",
     .keys = kUpdateValue,
     .group = "string",
     .since = "2.2.0",
     .complexity = "O(N), N bytes written",
     .summary = "Overwrites part of a string from an offset on, padding with zero bytes where it is too short.",
     .syntax = "key:key offset:integer value"},
    {.name = "strlen",
     .function = StrlenCommand,
     .arity = 2,
     .flags = Flag::kReadonly | Flag::kFast,
     .acl_categories = "string",
     .keys = kLength,
     .group = "string",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Answers the length of a string in bytes.",
     .syntax = "key:key"},
    {.name = "substr",
     .function = GetRangeCommand,
     .arity = 4,
     .flags = Flag::kReadonly,
     .acl_categories = "string",
     .keys = kReadOne,
     .group = "string",
     .since = "1.0.0",
     .complexity = "O(N), N bytes answered",
     .summary = "Answers the part of a string between two offsets; the older name of GETRANGE.",
     .syntax = "key:key start:integer end:integer",
     .deprecated = "2.0.0|`GETRANGE`"},
};

}  // namespace tidemark::commands::string_table
