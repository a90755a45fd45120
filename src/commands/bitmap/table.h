// The bitmap commands. Part of the command table, see table.cc.
#pragma once

#include <span>
#include <string_view>

#include "commands/arguments.h"
#include "commands/bitmap/handlers.h"
#include "commands/command_spec.h"

namespace tidemark::commands::bitmap_table {

inline constexpr KeyRange kReadOne[] = {{.first = 1, .last = 1, .need = KeyNeed::kString, .flags = "RO,access"}};
inline constexpr KeyRange kChange[] = {{.first = 1, .last = 1, .need = KeyNeed::kValue, .flags = "RW,access,update"}};
inline constexpr KeyRange kCombine[] = {{.first = 2, .last = 2, .need = KeyNeed::kNothing, .flags = "OW,update"},
                                        {.first = 3, .last = -1, .need = KeyNeed::kValue, .flags = "RO,access"}};
inline constexpr KeyRange kBitField[] = {{.first = 1,
                                          .last = 1,
                                          .need = KeyNeed::kValue,
                                          .flags = "RW,access,update,variable_flags",
                                          .notes = "This command allows both access and modification of the key"}};

// BITFIELD only reads if all its subcommands do. What is malformed counts as writing.
inline void RefineBitField(std::span<const std::string_view> args, std::span<KeyArgument> keys) {
  size_t i = 2;
  while (i < args.size()) {
    const size_t left = args.size() - i - 1;
    if (IsWord(args[i], "get") && left >= 2) {
      i += 3;
    } else if (IsWord(args[i], "overflow") && left >= 1) {
      i += 2;
    } else {
      return;
    }
  }
  keys[0].range = kReadOne;
}

inline constexpr CommandSpec kBitmapCommands[] = {
    {.name = "bitcount",
     .function = BitCountCommand,
     .arity = -2,
     .flags = Flag::kReadonly,
     .acl_categories = "bitmap",
     .keys = kReadOne,
     .group = "bitmap",
     .since = "2.6.0",
     .complexity = "O(N), N bytes looked at",
     .summary = "Counts the set bits of a string or of a part of it.",
     .syntax = "key:key {start:integer {end:integer (BYTE|BIT)index-unit?@7.0.0}end-index?}index?",
     .history = "7.0.0: option BYTE or BIT\n"
                "8.0.0: the end may be left out"},
    {.name = "bitfield",
     .function = BitFieldCommand,
     .arity = -2,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "bitmap",
     .keys = kBitField,
     .refine_keys = RefineBitField,
     .group = "bitmap",
     .since = "3.2.0",
     .complexity = "O(N), N subcommands",
     .summary = "Reads and changes integers of any width at any bit of a string.",
     .syntax = "key:key (GET={encoding offset:integer}encoding-offset|{OVERFLOW=(WRAP|SAT|FAIL)wrap-sat-fail? "
               "(SET={encoding offset:integer value:integer}encoding-offset-value|INCRBY={encoding offset:integer "
               "increment:integer}encoding-offset-increment)write-operation}write)operation?*"},
    {.name = "bitfield_ro",
     .function = BitFieldRoCommand,
     .arity = -2,
     .flags = Flag::kReadonly | Flag::kFast,
     .acl_categories = "bitmap",
     .keys = kReadOne,
     .group = "bitmap",
     .since = "6.0.0",
     .complexity = "O(N), N subcommands",
     .summary = "Reads integers of any width at any bit of a string.",
     .syntax = "key:key GET={encoding offset:integer}encoding-offset?+"},
    {.name = "bitop",
     .function = BitOpCommand,
     .arity = -4,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "bitmap",
     .keys = kCombine,
     .group = "bitmap",
     .since = "2.6.0",
     .complexity = "O(N), N bytes of all sources",
     .summary = "Combines strings bit by bit and stores the outcome.",
     .syntax = "(AND|OR|XOR|NOT|DIFF@8.2.0|DIFF1@8.2.0|ANDOR@8.2.0|ONE@8.2.0)operation destkey:key key:key*",
     .history = "8.2.0: operations DIFF, DIFF1, ANDOR and ONE"},
    {.name = "bitpos",
     .function = BitPosCommand,
     .arity = -3,
     .flags = Flag::kReadonly,
     .acl_categories = "bitmap",
     .keys = kReadOne,
     .group = "bitmap",
     .since = "2.8.7",
     .complexity = "O(N), N bytes looked at",
     .summary = "Finds the first set or clear bit of a string or of a part of it.",
     .syntax = "key:key bit:integer {start:integer {end:integer (BYTE|BIT)index-unit?@7.0.0}end-index?}index?",
     .history = "7.0.0: option BYTE or BIT"},
    {.name = "getbit",
     .function = GetBitCommand,
     .arity = 3,
     .flags = Flag::kReadonly | Flag::kFast,
     .acl_categories = "bitmap",
     .keys = kReadOne,
     .group = "bitmap",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Answers one bit of a string; bits behind its end are 0.",
     .syntax = "key:key offset:integer"},
    {.name = "setbit",
     .function = SetBitCommand,
     .arity = 4,
     .flags = Flag::kWrite | Flag::kDenyOom,
     .acl_categories = "bitmap",
     .keys = kChange,
     .group = "bitmap",
     .since = "2.2.0",
     .complexity = "O(1)",
     .summary = "Sets or clears one bit of a string, which grows as needed, and answers what it was.",
     .syntax = "key:key offset:integer value:integer"},
};

}  // namespace tidemark::commands::bitmap_table
